import type { TensorLike } from '../../core/array-ops.js'
import type { StoredDType } from '../../core/dtype.js'
import { ShapeError } from '../../core/errors.js'
import { checkAxes, checkAxis, formatShape } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import { bind1 } from '../../core/trace.js'
import { add, divide, multiply, negative, notEqual, subtract } from '../elementwise/elementwise.js'
import { concatenate } from '../shape/join.js'
import { convert, promoteFloats, toFloat, toTensor } from '../operand.js'
import { sum } from './reduce.js'
import { broadcastTo, expandDims, moveaxis, ravel, reshape } from '../shape/shape.js'

/** Elements `from` to `to` along one axis. */
const cut = (x: Tensor, axis: number, from: number, to: number): Tensor =>
  bind1('slice', [x], {
    start: x.shape.map((_, i) => (i === axis ? from : 0)),
    limit: x.shape.map((d, i) => (i === axis ? to : d)),
    stride: x.shape.map(() => 1),
  })

export interface DiffOptions {
  /** How often; default 1. */
  readonly n?: number
  /** Default -1. */
  readonly axis?: number
  /** In front of the first and behind the last element along the axis. */
  readonly prepend?: TensorLike
  readonly append?: TensorLike
}

/** The differences of neighbours along an axis; for bool whether they differ. */
export const diff = (x: TensorLike, options: DiffOptions = {}): Tensor => {
  const t = toTensor('diff', x)
  const n = options.n ?? 1
  if (!Number.isInteger(n) || n < 0) throw new RangeError(`diff: order must be a non-negative integer, got ${n}`)
  if (n === 0) return t
  if (t.ndim === 0) throw new ShapeError('diff: needs at least one dimension, got shape ()')
  const axis = checkAxis('diff', options.axis ?? -1, t.ndim)
  const edge = (e: TensorLike | undefined): readonly Tensor[] => {
    if (e === undefined) return []
    const own = toTensor('diff', e)
    return [
      own.ndim === 0
        ? broadcastTo(
            own,
            t.shape.map((d, i) => (i === axis ? 1 : d)),
          )
        : own,
    ]
  }
  const parts = [...edge(options.prepend), t, ...edge(options.append)]
  let r = parts.length === 1 ? t : concatenate(parts, { axis })
  for (let k = 0; k < n; k++) {
    const length = r.shape[axis]!
    const [later, earlier] = [cut(r, axis, Math.min(1, length), length), cut(r, axis, 0, Math.max(length - 1, 0))]
    r = r.dtype === 'bool' ? notEqual(later, earlier) : subtract(later, earlier)
  }
  return r
}

export interface Ediff1dOptions {
  readonly toBegin?: TensorLike
  readonly toEnd?: TensorLike
}

/** The differences of neighbours among all elements in a row, with more numbers before and behind. */
export const ediff1d = (x: TensorLike, options: Ediff1dOptions = {}): Tensor => {
  const t = ravel(x)
  const edge = (e: TensorLike | undefined): readonly Tensor[] =>
    e === undefined ? [] : [convert(ravel(toTensor('ediff1d', e)), t.dtype as StoredDType)]
  const parts = [...edge(options.toBegin), diff(t), ...edge(options.toEnd)]
  return parts.length === 1 ? parts[0]! : concatenate(parts)
}

export interface GradientOptions {
  /** One axis or several; default all. */
  readonly axis?: number | readonly number[] | null
  /** The distance of neighbours, or their coordinates: one for all axes or one for each; default 1. */
  readonly spacing?: TensorLike | readonly TensorLike[]
}

