import { BoundedCache } from '../../core/bounded-cache.js'
import type { StoredDType, TypedArray } from '../../core/dtype.js'
import { filledHost, hostArray, hostView } from '../../core/host.js'
import { clusterKey, collapsedKey } from '../../kernel/key.js'
import { parametrize } from '../../kernel/parametrize.js'
import type { Kernel } from '../../kernel/ir.js'
import type { Schedule, Step } from '../../program/schedule.js'
import type { CompileOptions, Device, DeviceBuffer, Executable } from '../device.js'
import { type ClusterStep, compileCluster, compileKernel, type CompiledKernel } from './emit.js'
import { interpretCluster, interpretKernel } from './interpret.js'
import { compileRoutine } from './routines.js'

const asBuffer = (data: TypedArray): DeviceBuffer => data as unknown as DeviceBuffer
const asArray = (buffer: DeviceBuffer): TypedArray => buffer as unknown as TypedArray

/** Whether the page's content security policy lets code be compiled at run time. */
const canCompile = (): boolean => {
  try {
    return new Function('return 1')() === 1
  } catch (error) {
    if (error instanceof EvalError || (error as Error).name === 'EvalError') return false
    throw error
  }
}

export interface JsDeviceOptions {
  /** Run kernels through the interpreter, as under a content security policy without 'unsafe-eval'. */
  readonly interpret?: boolean
}

/** One step ready to run: the arrays it uses (patched per call where they are not temporaries) and its function. */
interface Ready {
  readonly frame: TypedArray[]
  readonly run: (frame: readonly TypedArray[]) => void
}

/** Plain JavaScript loops, compiled by the engine. Always there; the reference that every other device is held to. */
export class JsDevice implements Device {
  readonly name: string = 'js'
  /** Unknown until a kernel is needed: trying it on import would trip a page's content security policy for nothing. */
  #interpret: boolean | undefined
  readonly #kernels = new BoundedCache<string, CompiledKernel>(4096)

  constructor(options: JsDeviceOptions = {}) {
    this.#interpret = options.interpret
  }

  get description(): string {
    return this.#interprets()
      ? 'kernels interpreted (new Function is not allowed here)'
      : 'kernels compiled to JavaScript'
  }

  #interprets(): boolean {
    this.#interpret ??= !canCompile()
    return this.#interpret
  }

  /** Kernels compiled since the start; a ragged last batch must not add to it. */
  get compiledKernels(): number {
    return this.#kernels.misses
  }

  upload(data: TypedArray, _dtype: StoredDType): DeviceBuffer {
    return asBuffer(data.slice())
  }
  read(buffer: DeviceBuffer): Promise<TypedArray> {
    return Promise.resolve(asArray(buffer))
  }
  readSync(buffer: DeviceBuffer): TypedArray {
    return asArray(buffer)
  }
  free(): void {
    // The garbage collector takes the array with its last handle.
  }

  #compileKernel(
    kernel: Kernel<number>,
    parametric: boolean,
  ): { readonly code: CompiledKernel; readonly params: Int32Array } {
    const make = (k: Kernel): CompiledKernel => (this.#interprets() ? interpretKernel(k) : compileKernel(k))
    if (!parametric)
      return { code: this.#kernels.get(collapsedKey(kernel), () => make(kernel)), params: new Int32Array(0) }
    const p = parametrize(kernel)
    return { code: this.#kernels.get(p.key, () => make(p.kernel)), params: Int32Array.from(p.params) }
  }

  #compileCluster(step: ClusterStep): CompiledKernel {
    return this.#kernels.get(clusterKey(step), () =>
      this.#interprets() ? interpretCluster(step) : compileCluster(step),
    )
  }

  compile(schedule: Schedule, options: CompileOptions): Executable {
    const memory = new ArrayBuffer(schedule.workspaceBytes)
    const arrays: (TypedArray | null)[] = schedule.slots.map((slot) =>
      slot.kind === 'temporary'
        ? hostView(slot.dtype, memory, slot.offset, slot.length)
        : slot.kind === 'constant'
          ? filledHost(slot.dtype, slot.length, slot.value)
          : null,
    )
    const ready = schedule.steps.map((step): Ready => {
      const frame = [...step.inputs, ...step.outputs].map((id) => arrays[id] ?? new Uint8Array(0))
      return { frame, run: this.#compileStep(step, schedule, options.parametric) }
    })
    /** Where each call's own arrays go: (step, position) per slot. */
    const patches = schedule.steps.flatMap((step, s) =>
      [...step.inputs, ...step.outputs].flatMap((id, position) =>
        arrays[id] === null ? [{ id, frame: ready[s]!.frame, position }] : [],
      ),
    )
    const outputSlots = schedule.slots.flatMap((slot, id) => (slot.kind === 'output' ? [{ id, slot }] : []))
    const nothing = new Uint8Array(0)
    return {
      overwrites: schedule.inputs.flatMap((id, i) => (outputSlots.some(({ slot }) => slot.from === id) ? [i] : [])),
      run: (inputs, given = []) => {
        const call: TypedArray[] = []
        schedule.inputs.forEach((id, i) => (call[id] = asArray(inputs[i]!)))
        for (const { id, slot } of outputSlots) {
          const { from } = slot
          if (from === undefined) call[id] = hostArray(slot.dtype, slot.length)
          else {
            if (given[schedule.inputs.indexOf(from)] !== true) call[from] = call[from]!.slice()
            call[id] = call[from]!
          }
        }
        for (const p of patches) p.frame[p.position] = call[p.id]!
        for (const step of ready) step.run(step.frame)
        for (const p of patches) p.frame[p.position] = nothing
        return schedule.outputs.map((id) => asBuffer(call[id] ?? arrays[id]!.slice()))
      },
    }
  }

  #compileStep(step: Step, { slots }: Schedule, parametric: boolean): Ready['run'] {
    if (step.kind === 'kernel') {
      const { code, params } = this.#compileKernel(step.kernel, parametric)
      return (frame) => code(frame, params)
    }
    if (step.kind === 'cluster') {
      const code = this.#compileCluster(step)
      const none = new Int32Array(0)
      return (frame) => code(frame, none)
    }
    const typeOf = (id: number): StoredDType => slots[id]!.dtype
    const types = { inputs: step.inputs.map(typeOf), outputs: step.outputs.map(typeOf) }
    const run = compileRoutine(step.routine, types, (schedule) => {
      const inner = this.compile(schedule, { parametric: false })
      return (inputs) => inner.run(inputs.map(asBuffer)).map(asArray)
    })
    const inputs = step.inputs.length
    return (frame) => run(frame.slice(0, inputs), frame.slice(inputs))
  }
}
