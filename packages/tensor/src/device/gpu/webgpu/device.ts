import type { StoredDType, TypedArray } from '../../../core/dtype.js'
import { DeviceError } from '../../../core/errors.js'
import type { Schedule } from '../../../program/schedule.js'
import type { CompileOptions, Device, DeviceBuffer, Executable, ReservedMemory } from '../../device.js'
import type { GpuContext } from '../adapter.js'
import { type Block, BlockPool, type Fault } from './blocks.js'
import { bufferOf, Handle, handleOf, openFaults } from './handle.js'
import { elementsOf, wordsOf } from './host-words.js'
import { LoopCounters } from './loop-counters.js'
import { Pipelines } from './pipelines.js'
import { type GpuProgram, linkProgram } from './program.js'
import { WorkQueue } from './queue.js'
import { type Counters, Recorder } from './recorder.js'
import { type Frame, record, type RunContext } from './run.js'
import { Staging } from './staging.js'

/** Uploads up to this many bytes are kept on the host, too, so that reading them back needs no wait. */
const keptBytes = 2 ** 16
/** Dispatches of operations run one by one that are submitted together. */
const gathered = 32

/** WebGPU: kernels in WGSL, everything of one call in one submission, values read when asked for. */
export class WebGpuDevice implements Device {
  readonly name: string = 'gpu'
  readonly description: string
  readonly #device: GPUDevice
  readonly #counters: Counters = {
    uploads: 0,
    uploadedBytes: 0,
    downloads: 0,
    downloadedBytes: 0,
    dispatches: 0,
    submits: 0,
  }
  readonly #recorder: Recorder
  readonly #pool: BlockPool
  readonly #pipelines: Pipelines
  readonly #staging: Staging
  readonly #queue = new WorkQueue()
  readonly #run: RunContext
  /** Gives buffers back whose tensors the garbage collector took. */
  readonly #collected = new FinalizationRegistry<Block>((block) => this.#pool.give(block))
  #workspace: Block
  #arguments: Block
  #lost: DeviceError | null = null
  /** What a callback of the user threw, for the next read. */
  #failure: DeviceError | null = null
  /** Calls so far, and how many of them are known to have been done. */
  #calls = 0
  #done = 0
  /** What the driver refused, with the calls that may have been lost by it: it drops whole submissions. */
  readonly #refused: { readonly after: number; readonly upTo: number; readonly fault: Fault }[] = []
  #flushing = false

  constructor(context: GpuContext, limit: number = context.software ? 2 ** 30 : 2 ** 32) {
    this.description = context.description
    const { device } = context
    this.#device = device
    this.#recorder = new Recorder(device, this.#counters)
    this.#pool = new BlockPool(device, limit, () => {
      this.#recorder.flush()
      return !this.#queue.blocked
    })
    this.#pipelines = new Pipelines(device)
    this.#staging = new Staging(device, this.#recorder, this.#counters)
    this.#workspace = this.#pool.take(256)
    this.#arguments = this.#createArguments(64)
    this.#run = {
      device,
      recorder: this.#recorder,
      loops: new LoopCounters(device),
      fail: (error) => (this.#failure ??= new DeviceError(`gpu: ${error.message}`, { cause: error })),
      refusals: () => this.#refused.length,
      read: (buffer, word, words) => this.#staging.read(buffer, word, words),
      called: Promise.resolve(),
    }
    void context.lost.then(({ reason, message }) => {
      this.#lost = new DeviceError(
        `gpu: the device was lost, and with it the values of its tensors: ${message || reason}; call await init('gpu') to open it anew`,
      )
    })
    device.onuncapturederror = ({ error }) => {
      const refusal = new DeviceError(`gpu: the driver refused a command: ${error.message}`)
      const known = this.#refused.at(-1)
      if (known?.after === this.#done && known.upTo === this.#calls) return
      this.#refused.push({ after: this.#done, upTo: this.#calls, fault: { error: refusal, settled: true } })
    }
  }

  /** What was done so far. */
  stats(): Counters & { readonly pipelines: number } {
    return { ...this.#counters, pipelines: this.#pipelines.made }
  }

  reserve(): ReservedMemory {
    return { reserved: this.#pool.reserved, spills: 0 }
  }

  #check(): void {
    if (this.#lost !== null) throw this.#lost
  }

  #createArguments(words: number): Block {
    const buffer = this.#device.createBuffer({ size: 4 * words, usage: 0x80 | 0x100 }) // STORAGE, INDIRECT
    return ownBlock(buffer, 4 * words)
  }

  #handle(block: Block, dtype: StoredDType, length: number, host?: TypedArray): Handle {
    const handle = new Handle(block, dtype, length, openFaults([block.fault]), host ?? null)
    this.#collected.register(handle, block, handle)
    return handle
  }

  upload(data: TypedArray, dtype: StoredDType): DeviceBuffer {
    this.#check()
    refuseFloat64(dtype)
    const bytes = 4 * data.length
    const block = this.#pool.take(Math.max(4, bytes))
    const words = wordsOf(data, dtype)
    this.#counters.uploads++
    this.#counters.uploadedBytes += bytes
    const write = (from: Uint32Array): void => {
      // Commands that were recorded but not submitted may still read what the buffer held.
      this.#recorder.flush()
      this.#device.queue.writeBuffer(block.buffer, 0, from as Uint32Array<ArrayBuffer>)
    }
    if (words.length === 0) {
      // Nothing to write, and some hosts stumble over it.
    } else if (this.#queue.blocked) {
      const copy = words.slice()
      this.#queue.add(() => write(copy))
    } else write(words)
    return bufferOf(this.#handle(block, dtype, data.length, data.byteLength <= keptBytes ? data.slice() : undefined))
  }

  /** What may have gone wrong in making elements, with what was refused since and may have been part of it. */
  #faultsOf({ faults, call }: Pick<Handle, 'faults' | 'call'>): readonly Fault[] {
    const refused = this.#refused.filter(({ after, upTo }) => after < call && call <= upTo)
    return refused.length === 0 ? faults : [...faults, ...refused.map(({ fault }) => fault)]
  }

  readSync(buffer: DeviceBuffer): TypedArray | null {
    return handleOf(buffer).host
  }

  async read(buffer: DeviceBuffer): Promise<TypedArray> {
    this.#check()
    const { block, dtype, length, faults, host, call } = handleOf(buffer)
    const calls = this.#calls
    if (host !== null) return host
    if (length === 0) return elementsOf(new Uint32Array(0), dtype)
    const words = await new Promise<Uint32Array>((resolve, reject) => {
      this.#queue.add(() => {
        const { called } = this.#run
        void this.#staging
          .read(block.buffer, 0, length)
          .then((read) => called.then(() => read))
          .then(resolve, reject)
      })
    }).catch((error: Error) => {
      throw this.#lost ?? new DeviceError(`gpu: a value could not be read: ${error.message}`)
    })
    this.#done = Math.max(this.#done, calls)
    for (const { error } of this.#faultsOf({ faults, call })) if (error !== null) throw error
    if (this.#failure !== null) {
      const failure = this.#failure
      this.#failure = null
      throw failure
    }
    return elementsOf(words, dtype)
  }

  free(buffer: DeviceBuffer): void {
    const handle = handleOf(buffer)
    this.#collected.unregister(handle)
    this.#pool.give(handle.block)
  }

  compile(schedule: Schedule, { parametric }: CompileOptions): Executable {
    this.#check()
    for (const { dtype } of schedule.slots) refuseFloat64(dtype)
    const program = linkProgram(
      schedule,
      this.#pipelines,
      this.#device.limits.maxStorageBuffersPerShaderStage,
      parametric,
    )
    const parameters = this.#fixed(program.parameters, 0x40) // UNIFORM
    const constants = this.#fixed(program.constants, 0x80) // STORAGE
    return {
      overwrites: program.made.flatMap(({ donor }) => (donor < 0 ? [] : [donor])),
      run: (inputs, given) => this.#call(program, parameters, constants, inputs.map(handleOf), given, !parametric),
    }
  }

  /** A buffer whose contents never change. */
  #fixed(words: Int32Array | Uint32Array, usage: number): Block {
    const bytes = Math.max(16, words.byteLength)
    const buffer = this.#device.createBuffer({ size: bytes, usage: usage | 0x8 }) // COPY_DST
    if (words.length > 0) this.#device.queue.writeBuffer(buffer, 0, words as Int32Array<ArrayBuffer>)
    return ownBlock(buffer, bytes)
  }

  #call(
    program: GpuProgram,
    parameters: Block,
    constants: Block,
    inputs: readonly Handle[],
    given: readonly boolean[] | undefined,
    submit: boolean,
  ): readonly DeviceBuffer[] {
    this.#check()
    // Everything that may fail comes before anything is recorded.
    const workspace = this.#workspaceOf(4 * program.workspace)
    const operands: Block[] = inputs.map(({ block }) => block)
    const fault: Fault = { error: null, settled: !program.usesHost }
    const faults = openFaults([
      ...inputs.flatMap((h) => this.#faultsOf(h)),
      ...program.faults,
      ...(program.workspace === 0 ? [] : [workspace.fault]),
      fault,
    ])
    const copies: { readonly from: Block; readonly to: Block; readonly bytes: number }[] = []
    const made = program.made.map(({ dtype, length, donor }): Handle => {
      const donated = donor >= 0 ? inputs[donor]! : null
      if (donated !== null && given?.[donor] === true) {
        operands.push(donated.block)
        return donated
      }
      const handle = this.#handle(this.#pool.take(Math.max(4, 4 * length)), dtype, length)
      if (donated !== null) {
        // The program writes over this input, which is still needed: it works on a copy.
        copies.push({ from: donated.block, to: handle.block, bytes: 4 * length })
        operands[donor] = handle.block
      }
      operands.push(handle.block)
      return handle
    })
    this.#reserveArguments(program.arguments)
    const number = ++this.#calls
    for (const handle of made) {
      handle.call = number
      handle.faults = openFaults([...faults, handle.block.fault])
      handle.host = null
    }
    const frame: Frame = {
      workspace,
      constants,
      arguments: this.#arguments,
      parameters: parameters.buffer,
      operands,
      fault,
    }
    const context = this.#run
    const work = function* (): Generator<Promise<unknown>, void, unknown> {
      for (const { from, to, bytes } of copies) context.recorder.copy(from.buffer, 0, to.buffer, bytes)
      yield* record(context, frame, program.commands)
      fault.settled = true
      if (submit) context.recorder.flush()
    }
    const recorder = this.#recorder
    this.#queue.add(work)
    if (recorder.waiting >= gathered) recorder.flush()
    else if (!submit) this.#flushSoon()
    return program.results.map((n) => bufferOf(n < inputs.length ? inputs[n]! : made[n - inputs.length]!))
  }

  #flushSoon(): void {
    if (this.#flushing) return
    this.#flushing = true
    queueMicrotask(() => {
      this.#flushing = false
      this.#recorder.flush()
    })
  }

  #workspaceOf(bytes: number): Block {
    if (this.#workspace.bytes < bytes || this.#workspace.fault.error !== null) {
      const larger = this.#pool.take(bytes)
      this.#pool.give(this.#workspace)
      this.#workspace = larger
    }
    return this.#workspace
  }

  #reserveArguments(words: number): void {
    if (4 * words > this.#arguments.bytes) this.#arguments = this.#createArguments(2 ** Math.ceil(Math.log2(words)))
  }
}

let ownBlocks = 0
/** A buffer that does not come from the pool, whose numbers go up from 0. */
const ownBlock = (buffer: GPUBuffer, bytes: number): Block => ({
  buffer,
  bytes,
  id: --ownBlocks,
  fault: { error: null, settled: true },
})

const refuseFloat64 = (dtype: StoredDType): void => {
  if (dtype === 'float64')
    throw new DeviceError(
      `gpu: float64 does not exist on the GPU; use x.astype('float32'), or x.to('wasm') for float64`,
    )
}