const slope = (x: Tensor, h: Tensor, axis: number): Tensor => {
  const n = x.shape[axis]!
  const at = (from: number, to: number): Tensor => cut(x, axis, from, to)
  const lower = subtract(at(1, 2), at(0, 1))
  const upper = subtract(at(n - 1, n), at(n - 2, n - 1))
  if (h.ndim === 0) {
    const inner = divide(multiply(subtract(at(2, n), at(0, n - 2)), 0.5), h)
    return concatenate([divide(lower, h), inner, divide(upper, h)], { axis })
  }
  if (h.ndim !== 1 || h.shape[0] !== n)
    throw new ShapeError(
      `gradient: spacing arrays must be scalars or have the length of their dimension, got ${formatShape(h.shape)} for length ${n}`,
    )
  const steps = reshape(
    subtract(cut(h, 0, 1, n), cut(h, 0, 0, n - 1)),
    x.shape.map((_, i) => (i === axis ? n - 1 : 1)),
  )
  const [before, behind] = [cut(steps, axis, 0, n - 2), cut(steps, axis, 1, n - 1)]
  const both = add(before, behind)
  const inner = add(
    add(
      multiply(negative(divide(behind, multiply(before, both))), at(0, n - 2)),
      multiply(divide(subtract(behind, before), multiply(before, behind)), at(1, n - 1)),
    ),
    multiply(divide(before, multiply(behind, both)), at(2, n)),
  )
  const [first, last] = [cut(steps, axis, 0, 1), cut(steps, axis, n - 2, n - 1)]
  return concatenate([divide(lower, first), inner, divide(upper, last)], { axis })
}

/** The slopes along axes, from both neighbours and at the ends from one; a tensor for one axis, else an array of them. */
export const gradient = (x: TensorLike, options: GradientOptions = {}): Tensor | Tensor[] => {
  const { spacing = 1 } = options
  const list = Array.isArray(spacing) ? (spacing as readonly TensorLike[]) : [spacing as TensorLike]
  const [t, ...given] = promoteFloats('gradient', [x, ...list]) as readonly [Tensor, ...Tensor[]]
  const axes =
    options.axis === undefined || options.axis === null
      ? checkAxes('gradient', null, t.ndim)
      : [options.axis].flat().map((a) => checkAxis('gradient', a, t.ndim))
  if (axes.some((a) => t.shape[a]! < 2))
    throw new ShapeError(`gradient: needs at least 2 elements along each axis, got shape ${formatShape(t.shape)}`)
  if (given.length !== 1 && given.length !== axes.length)
    throw new TypeError(`gradient: needs one spacing or one for each axis, got ${given.length} for ${axes.length} axes`)
  const slopes = axes.map((a, i) => slope(t, given.length === 1 ? given[0]! : given[i]!, a))
  return slopes.length === 1 ? slopes[0]! : slopes
}

export interface TrapezoidOptions {
  /** Coordinates of the elements; else they are `dx` apart. */
  readonly x?: TensorLike
  /** Default 1. */
  readonly dx?: TensorLike
  /** Default -1. */
  readonly axis?: number
}

/** The integral along an axis by the trapezium rule. */
export const trapezoid = (y: TensorLike, options: TrapezoidOptions = {}): Tensor => {
  const { x, dx = 1 } = options
  const [heights, places] =
    x === undefined
      ? [toFloat('trapezoid', y), null]
      : (promoteFloats('trapezoid', [y, x]) as readonly [Tensor, Tensor])
  const axis = checkAxis('trapezoid', options.axis ?? -1, heights.ndim)
  const moved = moveaxis(heights, axis, -1)
  const last = moved.ndim - 1
  const n = moved.shape[last]!
  const [left, right] = [cut(moved, last, 0, Math.max(n - 1, 0)), cut(moved, last, Math.min(1, n), n)]
  const steps = (): TensorLike => {
    if (places === null) {
      const step = toTensor('trapezoid', dx)
      if (step.ndim === 0) return step
      const wide =
        step.ndim < heights.ndim
          ? expandDims(
              step,
              [...heights.shape.keys()].slice(step.ndim).map((_, i) => i),
            )
          : step
      return moveaxis(wide, axis, -1)
    }
    return places.ndim === 1 ? diff(places) : moveaxis(diff(places, { axis }), axis, -1)
  }
  return multiply(sum(multiply(steps(), add(left, right)), { axis: -1 }), 0.5)
}
