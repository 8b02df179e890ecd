import { StateError, TraceError } from '../../core/errors.js'
import type { Tensor } from '../../core/tensor.js'
import { bind1 } from '../../core/trace.js'
import { subtract } from '../elementwise/elementwise.js'
import { literalLike } from '../operand.js'
import { cumsum, sum } from '../reduce/reduce.js'
import { broadcastTo, expandDims } from '../shape/shape.js'
import { where } from '../elementwise/where.js'

/** How many elements of a mask hold, read now. Throws TraceError for a traced mask, naming the remedy. */
export const countNow = (fn: string, mask: Tensor): number => {
  if (!mask.concrete)
    throw new TraceError(
      `${fn}: the size of the result depends on the values, which a traced function does not know; give { size }`,
    )
  return Number(sum(mask).item())
}

/** `size`, checked, or the number of elements that hold. */
export const sizeFor = (fn: string, size: number | undefined, mask: Tensor): number => {
  if (size === undefined) return countNow(fn, mask)
  if (!Number.isInteger(size) || size < 0)
    throw new RangeError(`${fn}: size must be a non-negative integer, got ${size}`)
  return size
}

/** The positions (int32) where a mask of one axis holds: the first `size`, and `fill` for those that are missing. */
export const positionsWhere = (mask: Tensor, size: number, fill: number): Tensor => {
  if (mask.ndim !== 1) throw new StateError('positionsWhere: needs a mask of one axis')
  const n = mask.size
  const target = where(mask, subtract(cumsum(mask), 1), size).astype('int32')
  const base = bind1('full', [], { shape: [size], value: fill, dtype: 'int32', weak: false })
  if (n === 0) return base
  const own = bind1('iota', [], { shape: [n], axis: 0, dtype: 'int32' })
  return bind1('scatter', [base, target, own], { axes: [0], op: 'set' })
}

/** Along the leading axis, whether each of `size` places is among the first `count`; broadcasts against `ndim` axes. */
export const placesBelow = (size: number, count: Tensor, ndim: number): Tensor => {
  const places = bind1('iota', [], { shape: [size], axis: 0, dtype: 'int32' })
  const below = places.less(count)
  return expandDims(
    below,
    Array.from({ length: ndim - 1 }, (_, i) => i + 1),
  )
}

/** A scalar of a tensor's dtype in a shape. */
export const filled = (shape: readonly number[], value: number, like: Tensor): Tensor =>
  broadcastTo(literalLike(value, like.dtype).astype(like.dtype), shape)
