import { BoundedCache } from '../../core/bounded-cache.js'
import type { StoredDType, TypedArray } from '../../core/dtype.js'
import { DeviceError } from '../../core/errors.js'
import { parametrize } from '../../kernel/parametrize.js'
import type { Schedule, Step } from '../../program/schedule.js'
import type { CompileOptions, Device, DeviceBuffer, Executable, ReservedMemory } from '../device.js'
import { bufferOf, type Handle, handleOf } from './buffers.js'
import { Engine, type Instance } from './engine.js'
import { FrameLayout } from './link/frame.js'
import { slotBytes } from './link/host-step.js'
import type { Part, StepCode } from './step-code.js'
import type { ThreadOptions } from './threads/thread-pool.js'

/** A program's code and how its frame is laid out. */
interface LinkedProgram {
  readonly instance: Instance
  readonly frame: FrameLayout
  /** Per slot of the schedule, the words that take its address. */
  readonly places: readonly (readonly number[])[]
}

/** The code of a kernel for every size. */
interface LinkedKernel {
  readonly instance: Instance
  readonly code: StepCode
}

const copyBytes = (memory: ArrayBufferLike, from: number, to: number, bytes: number): void =>
  new Uint8Array(memory, to, bytes).set(new Uint8Array(memory, from, bytes))

type KernelStep = Extract<Step, { kind: 'kernel' }>

