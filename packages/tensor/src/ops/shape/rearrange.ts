import type { TensorLike } from '../../core/array-ops.js'
import { isInteger } from '../../core/dtype.js'
import { DtypeError, ShapeError } from '../../core/errors.js'
import { checkAxis, checkShape, formatShape, type Shape, sizeOf } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import { bind1 } from '../../core/trace.js'
import { counting } from '../constant.js'
import { remainder, subtract } from '../elementwise/elementwise.js'
import { take } from '../indexing/indexing.js'
import { concatenate } from './join.js'
import { toTensor } from '../operand.js'
import { broadcastTo, expandDims, flip, moveaxis, reshape, swapaxes, transpose } from './shape.js'

/** The array repeated `reps` times along each axis; missing leading repetitions are 1, missing leading axes new. */
export const tile = (x: TensorLike, reps: number | readonly number[]): Tensor => {
  const given = toTensor('tile', x)
  const list = typeof reps === 'number' ? [reps] : reps
  if (!list.every((r) => Number.isInteger(r) && r >= 0))
    throw new RangeError(`tile: repetitions must be non-negative integers, got [${list.join(', ')}]`)
  const ndim = Math.max(given.ndim, list.length)
  const shape = [...Array.from({ length: ndim - given.ndim }, () => 1), ...given.shape]
  const counts = [...Array.from({ length: ndim - list.length }, () => 1), ...list]
  const apart = reshape(
    given,
    shape.flatMap((d) => [1, d]),
  )
  return reshape(
    broadcastTo(
      apart,
      shape.flatMap((d, i) => [counts[i]!, d]),
    ),
    shape.map((d, i) => d * counts[i]!),
  )
}

const cyclic = (k: number, n: number): number => (n === 0 ? 0 : ((k % n) + n) % n)

const rollAxis = (x: Tensor, shift: number | Tensor, axis: number): Tensor => {
  const n = x.shape[axis]!
  if (n === 0) return x
  if (typeof shift !== 'number')
    return take(x, remainder(subtract(counting([n]), shift.astype('int32')), n), { axis, mode: 'clip' })
  const cut = n - cyclic(shift, n)
  if (cut === n) return x
  const part = (from: number, to: number): Tensor =>
    bind1('slice', [x], {
      start: x.shape.map((_, i) => (i === axis ? from : 0)),
      limit: x.shape.map((d, i) => (i === axis ? to : d)),
      stride: x.shape.map(() => 1),
    })
  return concatenate([part(cut, n), part(0, cut)], { axis })
}

const checkShift = (shift: TensorLike): number | Tensor => {
  if (typeof shift === 'number') {
    if (!Number.isInteger(shift)) throw new TypeError(`roll: a shift must be an integer, got ${shift}`)
    return shift
  }
  const t = toTensor('roll', shift)
  if (!isInteger(t.dtype))
    throw new DtypeError(`roll: shifts must be integers, got ${t.dtype}; make them with { dtype: 'int32' }`)
  if (t.ndim !== 0) throw new ShapeError(`roll: a shift must be a scalar, got shape ${formatShape(t.shape)}`)
  return t
}

/** Elements moved on by `shift`, which may be traced, around the ends of an axis; of all in a row without one. */
export const roll = (
  x: TensorLike,
  shift: TensorLike | readonly TensorLike[],
  options: { readonly axis?: number | readonly number[] | null } = {},
): Tensor => {
  const t = toTensor('roll', x)
  const shifts = (Array.isArray(shift) ? (shift as readonly TensorLike[]) : [shift as TensorLike]).map(checkShift)
  const { axis } = options
  if (axis === undefined || axis === null)
    return reshape(
      shifts.reduce<Tensor>((y, s) => rollAxis(y, s, 0), reshape(t, [t.size])),
      t.shape,
    )
  const axes = (typeof axis === 'number' ? [axis] : axis).map((a) => checkAxis('roll', a, t.ndim))
  const n = Math.max(axes.length, shifts.length)
  if ((axes.length !== n && axes.length !== 1) || (shifts.length !== n && shifts.length !== 1))
    throw new ShapeError(`roll: needs one shift per axis, got ${shifts.length} shifts for ${axes.length} axes`)
  return Array.from({ length: n }, (_, i) => i).reduce<Tensor>(
    (y, i) => rollAxis(y, shifts[shifts.length === 1 ? 0 : i]!, axes[axes.length === 1 ? 0 : i]!),
    t,
  )
}

