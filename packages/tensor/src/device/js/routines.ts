import { isFloat, isHalf, type StoredDType, type TypedArray } from '../../core/dtype.js'
import { decoded, encodeInto } from '../../core/host.js'
import { postpone } from '../../program/effects.js'
import type { Routine, Schedule } from '../../program/schedule.js'
import { compileConv } from './conv.js'
import { compileDot } from './dot.js'
import { eachItem } from './items.js'
import { compileScatter } from './scatter.js'
import { compileSort } from './sort.js'

type Run = (inputs: readonly TypedArray[], outputs: readonly TypedArray[]) => void

/** Float totals run in float64; integer ones wrap. */
const cumsum = (r: Extract<Routine, { name: 'cumsum' }>, dtype: StoredDType): Run => {
  const add = isFloat(dtype) ? (a: number, b: number): number => a + b : (a: number, b: number): number => (a + b) | 0
  return ([x], [out]) => {
    for (let outer = 0; outer < r.outer; outer++) {
      for (let inner = 0; inner < r.inner; inner++) {
        const base = outer * r.length * r.inner + inner
        let total = 0
        for (let i = 0; i < r.length; i++) {
          const at = base + (r.reverse ? r.length - 1 - i : i) * r.inner
          total = add(total, x![at]!)
          out![at] = total
        }
      }
    }
  }
}

/** Runs a compiled schedule on arrays. */
export type RunSchedule = (inputs: readonly TypedArray[]) => readonly TypedArray[]

/** Steps read their slices in place; each result is copied into its row. */
const scan = (r: Extract<Routine, { name: 'scan' }>, body: RunSchedule): Run => {
  const fixed = r.constants + r.carry
  return (inputs, outputs) => {
    const constants = inputs.slice(0, r.constants)
    const scanned = inputs.slice(fixed)
    const widths = [...scanned, ...outputs.slice(r.carry)].map((x) => (r.length === 0 ? 0 : x.length / r.length))
    let carry: readonly TypedArray[] = inputs.slice(r.constants, fixed)
    for (let n = 0; n < r.length; n++) {
      const i = r.reverse ? r.length - 1 - n : n
      const results = body([
        ...constants,
        ...carry,
        ...scanned.map((x, k) => x.subarray(i * widths[k]!, (i + 1) * widths[k]!)),
      ])
      carry = results.slice(0, r.carry)
      for (let k = r.carry; k < results.length; k++)
        outputs[k]!.set(results[k]!, i * widths[scanned.length + k - r.carry]!)
    }
    carry.forEach((c, k) => outputs[k]!.set(c))
  }
}

const cond = (branches: readonly RunSchedule[]): Run => {
  return ([index, ...operands], outputs) => {
    const chosen = Math.min(Math.max(index![0]!, 0), branches.length - 1)
    branches[chosen]!(operands).forEach((r, k) => outputs[k]!.set(r))
  }
}

const whileLoop = (r: Extract<Routine, { name: 'while' }>, test: RunSchedule, body: RunSchedule): Run => {
  const fixed = r.testConstants + r.bodyConstants
  return (inputs, outputs) => {
    const [testing, running] = [inputs.slice(0, r.testConstants), inputs.slice(r.testConstants, fixed)]
    let carry: readonly TypedArray[] = inputs.slice(fixed)
    while (test([...testing, ...carry])[0]![0] !== 0) carry = body([...running, ...carry])
    carry.forEach((c, k) => outputs[k]!.set(c))
  }
}

/** The dtypes of a routine's buffers. */
export interface BufferTypes {
  readonly inputs: readonly StoredDType[]
  readonly outputs: readonly StoredDType[]
}

/** Halves are widened before a routine computes with them and rounded after. */
const widening = (types: BufferTypes, run: Run): Run => {
  if (![...types.inputs, ...types.outputs].some(isHalf)) return run
  return (inputs, outputs) => {
    const wide = outputs.map((o, k) => (isHalf(types.outputs[k]!) ? new Float32Array(o.length) : o))
    run(
      inputs.map((x, k) => decoded(types.inputs[k]!, x)),
      wide,
    )
    outputs.forEach((o, k) => o !== wide[k] && encodeInto(types.outputs[k]!, o, wide[k]!))
  }
}

/** A routine as a function of its buffers; `compile` makes its inner schedules runnable. */
export const compileRoutine = (
  routine: Routine,
  types: BufferTypes,
  compile: (schedule: Schedule) => RunSchedule,
): Run => {
  switch (routine.name) {
    case 'scan':
      return scan(routine, compile(routine.body))
    case 'cond':
      return cond(routine.branches.map(compile))
    case 'while':
      return whileLoop(routine, compile(routine.test), compile(routine.body))
    case 'callback':
      return (inputs) => postpone(routine.call, routine.avals, inputs)
    default:
      return widening(types, compileComputation(routine, types))
  }
}

type Computation = Exclude<Routine, { name: 'scan' | 'cond' | 'while' | 'callback' }>

const compileComputation = (routine: Computation, types: BufferTypes): Run => {
  switch (routine.name) {
    case 'dot': {
      const run = compileDot(routine)
      return ([a, b], [c]) => run(a!, b!, c!)
    }
    case 'conv': {
      const run = compileConv(routine)
      return ([x, k], [out]) => run(x!, k!, out!)
    }
    case 'routine':
      return eachItem(routine)
    case 'sort':
      return compileSort(routine, types.inputs)
    case 'cumsum':
      return cumsum(routine, types.outputs[0]!)
    case 'scatter':
      return compileScatter(routine, types.outputs[0]!)
  }
}
