import type { TensorLike } from '../../core/array-ops.js'
import { ShapeError } from '../../core/errors.js'
import { broadcastShapes, checkAxis, formatShape } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import { bind, bind1 } from '../../core/trace.js'
import { greaterEqual, subtract } from '../elementwise/elementwise.js'
import { slice } from '../indexing/indexing.js'
import { literalLike, toTensor } from '../operand.js'
import { broadcastTo, flip } from '../shape/shape.js'
import { searchsorted } from './searchsorted.js'
import { where } from '../elementwise/where.js'

/**
 * Sorts tensors of one shape together along an axis (default -1): by the first, and where that is equal by the next,
 * up to `numKeys` of them (default 1). Stable, NaN last. The others move along.
 */
export const sortTogether = (
  operands: readonly TensorLike[],
  options: { readonly axis?: number; readonly numKeys?: number } = {},
): Tensor[] => {
  if (!Array.isArray(operands) || operands.length === 0)
    throw new TypeError('sortTogether: needs an array of at least one tensor')
  const tensors = (operands as readonly TensorLike[]).map((x) => toTensor('sortTogether', x))
  const axis = checkAxis('sortTogether', options.axis ?? -1, tensors[0]!.ndim)
  return [...bind('sort', tensors, { axis, numKeys: options.numKeys ?? 1 })]
}

/**
 * The positions (int32) that sort by several keys, the last of which decides first. `keys` is an array of tensors, or
 * one tensor whose leading axis counts the keys.
 */
export const lexsort = (keys: TensorLike | readonly TensorLike[], options: { readonly axis?: number } = {}): Tensor => {
  const list = Array.isArray(keys)
    ? (keys as readonly TensorLike[]).map((k) => toTensor('lexsort', k))
    : rows(toTensor('lexsort', keys as TensorLike))
  if (list.length === 0) throw new TypeError('lexsort: needs at least one key')
  const shape = broadcastShapes(
    'lexsort',
    list.map((k) => k.shape),
  )
  if (shape.length === 0) return bind1('full', [], { shape: [], value: 0, dtype: 'int32', weak: false })
  const axis = checkAxis('lexsort', options.axis ?? -1, shape.length)
  const positions = bind1('iota', [], { shape: [...shape], axis, dtype: 'int32' })
  const operands = [...list.map((k) => broadcastTo(k, shape)).reverse(), positions]
  return bind('sort', operands, { axis, numKeys: list.length })[list.length]!
}

const rows = (x: Tensor): Tensor[] => {
  if (x.ndim === 0) throw new ShapeError('lexsort: keys need a leading axis that counts them, got a scalar')
  return Array.from({ length: x.shape[0]! }, (_, i) => slice(x, i))
}

/**
 * The k greatest elements along an axis (default -1) in descending order, and their positions (int32): NaN is
 * greatest, and of equals (0 and -0 among them) the one at the lower position comes first. Differentiable in the values.
 */
export const topK = (
  x: TensorLike,
  k: number,
  options: { readonly axis?: number } = {},
): [values: Tensor, indices: Tensor] => {
  const t = toTensor('topK', x)
  const axis = checkAxis('topK', options.axis ?? -1, t.ndim)
  const n = t.shape[axis]!
  if (!Number.isInteger(k) || k < 0 || k > n)
    throw new RangeError(`topK: k must be between 0 and the axis' size ${n}, got ${k}`)
  const positions = bind1('iota', [], { shape: [...t.shape], axis, dtype: 'int32' })
  // Sorting the mirror image keeps equal elements in their order when it is mirrored back.
  const sorted = bind('sort', [flip(t, { axis }), flip(positions, { axis })], { axis })
  const before = t.shape.slice(0, axis).map(() => ':')
  const [values, indices] = sorted.map((s) => slice(flip(s, { axis }), ...before, [0, k]))
  return [values!, indices!]
}

/**
 * The number (int32) of the bin that each element falls in: i where bins[i - 1] <= x < bins[i], or
 * bins[i - 1] < x <= bins[i] with `right`. Bins ascend, or descend with the comparisons turned around.
 */
export const digitize = (x: TensorLike, bins: TensorLike, options: { readonly right?: boolean } = {}): Tensor => {
  const [t, b] = [toTensor('digitize', x), toTensor('digitize', bins)]
  if (b.ndim !== 1) throw new ShapeError(`digitize: bins must have one axis, got shape ${formatShape(b.shape)}`)
  const n = b.size
  if (n === 0) return bind1('full', [], { shape: [...t.shape], value: 0, dtype: 'int32', weak: false })
  const side = options.right === true ? 'left' : 'right'
  const falling = subtract(literalLike(n, 'int32'), searchsorted(flip(b), t, { side }))
  return where(greaterEqual(slice(b, -1), slice(b, 0)), searchsorted(b, t, { side }), falling)
}
