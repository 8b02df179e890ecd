import type { StoredDType, TypedArray } from '../../core/dtype.js'
import type { Routine, Schedule } from '../../program/schedule.js'
import { compileDot, walkOffsets } from './dot.js'

type Run = (inputs: readonly TypedArray[], outputs: readonly TypedArray[]) => void

/** Ascending order with NaN last; equal elements (0 and -0 among them) keep their order. */
const sortLanes = (r: Extract<Routine, { name: 'sort' }>): Run => {
  const order = new Int32Array(r.length)
  return (inputs, outputs) => {
    const keys = inputs[0]!
    for (let outer = 0; outer < r.outer; outer++) {
      for (let inner = 0; inner < r.inner; inner++) {
        const base = outer * r.length * r.inner + inner
        for (let i = 0; i < r.length; i++) order[i] = base + i * r.inner
        order.sort((i, j) => {
          const x = keys[i]!
          const y = keys[j]!
          return x < y ? -1 : x > y ? 1 : x === y ? i - j : Number.isNaN(x) ? (Number.isNaN(y) ? i - j : 1) : -1
        })
        inputs.forEach((x, k) => {
          const out = outputs[k]!
          for (let i = 0; i < r.length; i++) out[base + i * r.inner] = x[order[i]!]!
        })
      }
    }
  }
}

/** Float totals run in float64; integer ones wrap. */
const cumsum = (r: Extract<Routine, { name: 'cumsum' }>, dtype: StoredDType): Run => {
  const add =
    dtype === 'float32' ? (a: number, b: number): number => a + b : (a: number, b: number): number => (a + b) | 0
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

/** Updates apply in order, so that the result does not depend on anything but the operands. */
const scatter = (r: Extract<Routine, { name: 'scatter' }>): Run => {
  const window = walkOffsets({ extents: r.window.shape, strides: r.window.strides })
  const adds = r.op === 'add'
  return (inputs, outputs) => {
    const out = outputs[0]!
    const updates = inputs[inputs.length - 1]!
    out.set(inputs[0]!)
    for (let u = 0; u < r.updates; u++) {
      let base = 0
      let inside = true
      for (let k = 0; k < r.extents.length; k++) {
        const i = inputs[k + 1]![u]!
        if (i < 0 || i >= r.extents[k]!) inside = false
        base += i * r.strides[k]!
      }
      if (!inside) continue
      for (let w = 0; w < window.length; w++) {
        const at = base + window[w]!
        out[at] = (adds ? out[at]! : 0) + updates[u * window.length + w]!
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

/** A routine as a function of its buffers; `compile` makes its inner schedules runnable. */
export const compileRoutine = (
  routine: Routine,
  dtype: StoredDType,
  compile: (schedule: Schedule) => RunSchedule,
): Run => {
  switch (routine.name) {
    case 'scan':
      return scan(routine, compile(routine.body))
    case 'cond':
      return cond(routine.branches.map(compile))
    case 'while':
      return whileLoop(routine, compile(routine.test), compile(routine.body))
    case 'dot': {
      const run = compileDot(routine)
      return ([a, b], [c]) => run(a!, b!, c!)
    }
    case 'sort':
      return sortLanes(routine)
    case 'cumsum':
      return cumsum(routine, dtype)
    case 'scatter':
      return scatter(routine)
  }
}
