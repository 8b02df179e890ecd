import { dtypeCategory, type StoredDType, type TypedArray } from '../../core/dtype.js'
import type { Routine } from '../../program/schedule.js'
import { walkOffsets } from './dot.js'

type Plan = Extract<Routine, { name: 'scatter' }>
type Combine = (old: number, update: number) => number

/** What an update does to the element there; typed arrays round and wrap what is stored. */
const combineOf = (op: Plan['op'], dtype: StoredDType): Combine | null => {
  const category = dtypeCategory(dtype)
  switch (op) {
    case 'set':
      return null
    case 'add':
      return category === 'bool' ? (a, b) => a | b : (a, b) => a + b
    case 'mul':
      return category === 'bool' ? (a, b) => a & b : category === 'integer' ? Math.imul : (a, b) => a * b
    case 'min':
      return Math.min
    case 'max':
      return Math.max
  }
}

/** Updates apply in order, so that the result does not depend on anything but the operands. */
export const compileScatter = (
  r: Plan,
  dtype: StoredDType,
): ((inputs: readonly TypedArray[], outputs: readonly TypedArray[]) => void) => {
  const window = walkOffsets({ extents: r.window.shape, strides: r.window.strides })
  const combine = combineOf(r.op, dtype)
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
      const from = u * window.length
      for (let w = 0; w < window.length; w++) {
        const at = base + window[w]!
        const update = updates[from + w]!
        out[at] = combine === null ? update : combine(out[at]!, update)
      }
    }
  }
}
