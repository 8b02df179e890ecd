import type { TensorLike } from '../../core/array-ops.js'
import { type StoredDType } from '../../core/dtype.js'
import { ShapeError } from '../../core/errors.js'
import { checkAxes, formatShape } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import {
  add,
  astype,
  ceil,
  divide,
  floor,
  isnan,
  lessEqual,
  logicalNot,
  maximum,
  minimum,
  multiply,
  subtract,
} from '../elementwise/elementwise.js'
import { takeAlongAxis } from '../indexing/take-along-axis.js'
import { convert, toFloat } from '../operand.js'
import { any, type ReduceOptions, sum } from './reduce.js'
import { broadcastTo, expandDims, moveaxis, reshape, transpose } from '../shape/shape.js'
import { sort } from '../order/sort.js'
import { where } from '../elementwise/where.js'

/** What stands between two elements: their mixture, one of them, or their mean. */
export type QuantileMethod = 'linear' | 'lower' | 'higher' | 'midpoint' | 'nearest'

export interface QuantileOptions extends ReduceOptions {
  /** Default 'linear'. */
  readonly method?: QuantileMethod
}

const methods: readonly QuantileMethod[] = ['linear', 'lower', 'higher', 'midpoint', 'nearest']

const pick = (method: QuantileMethod, low: Tensor, high: Tensor, lowWeight: Tensor, highWeight: Tensor): Tensor => {
  switch (method) {
    case 'linear':
      return add(multiply(low, lowWeight), multiply(high, highWeight))
    case 'lower':
      return low
    case 'higher':
      return high
    case 'nearest':
      return where(lessEqual(highWeight, 0.5), low, high)
    case 'midpoint':
      return multiply(add(low, high), 0.5)
  }
}

const quantiles = (fn: string, x: TensorLike, q: TensorLike, options: QuantileOptions, skipsNan: boolean): Tensor => {
  const t = toFloat(fn, x)
  const level = toFloat(fn, q)
  const method = options.method ?? 'linear'
  if (!methods.includes(method))
    throw new RangeError(`${fn}: method must be one of ${methods.join(', ')}, got ${String(method)}`)
  if (level.ndim > 1) throw new ShapeError(`${fn}: q must have rank <= 1, got shape ${formatShape(level.shape)}`)
  const axes = checkAxes(fn, options.axis, t.ndim)
  const kept = t.shape.map((_, i) => i).filter((i) => !axes.includes(i))
  const n = axes.reduce((size, a) => size * t.shape[a]!, 1)
  if (n === 0) throw new ShapeError(`${fn}: needs at least one element, got shape ${formatShape(t.shape)}`)
  const rest = kept.map((i) => t.shape[i]!)
  const lanes = reshape(transpose(t, [...kept, ...axes]), [...rest, n])
  const missing = isnan(lanes)
  const sorted = sort(skipsNan ? lanes : where(any(missing, { axis: -1, keepdims: true }), NaN, lanes))
  const count = skipsNan ? sum(logicalNot(missing), { axis: -1, keepdims: true, dtype: level.dtype }) : n
  // Positions [..., q] in each lane.
  const last = subtract(count, 1)
  const place = multiply(level.ndim === 0 ? expandDims(level, 0) : level, last)
  const [low, high] = [floor(place), ceil(place)]
  const highWeight = subtract(place, low)
  const lowWeight = subtract(1, highWeight)
  const m = level.ndim === 0 ? 1 : level.shape[0]!
  const at = (position: Tensor): Tensor =>
    takeAlongAxis(sorted, broadcastTo(astype(maximum(minimum(position, last), 0), 'int32'), [...rest, m]), { axis: -1 })
  const picked = convert(pick(method, at(low), at(high), lowWeight, highWeight), t.dtype as StoredDType)
  const inFront = level.ndim === 0 ? reshape(picked, rest) : moveaxis(picked, -1, 0)
  if (options.keepdims !== true) return inFront
  return reshape(inFront, [...level.shape, ...t.shape.map((d, i) => (axes.includes(i) ? 1 : d))])
}

/** The elements below which the shares q (from 0 to 1) lie; the axis of q comes first. NaN where there is a NaN. */
export const quantile = (x: TensorLike, q: TensorLike, options: QuantileOptions = {}): Tensor =>
  quantiles('quantile', x, q, options, false)
/** As quantile, of the elements that are not NaN. */
export const nanquantile = (x: TensorLike, q: TensorLike, options: QuantileOptions = {}): Tensor =>
  quantiles('nanquantile', x, q, options, true)
/** As quantile, for shares from 0 to 100. */
export const percentile = (x: TensorLike, q: TensorLike, options: QuantileOptions = {}): Tensor =>
  quantiles('percentile', x, divide(toFloat('percentile', q), 100), options, false)
/** As percentile, of the elements that are not NaN. */
export const nanpercentile = (x: TensorLike, q: TensorLike, options: QuantileOptions = {}): Tensor =>
  quantiles('nanpercentile', x, divide(toFloat('nanpercentile', q), 100), options, true)
/** The middle element, or the mean of both; NaN where there is a NaN. */
export const median = (x: TensorLike, options: ReduceOptions = {}): Tensor =>
  quantiles('median', x, 0.5, { ...options, method: 'midpoint' }, false)
/** As median, of the elements that are not NaN. */
export const nanmedian = (x: TensorLike, options: ReduceOptions = {}): Tensor =>
  quantiles('nanmedian', x, 0.5, { ...options, method: 'midpoint' }, true)