/** WebAssembly with vectors, generated per program: the fastest way on a CPU. */
export class WasmDevice implements Device {
  readonly name: string = 'wasm'
  #opened: Engine | null = null
  readonly #kernels = new BoundedCache<string, LinkedKernel>(2048)
  readonly #frames = new FinalizationRegistry<{ readonly address: number; readonly bytes: number }>(
    ({ address, bytes }) => this.#engine.heap.release(address, bytes),
  )

  get description(): string {
    const { size, reason } = this.threads
    const threads = `${size} thread${size === 1 ? '' : 's'}${reason === null ? '' : ` (${reason})`}`
    return `WebAssembly SIMD${this.#engine.fma ? ' with fused multiply-add' : ''}, ${threads}`
  }

  /** How many threads share the work, and why there is one, or fewer than there were. */
  get threads(): { readonly size: number; readonly reason: string | null } {
    const { pool, obstacle } = this.#engine
    return pool === null ? { size: 1, reason: obstacle } : { size: pool.size, reason: pool.reason }
  }

  /** Sets the number of threads. */
  setThreads(size: number, options: ThreadOptions): void {
    const { pool, obstacle } = this.#engine
    if (pool !== null) pool.resize(size, options)
    else if (size !== 1) throw new DeviceError(`setThreads: there can be one thread only: ${obstacle}`)
  }

  get #engine(): Engine {
    this.#opened ??= new Engine()
    return this.#opened
  }

  /** Kernels compiled since the start; a ragged last batch must not add to it. */
  get compiledKernels(): number {
    return this.#kernels.misses
  }

  upload(data: TypedArray, dtype: StoredDType): DeviceBuffer {
    const { buffers } = this.#engine
    buffers.begin()
    const handle = buffers.allocate(dtype, data.length)
    buffers.view(handle).set(data)
    return bufferOf(handle)
  }
  read(buffer: DeviceBuffer): Promise<TypedArray> {
    return Promise.resolve(this.readSync(buffer))
  }
  readSync(buffer: DeviceBuffer): TypedArray {
    return this.#engine.buffers.view(handleOf(buffer))
  }
  free(buffer: DeviceBuffer): void {
    this.#engine.buffers.free(handleOf(buffer))
  }
  reserve(): ReservedMemory {
    return this.#opened === null
      ? { reserved: 0, spills: 0 }
      : { reserved: this.#opened.heap.reserved, spills: this.#opened.buffers.spills }
  }

  compile(schedule: Schedule, options: CompileOptions): Executable {
    const [step, ...others] = schedule.steps
    const linked =
      options.parametric && others.length === 0 && step?.kind === 'kernel'
        ? this.#parametric(schedule, step)
        : this.#link(schedule)
    return this.#executable(schedule, linked)
  }

  #link(schedule: Schedule): LinkedProgram {
    const linker = this.#engine.linker()
    const { run, places } = linker.schedule(schedule, 0)
    const instance = this.#engine.instantiate(linker, run)
    if (linker.entries.length > 0) this.#engine.pool?.start()
    return { instance, frame: linker.frame, places }
  }

  /** One kernel, its sizes in the frame: operations of other sizes share the code. */
  #parametric({ slots }: Schedule, step: KernelStep): LinkedProgram {
    const { kernel, params, key } = parametrize(step.kernel)
    const { instance, code } = this.#kernels.get(key, () => {
      const linker = this.#engine.linker()
      const { run, code } = linker.parametricKernel(kernel)
      if (code.temporaries.length > 0) throw new Error('wasm: a kernel needs no temporaries')
      return { instance: this.#engine.instantiate(linker, run), code }
    })
    const { limits = [] } = code
    const large = ({ units, grain, parallel }: Part): boolean =>
      parallel && (typeof units === 'number' ? units : params[units.param]!) > grain
    if (code.parts.some(large)) this.#engine.pool?.start()
    const frame = new FrameLayout()
    const operands = [...step.inputs, ...step.outputs]
    frame.reserve(operands.length + params.length + limits.length)
    params.forEach((value, k) => frame.number(operands.length + k, value))
    limits.forEach((input, k) =>
      frame.number(operands.length + params.length + k, slotBytes(slots[step.inputs[input]!]!)),
    )
    const places = slots.map((slot, id) => {
      const words = operands.flatMap((operand, k) => (operand === id ? [k] : []))
      if (slot.kind === 'constant') frame.constant(slot.dtype, slot.value).push(...words)
      return words
    })
    return { instance, frame, places }
  }

  #executable(schedule: Schedule, { instance, frame, places }: LinkedProgram): Executable {
    const engine = this.#engine
    const { heap, buffers } = engine
    const bytes = Math.max(4, frame.words * 4)
    const address = heap.allocate(bytes)
    frame.initialize(heap.words, address)
    const base = address / 4
    const absolute = (id: number): Int32Array => Int32Array.from(places[id]!, (word) => base + word)
    const inputWords = schedule.inputs.map(absolute)
    const outputs = schedule.slots.flatMap((slot, id) =>
      slot.kind === 'output'
        ? [{ slot, words: absolute(id), donor: slot.from === undefined ? -1 : schedule.inputs.indexOf(slot.from), id }]
        : [],
    )
    /** Where each result comes from: an input, an output slot, or a constant to be copied. */
    const results = schedule.outputs.map((id) => {
      const slot = schedule.slots[id]!
      return {
        input: schedule.inputs.indexOf(id),
        output: outputs.findIndex((o) => o.id === id),
        constant: slot.kind === 'constant' ? slot : null,
        word: base + (places[id]![0] ?? 0),
      }
    })
    let placedAt = -1
    const { run } = instance
    const executable: Executable = {
      overwrites: outputs.flatMap(({ donor }) => (donor < 0 ? [] : [donor])),
      run: (inputs, given) => {
        buffers.begin()
        const workspace = frame.workspaceBytes === 0 ? 0 : engine.workspace(frame.workspaceBytes)
        const addresses: number[] = []
        for (const input of inputs) addresses.push(buffers.use(handleOf(input)))
        const made: Handle[] = []
        for (const { slot, donor } of outputs)
          made.push(
            donor >= 0 && given?.[donor] === true
              ? handleOf(inputs[donor]!)
              : buffers.allocate(slot.dtype, slot.length),
          )
        const copies = results.map(({ constant }) =>
          constant === null ? null : buffers.allocate(constant.dtype, constant.length),
        )
        // Nothing allocates from here on, so that views stay good and nothing can fail.
        const { words } = heap
        if (workspace !== placedAt) frame.place(words, address, workspace)
        placedAt = workspace
        for (let i = 0; i < addresses.length; i++) {
          const at = addresses[i]!
          for (const word of inputWords[i]!) words[word] = at
        }
        for (let i = 0; i < made.length; i++) {
          const at = made[i]!.place.address!
          const { words: own, donor, slot } = outputs[i]!
          for (const word of own) words[word] = at
          if (donor < 0 || addresses[donor] === at) continue
          // The program writes over this input, which is still needed: it works on a copy.
          copyBytes(heap.buffer, addresses[donor]!, at, slotBytes(slot))
          for (const word of inputWords[donor]!) words[word] = at
        }
        run(address)
        return results.map(({ input, output, constant, word }, k) => {
          if (input >= 0) return inputs[input]!
          if (constant === null) return bufferOf(made[output]!)
          const copy = copies[k]!
          copyBytes(heap.buffer, words[word]! >>> 0, copy.place.address!, slotBytes(constant))
          return bufferOf(copy)
        })
      },
    }
    this.#frames.register(executable, { address, bytes })
    return executable
  }
}