/** Turned by k (1) quarters from the first towards the second of two axes (0 and 1). */
export const rot90 = (
  x: TensorLike,
  options: { readonly k?: number; readonly axes?: readonly [number, number] } = {},
): Tensor => {
  const t = toTensor('rot90', x)
  const { k = 1, axes = [0, 1] } = options
  const [a, b] = axes.map((axis) => checkAxis('rot90', axis, t.ndim)) as [number, number]
  if (a === b) throw new ShapeError(`rot90: axes must be different, got [${axes.join(', ')}]`)
  switch (cyclic(k, 4)) {
    case 0:
      return t
    case 1:
      return flip(swapaxes(t, a, b), { axis: a })
    case 2:
      return flip(t, { axis: [a, b] })
    default:
      return swapaxes(flip(t, { axis: a }), a, b)
  }
}

/** Reversed along the first axis. */
export const flipud = (x: TensorLike): Tensor => flip(x, { axis: 0 })
/** Reversed along the second axis. */
export const fliplr = (x: TensorLike): Tensor => flip(x, { axis: 1 })

/** At least one axis: a scalar gets one of extent 1. */
export const atleast1d = (x: TensorLike): Tensor => {
  const t = toTensor('atleast1d', x)
  return t.ndim >= 1 ? t : reshape(t, [1])
}
/** At least two axes; new ones lead. */
export const atleast2d = (x: TensorLike): Tensor => {
  const t = toTensor('atleast2d', x)
  return t.ndim >= 2 ? t : reshape(t, [1, t.size])
}
/** At least three axes: one axis becomes the second of three, two become the first two. */
export const atleast3d = (x: TensorLike): Tensor => {
  const t = toTensor('atleast3d', x)
  return t.ndim >= 3 ? t : t.ndim === 2 ? expandDims(t, 2) : reshape(t, [1, t.size, 1])
}

/** The elements in a row, repeated or cut until they fill `shape`. */
export const resize = (x: TensorLike, shape: Shape): Tensor => {
  const t = toTensor('resize', x)
  const size = sizeOf(checkShape('resize', shape))
  if (t.size === 0) {
    if (size > 0) throw new ShapeError(`resize: an empty array cannot fill shape ${formatShape(shape)}`)
    return reshape(t, shape)
  }
  const rounds = Math.ceil(size / t.size)
  const row = reshape(broadcastTo(reshape(t, [1, t.size]), [rounds, t.size]), [rounds * t.size])
  return reshape(bind1('slice', [row], { start: [0], limit: [size], stride: [1] }), shape)
}

/** Moves an axis to before `start` (0). */
export const rollaxis = (x: TensorLike, axis: number, options: { readonly start?: number } = {}): Tensor => {
  const t = toTensor('rollaxis', x)
  const from = checkAxis('rollaxis', axis, t.ndim)
  const start = options.start ?? 0
  if (!Number.isInteger(start) || start < -t.ndim || start > t.ndim)
    throw new ShapeError(`rollaxis: start ${start} is out of bounds for array of dimension ${t.ndim}`)
  const before = start < 0 ? start + t.ndim : start
  return moveaxis(t, from, before > from ? before - 1 : before)
}

/** The last two axes swapped. */
export const matrixTranspose = (x: TensorLike): Tensor => {
  const t = toTensor('matrixTranspose', x)
  if (t.ndim < 2) throw new ShapeError(`matrixTranspose: needs at least two axes, got shape ${formatShape(t.shape)}`)
  return swapaxes(t, -1, -2)
}

/** Axes in the given order. */
export const permuteDims = (x: TensorLike, axes: readonly number[]): Tensor => transpose(x, axes)

/** The entries of an axis (0), which is dropped. */
export const unstack = (x: TensorLike, options: { readonly axis?: number } = {}): Tensor[] => {
  const t = toTensor('unstack', x)
  if (t.ndim === 0) throw new ShapeError('unstack: a scalar has no axis to unstack')
  const axis = checkAxis('unstack', options.axis ?? 0, t.ndim)
  const rest = t.shape.filter((_, i) => i !== axis)
  return Array.from({ length: t.shape[axis]! }, (_, k) =>
    reshape(
      bind1('slice', [t], {
        start: t.shape.map((_d, i) => (i === axis ? k : 0)),
        limit: t.shape.map((d, i) => (i === axis ? k + 1 : d)),
        stride: t.shape.map(() => 1),
      }),
      rest,
    ),
  )
}
