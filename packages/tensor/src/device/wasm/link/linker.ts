import { dtypeBytes } from '../../../core/dtype.js'
import type { Kernel } from '../../../kernel/ir.js'
import type { Schedule, Step } from '../../../program/schedule.js'
import { type FunctionBuilder, i32 } from '../asm/function.js'
import { i32Add, i32Load } from '../asm/opcodes.js'
import type { Part, StepCode, Target } from '../step-code.js'
import { linkControl } from './control.js'
import { FrameLayout } from './frame.js'
import type { HostStep } from './host-step.js'
import { stepCode } from './steps.js'

const roundUp = (bytes: number): number => Math.ceil(bytes / 64) * 64

/** A schedule as a function of a frame. */
export interface LinkedSchedule {
  readonly run: FunctionBuilder
  /** Per slot, the words of the frame that take its address; at least one each. */
  readonly places: readonly (readonly number[])[]
  /** Where the workspace of the schedule and of what runs inside it ends. */
  readonly end: number
}

/** Globals and functions that a program's code refers to. */
export interface LinkTarget extends Target {
  /** The global that holds the number of the program's first entry in the table. */
  readonly base: number
  /** The global that holds the address of the program's descriptor for other threads. */
  readonly program: number
  /** Whether other threads can share the work. */
  readonly threads: boolean
}

/** Puts the code of schedules into one module and lays out their frame. */
export class Linker {
  readonly target: LinkTarget
  readonly frame: FrameLayout = new FrameLayout()
  readonly hostSteps: HostStep[] = []
  /** What other threads may run, in the order of the table. */
  readonly entries: Part[] = []
  readonly #entryOf = new Map<Part, number>()
  /** Code of steps that are the same but for their operands, as layers of one shape have them: it is written once. */
  readonly #written = new Map<string, StepCode>()

  constructor(target: LinkTarget) {
    this.target = target
  }

  /** The schedule's function; its temporaries lie in the workspace from `base` on. */
  schedule(schedule: Schedule, base: number): LinkedSchedule {
    const run = this.target.module.function([i32])
    const places: number[][] = schedule.slots.map((slot) =>
      slot.kind === 'constant' ? this.frame.constant(slot.dtype, slot.value) : [],
    )
    const above = roundUp(base + schedule.workspaceBytes)
    let end = above
    for (const step of schedule.steps) end = Math.max(end, this.#step(run, schedule, step, places, above))
    schedule.slots.forEach((slot, id) => {
      if (places[id]!.length === 0) places[id]!.push(this.frame.reserve(1))
      if (slot.kind !== 'temporary') return
      for (const word of places[id]!)
        this.frame.temporary(word, base + slot.offset, slot.length * dtypeBytes(slot.dtype))
    })
    return { run, places, end }
  }

  /** A schedule of one kernel whose sizes are parameters: words of the frame after its operands. */
  parametricKernel(kernel: Kernel): { readonly run: FunctionBuilder; readonly code: StepCode } {
    const run = this.target.module.function([i32])
    const code = stepCode(this, { kind: 'kernel', kernel })
    this.#parts(run, code, 0, kernel.inputs.length + kernel.outputs.length + code.temporaries.length)
    return { run, code }
  }

  /** Writes one step and returns where the workspace that it uses ends. */
  #step(run: FunctionBuilder, schedule: Schedule, step: Step, places: number[][], above: number): number {
    const operands = [...step.inputs, ...step.outputs]
    const block = this.frame.reserve(operands.length)
    operands.forEach((id, k) => places[id]!.push(block + k))
    if (step.kind === 'routine') {
      const { name } = step.routine
      if (name === 'scan' || name === 'cond' || name === 'while')
        return linkControl(this, run, schedule, step, step.routine, block, above)
    }
    const code = stepCode(this, step, schedule)
    const first = this.frame.reserve(code.temporaries.length + (code.limits?.length ?? 0))
    let at = above
    code.temporaries.forEach((bytes, k) => {
      this.frame.temporary(first + k, at, bytes)
      at = roundUp(at + bytes)
    })
    code.limits?.forEach((input, k) => {
      const { dtype, length } = schedule.slots[step.inputs[input]!]!
      this.frame.number(first + code.temporaries.length + k, length * dtypeBytes(dtype))
    })
    this.#parts(run, code, block, operands.length + code.temporaries.length)
    return at
  }

  /** The code of a step of which `key` tells all but the operands. */
  once(key: string, write: () => StepCode): StepCode {
    let code = this.#written.get(key)
    if (code === undefined) this.#written.set(key, (code = write()))
    return code
  }

  /** The place in the table of what other threads may run. */
  #entry(part: Part): number {
    let entry = this.#entryOf.get(part)
    if (entry === undefined) this.#entryOf.set(part, (entry = this.entries.push(part) - 1))
    return entry
  }

  #parts(run: FunctionBuilder, code: StepCode, block: number, firstParameter: number): void {
    for (const part of code.parts) {
      const args = (): FunctionBuilder =>
        run
          .get(0)
          .i32(4 * block)
          .op(i32Add)
      const units = (): FunctionBuilder =>
        typeof part.units === 'number'
          ? run.i32(part.units)
          : run.get(0).memory(i32Load, 4 * (block + firstParameter + part.units.param))
      const small = typeof part.units === 'number' && part.units <= part.grain
      if (!this.target.threads || !part.parallel || small) {
        args().i32(0)
        units().call(part.run)
        continue
      }
      const entry = this.#entry(part)
      run.globalGet(this.target.base).i32(entry).op(i32Add)
      args()
      units().i32(part.grain).globalGet(this.target.program).call(this.target.routine('fork'))
    }
  }
}
