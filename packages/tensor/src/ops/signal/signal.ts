import type { TensorLike } from '../../core/array-ops.js'
import { isFloat, type StoredDType } from '../../core/dtype.js'
import { ShapeError } from '../../core/errors.js'
import { finfo } from '../../core/limits.js'
import { broadcastShapes, checkAxis, formatShape, sameShape } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import { bind, bind1 } from '../../core/trace.js'
import {
  abs,
  add,
  clip,
  divide,
  equal,
  floorDivide,
  greater,
  less,
  lessEqual,
  logicalAnd,
  multiply,
  remainder,
  subtract,
} from '../elementwise/elementwise.js'
import { slice, take } from '../indexing/indexing.js'
import { concatenate, stack } from '../shape/join.js'
import { promoteFloats, promoteOperands, toFloat, toTensor } from '../operand.js'
import { cumsum } from '../reduce/reduce.js'
import { flip, moveaxis, reshape } from '../shape/shape.js'
import { searchsorted } from '../order/searchsorted.js'
import { where } from '../elementwise/where.js'

export interface ConvolveOptions {
  /** 'full': wherever both overlap; 'same': as many as the longer one has; 'valid': where they overlap in whole. */
  readonly mode?: 'full' | 'same' | 'valid'
}

/** Products of a window that slides along; the longer operand stays. */
const slide = (fn: string, a: Tensor, b: Tensor, mode: NonNullable<ConvolveOptions['mode']>): Tensor => {
  const n = b.size
  const half = Math.floor(n / 2)
  const padding = { full: [n - 1, n - 1], same: [half, n - half - 1], valid: [0, 0] } as const
  if (!Object.hasOwn(padding, mode))
    throw new RangeError(`${fn}: unknown mode, got '${String(mode)}'; use 'full', 'same' or 'valid'`)
  const result = bind1('conv_general_dilated', [reshape(a, [1, a.size, 1]), reshape(b, [n, 1, 1])], {
    strides: [1],
    padding: [padding[mode]],
    lhsDilation: [1],
    rhsDilation: [1],
    groups: 1,
    batchGroups: 1,
  })
  return reshape(result, [result.size])
}

const lines = (fn: string, a: TensorLike, b: TensorLike): readonly [Tensor, Tensor] => {
  const [x, y] = promoteFloats(fn, [a, b]) as readonly [Tensor, Tensor]
  if (x.ndim !== 1 || y.ndim !== 1 || x.size === 0 || y.size === 0)
    throw new ShapeError(
      `${fn}: operands must have one axis and at least one element, got shapes ${formatShape(x.shape)} and ${formatShape(y.shape)}`,
    )
  return [x, y]
}

/** The discrete convolution of two arrays of one axis, in floating point: sums of x[i] y[n - i]. Default mode: full. */
export const convolve = (a: TensorLike, v: TensorLike, options: ConvolveOptions = {}): Tensor => {
  const [x, y] = lines('convolve', a, v)
  const [long, short] = x.size < y.size ? [y, x] : [x, y]
  return slide('convolve', long, flip(short), options.mode ?? 'full')
}

/** The cross-correlation of two arrays of one axis, in floating point: sums of x[n + i] y[i]. Default mode: valid. */
export const correlate = (a: TensorLike, v: TensorLike, options: ConvolveOptions = {}): Tensor => {
  const [x, y] = lines('correlate', a, v)
  const mode = options.mode ?? 'valid'
  return x.size < y.size ? flip(slide('correlate', y, x, mode)) : slide('correlate', x, y, mode)
}

export interface InterpOptions {
  /** The value left of the first point: that of the point if absent, or the first segment's line. Not with `period`. */
  readonly left?: TensorLike | 'extrapolate'
  /** The same right of the last point. */
  readonly right?: TensorLike | 'extrapolate'
  /** Positions that differ by this are the same; points may come in any order then. */
  readonly period?: TensorLike
}

/** Values at `x` on the line through points at ascending positions `xp` with values `fp`. */
export const interp = (x: TensorLike, xp: TensorLike, fp: TensorLike, options: InterpOptions = {}): Tensor => {
  let [at, positions] = promoteFloats('interp', [x, xp]) as readonly [Tensor, Tensor]
  let values = toFloat('interp', fp)
  if (positions.ndim !== 1 || !sameShape(positions.shape, values.shape) || positions.size === 0)
    throw new ShapeError(
      `interp: xp and fp must have one axis of one length, got shapes ${formatShape(positions.shape)} and ${formatShape(values.shape)}`,
    )
  for (const side of [options.left, options.right])
    if (typeof side === 'string' && side !== 'extrapolate')
      throw new RangeError(`interp: the only text for left and right is 'extrapolate', got '${String(side)}'`)
  const { period } = options
  if (period !== undefined) {
    const length = abs(toTensor('interp', period))
    if (length.ndim !== 0)
      throw new ShapeError(`interp: the period must be a scalar, got shape ${formatShape(length.shape)}`)
    at = remainder(at, length)
    const sorted = bind('sort', [remainder(positions, length), values], { axis: 0 })
    positions = concatenate([
      subtract(slice(sorted[0]!, [-1, null]), length),
      sorted[0]!,
      add(slice(sorted[0]!, [0, 1]), length),
    ])
    values = concatenate([slice(sorted[1]!, [-1, null]), sorted[1]!, slice(sorted[1]!, [0, 1])])
  }
  const n = positions.size
  // A single point has no segment: both its ends are the point.
  const upper = clip(searchsorted(positions, at, { side: 'right' }), Math.min(1, n - 1), n - 1)
  const lower = n === 1 ? upper : subtract(upper, 1)
  const [from, to] = [lower, upper].map((i) => take(positions, i, { mode: 'clip' }))
  const [start, end] = [lower, upper].map((i) => take(values, i, { mode: 'clip' }))
  const width = subtract(to!, from!)
  // A step that is no wider than rounding has no slope; its derivative must not divide by 0.
  const { eps } = finfo(positions.dtype)
  const flat = lessEqual(abs(width), eps * eps)
  const share = divide(subtract(at, from!), where(flat, 1, width))
  const line = where(flat, start!, add(start!, multiply(share, subtract(end!, start!))))
  if (period !== undefined) return line
  const below =
    options.left === 'extrapolate' ? line : where(less(at, slice(positions, 0)), options.left ?? slice(values, 0), line)
  return options.right === 'extrapolate'
    ? below
    : where(greater(at, slice(positions, -1)), options.right ?? slice(values, -1), below)
}

