import { DeviceError } from '../../../core/errors.js'
import { control, failures } from './control-block.js'
import { type RunningWorker, spawn } from './spawn.js'
import { defaultThreads, maySleep } from './support.js'
import { workerVersion } from './worker-script.js'

export interface ThreadPoolOptions {
  /** Shared, with the bytes from 0 to `control.end` for the pool alone, all zero. */
  readonly memory: WebAssembly.Memory
  /** The module of routines, compiled for shared memory. */
  readonly routines: WebAssembly.Module
  /** The address of scratch memory for one more thread; asked for once per thread, never given back. */
  readonly scratch: () => number
}

export interface ThreadOptions {
  /** Where the worker's script is served as a file, for pages whose content security policy forbids blob URLs. */
  readonly url?: string | URL
}

const mostThreads = 256
/** Naps of 10 ms: half a minute. */
const defaultPatience = 3000
const nap = 10
/** About 50 µs: longer than what usually lies between two forks of a step. */
const defaultSpins = 50_000

/**
 * The workers that help with the forks of one memory. They start at the first `start()`, join when they are ready, and
 * do not keep the process alive. Without any, forks run on the calling thread.
 */
export class ThreadPool {
  readonly #options: ThreadPoolOptions
  readonly #words: Int32Array
  readonly #sleeps: boolean
  /** Scratch memory by the number of the thread. */
  readonly #scratch: number[] = []
  /** Workers that have not ended, among them those that were told to leave. */
  readonly #workers = new Set<RunningWorker>()
  #size: number
  #url: string | URL | null = null
  #started = false
  #reason: string | null
  #crew = 0
  /** Whether one of the workers that have not ended may still do a chunk of a job that is over. */
  #haunted = false

  constructor(options: ThreadPoolOptions) {
    this.#options = options
    this.#words = new Int32Array(options.memory.buffer, 0, control.end / 4)
    this.#sleeps = maySleep()
    this.#set(control.sleeps, this.#sleeps ? 1 : 0)
    this.#set(control.workerSpins, defaultSpins)
    this.#set(control.forkSpins, defaultSpins)
    this.#set(control.patience, defaultPatience)
    // No worker belongs to the first crew's predecessor, so nobody is ready.
    this.#dismiss()
    this.#size = defaultThreads()
    this.#reason = this.#size === 1 ? 'there is one core here' : null
  }

  /** Threads that work on a fork once all have joined, the calling one among them. */
  get size(): number {
    return this.#size
  }
  /** Why there is only one thread, or what happened to a worker; null where all is well. */
  get reason(): string | null {
    return this.#reason
  }
  /** Whether a worker has joined. */
  get joined(): boolean {
    return Atomics.load(this.#words, control.ready / 4) === this.#crew
  }

  /** Starts the workers, if that was not done yet. They join later; nobody needs to wait for them. */
  start(): void {
    if (this.#started || this.#size === 1 || this.#haunted) return
    this.#started = true
    for (let k = 1; k < this.#size; k++) {
      try {
        this.#hire((this.#scratch[k] ??= this.#options.scratch()))
      } catch (error) {
        this.#size = k
        this.#reason = `a worker could not be started: ${(error as Error).message}`
      }
    }
  }

  /** Sets the number of threads; workers start anew at the next `start()`. */
  resize(size: number, { url }: ThreadOptions = {}): void {
    if (!Number.isInteger(size) || size < 1 || size > mostThreads)
      throw new RangeError(`setThreads: the number of threads must be an integer from 1 to ${mostThreads}, got ${size}`)
    this.#dismiss()
    this.#size = size
    this.#url = url ?? this.#url
    this.#started = false
    this.#reason = size === 1 ? 'one thread was asked for' : null
  }

  /**
   * Brings the pool in order after a call into WebAssembly threw: ends the job that was running, if any. Returns what to
   * throw: `error`, or a DeviceError if a worker was the cause. What the job wrote is then undefined.
   */
  settle(error: unknown): unknown {
    if (this.#get(control.busy) === 0) return error
    const lost = this.#get(control.failure) === failures.lost || !this.#cancel()
    const thrown = this.#get(control.failure) === failures.thrown ? this.#message() : null
    if (lost) this.#abandon()
    this.#set(control.failure, failures.none)
    this.#set(control.awaited, 0)
    this.#set(control.busy, 0)
    if (lost) return new DeviceError(`wasm: ${this.#reason}`)
    return thrown === null ? error : new DeviceError(`wasm: a step failed in a worker: ${thrown}`)
  }

  #hire(scratch: number): void {
    const { memory, routines } = this.#options
    const crew = this.#crew
    const worker = spawn({ memory, routines, scratch, crew, version: workerVersion }, this.#url, {
      ended: (problem) => {
        this.#workers.delete(worker)
        if (this.#workers.size === 0) this.#haunted = false
        if (crew !== this.#crew) return
        this.#size--
        this.#reason = `a worker ended: ${problem ?? 'it was terminated'}`
        if (this.#size === 1) this.#dismiss()
      },
      refused: (problem) => {
        this.#reason = `a worker could not load a program: ${problem}`
      },
    })
    this.#workers.add(worker)
  }

  /** Lets all workers leave, and forks run on the calling thread. */
  #dismiss(): void {
    this.#crew++
    Atomics.store(this.#words, control.crew / 4, this.#crew)
    Atomics.add(this.#words, control.job / 4, 1)
    Atomics.notify(this.#words, control.job / 4)
  }

  /** Lets nobody claim any more of the current job and waits for what is claimed; false if that does not end. */
  #cancel(): boolean {
    const claims = new BigInt64Array(this.#options.memory.buffer, control.unclaimed, 1)
    let left: bigint
    for (;;) {
      const claim = Atomics.load(claims, 0)
      left = claim & 0xffffffffn
      if (Atomics.compareExchange(claims, 0, claim, claim - left) === claim) break
    }
    const target = this.#get(control.chunks) - Number(left) - this.#get(control.own)
    Atomics.store(this.#words, control.awaited / 4, target)
    for (let naps = this.#get(control.patience); naps > 0; naps--) {
      const done = Atomics.load(this.#words, control.done / 4)
      if (done === target) return true
      this.#nap(done)
      if (Atomics.load(this.#words, control.done / 4) !== done) naps = this.#get(control.patience)
    }
    return false
  }

  /** Gives up all workers, since one of them holds a chunk and says nothing. */
  #abandon(): void {
    this.#dismiss()
    this.#size = 1
    this.#haunted = true
    this.#reason =
      'a worker was lost in the middle of a step; what the step wrote is lost, and there is one thread until setThreads(n)'
    for (const worker of this.#workers) worker.terminate()
    // Time for the engine to stop one that is merely slow, before anybody uses the memory that it writes to.
    for (let k = 0; k < 10; k++) this.#nap(Atomics.load(this.#words, control.done / 4))
  }

  #nap(done: number): void {
    if (this.#sleeps) {
      Atomics.wait(this.#words, control.done / 4, done, nap)
      return
    }
    const end = performance.now() + nap
    while (performance.now() < end && Atomics.load(this.#words, control.done / 4) === done);
  }

  #message(): string {
    const bytes = new Uint8Array(this.#options.memory.buffer, control.message, this.#get(control.messageLength))
    return String.fromCharCode(...bytes)
  }

  #get(address: number): number {
    return this.#words[address / 4]!
  }
  #set(address: number, value: number): void {
    this.#words[address / 4] = value
  }
}
