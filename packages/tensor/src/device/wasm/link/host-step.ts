import { dtypeBytes, type StoredDType, type TypedArray } from '../../../core/dtype.js'
import { hostCopy, hostView } from '../../../core/host.js'
import type { Schedule, Step } from '../../../program/schedule.js'
import { compileRoutine } from '../../js/routines.js'
import { i32 } from '../asm/function.js'
import type { StepCode, Target } from '../step-code.js'

/** A step that JavaScript runs, on the block of words at `args` in a memory. */
export type HostStep = (memory: ArrayBufferLike, args: number) => void

type RoutineStep = Extract<Step, { kind: 'routine' }>

const nothing = (): never => {
  throw new Error('wasm: a step of the host has no schedule inside')
}

/** What the js device does for a routine, on views of the memory. */
export const hostStep = (step: RoutineStep, { slots }: Schedule): HostStep => {
  const operands = [...step.inputs, ...step.outputs].map((id) => slots[id]!)
  const typeOf = (id: number): StoredDType => slots[id]!.dtype
  const run = compileRoutine(
    step.routine,
    { inputs: step.inputs.map(typeOf), outputs: step.outputs.map(typeOf) },
    nothing,
  )
  return (memory, args) => {
    const addresses = new Uint32Array(memory, args >>> 0, operands.length)
    const arrays = operands.map(({ dtype, length }, k): TypedArray => {
      const at = addresses[k]!
      // The words of a buffer that nobody uses, such as an empty one's, may point nowhere.
      return length === 0 ? hostView(dtype, new ArrayBuffer(0), 0, 0) : hostView(dtype, memory, at, length)
    })
    const inputs = arrays.slice(0, step.inputs.length)
    // A callback's values are stored, which may move the memory that the others are views of.
    run(step.routine.name === 'callback' ? inputs.map(hostCopy) : inputs, arrays.slice(step.inputs.length))
  }
}

/** Code that hands a step to the host: the `number`th of the program's. */
export const callHostStep = (target: Target, number: number): StepCode => {
  const run = target.module.function([i32, i32, i32])
  run.i32(number).get(0).call(target.host('step'))
  return { parts: [{ run, units: 1, grain: 1, parallel: false }], temporaries: [] }
}

/** Bytes of a slot's elements. */
export const slotBytes = ({ dtype, length }: { readonly dtype: StoredDType; readonly length: number }): number =>
  length * dtypeBytes(dtype)