export interface UnwrapOptions {
  /** Jumps below this stay; half the period if absent. */
  readonly discont?: number
  readonly axis?: number
  /** 2 pi if absent. */
  readonly period?: number
}

/** Angles along an axis (default -1) without jumps: each is moved by whole periods to be near the one before. */
export const unwrap = (x: TensorLike, options: UnwrapOptions = {}): Tensor => {
  const period = options.period ?? 2 * Math.PI
  const given = toTensor('unwrap', x)
  const [t, length] = promoteOperands('unwrap', [given, period]) as readonly [Tensor, Tensor]
  const axis = checkAxis('unwrap', options.axis ?? -1, t.ndim)
  if (t.shape[axis] === 0) return t
  const before = t.shape.slice(0, axis).map(() => ':')
  const [first, later, earlier] = [
    [0, 1],
    [1, null],
    [0, -1],
  ].map((r) => slice(t, ...before, r))
  const interval = isFloat(t.dtype) ? divide(length, 2) : floorDivide(length, 2)
  const step = subtract(later!, earlier!)
  const wrapped = subtract(remainder(add(step, interval), length), interval)
  const near = where(logicalAnd(equal(wrapped, multiply(interval, -1)), greater(step, 0)), interval, wrapped)
  const correction = where(less(abs(step), options.discont ?? period / 2), 0, subtract(near, step))
  return concatenate([first!, add(later!, cumsum(correction, { axis }))], { axis })
}

/** The polynomial with the coefficients `p` along the leading axis, the highest power first, at `x`. */
export const polyval = (p: TensorLike, x: TensorLike): Tensor => {
  const [coefficients, at] = promoteOperands('polyval', [p, x]) as readonly [Tensor, Tensor]
  if (coefficients.ndim === 0) throw new ShapeError('polyval: coefficients need a leading axis, got a scalar')
  const shape = broadcastShapes('polyval', [coefficients.shape.slice(1), at.shape])
  let total = bind1('full', [], { shape: [...shape], value: 0, dtype: at.dtype as StoredDType, weak: false })
  for (let i = 0; i < coefficients.shape[0]!; i++) {
    const next = slice(coefficients, i)
    total = i === 0 ? add(total, next) : add(multiply(total, at), next)
  }
  return total
}

export interface CrossOptions {
  /** The axis of the vectors in both operands and in the result; default -1. */
  readonly axis?: number
  readonly axisa?: number
  readonly axisb?: number
  readonly axisc?: number
}

/** The vector product along an axis of 3 elements, or 2, which stand for a third that is 0. Of 2 with 2 the third element alone. */
export const cross = (a: TensorLike, b: TensorLike, options: CrossOptions = {}): Tensor => {
  const [x, y] = promoteOperands('cross', [a, b]) as readonly [Tensor, Tensor]
  const [axisA, axisB, axisC] = (['axisa', 'axisb', 'axisc'] as const).map((k) => options.axis ?? options[k] ?? -1)
  const [u, v] = [moveaxis(x, axisA!, -1), moveaxis(y, axisB!, -1)]
  const sizes = [u, v].map((t) => t.shape[t.ndim - 1]!)
  if (sizes.some((n) => n !== 2 && n !== 3))
    throw new ShapeError(
      `cross: vectors must have 2 or 3 elements, got ${sizes.join(' and ')} of shapes ${formatShape(x.shape)} and ${formatShape(y.shape)}`,
    )
  const part = (t: Tensor, i: number): Tensor => slice(t, '...', i)
  const [p, q] = [u, v].map((t, k) => [0, 1, 2].map((i) => (i < sizes[k]! ? part(t, i) : multiply(part(t, 0), 0))))
  const of = (i: number, j: number): Tensor => subtract(multiply(p![i]!, q![j]!), multiply(p![j]!, q![i]!))
  if (sizes[0] === 2 && sizes[1] === 2) return of(0, 1)
  return stack([of(1, 2), of(2, 0), of(0, 1)], { axis: checkAxis('cross', axisC!, Math.max(u.ndim, v.ndim)) })
}
