import type { TensorLike } from '../../core/array-ops.js'
import { isInteger, type StoredDType } from '../../core/dtype.js'
import { DtypeError, ShapeError, TraceError } from '../../core/errors.js'
import { formatShape, sameShape } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import { bind1 } from '../../core/trace.js'
import { add, clip, divide, equal, multiply, subtract } from '../elementwise/elementwise.js'
import { slice } from '../indexing/indexing.js'
import { convert, literalLike, promoteFloats, toFloat, toTensor } from '../operand.js'
import { max, min, sum } from '../reduce/reduce.js'
import { broadcastTo, expandDims, ravel } from '../shape/shape.js'
import { searchsorted } from './searchsorted.js'
import { where } from '../elementwise/where.js'

export interface BincountOptions {
  /** What each element counts; 1 (int32) if absent. */
  readonly weights?: TensorLike
  /** The least length of the result. */
  readonly minlength?: number
  /** The length of the result: needed inside traced functions. Numbers beyond it are not counted. */
  readonly length?: number
}

const checkCount = (fn: string, name: string, n: number): number => {
  if (!Number.isInteger(n) || n < 0) throw new RangeError(`${fn}: ${name} must be a non-negative integer, got ${n}`)
  return n
}

/**
 * How often each number 0, 1, 2 ... occurs in an array of integers of one axis; negative ones count as 0. The result
 * reaches to the greatest number, which is read, so inside traced functions `length` is needed.
 */
export const bincount = (x: TensorLike, options: BincountOptions = {}): Tensor => {
  const given = toTensor('bincount', x)
  const t = given.dtype === 'bool' ? convert(given, 'int32') : given
  if (!isInteger(t.dtype))
    throw new DtypeError(`bincount: needs integers, got ${t.dtype}; convert with x.astype('int32')`)
  if (t.ndim !== 1) throw new ShapeError(`bincount: needs one axis, got shape ${formatShape(t.shape)}; use ravel(x)`)
  const minlength = checkCount('bincount', 'minlength', options.minlength ?? 0)
  const length =
    options.length === undefined
      ? Math.max(minlength, greatest(t) + 1)
      : checkCount('bincount', 'length', options.length)
  const weights =
    options.weights === undefined ? literalLike(1, 'int32').astype('int32') : toTensor('bincount', options.weights)
  if (weights.ndim > 0 && !sameShape(weights.shape, t.shape))
    throw new ShapeError(
      `bincount: weights must have the shape of x, got ${formatShape(weights.shape)} for ${formatShape(t.shape)}`,
    )
  const zero = bind1('full', [], { shape: [length], value: 0, dtype: weights.dtype as StoredDType, weak: false })
  return bind1('scatter', [zero, clip(t, 0, null), broadcastTo(weights, t.shape)], { axes: [0], op: 'add' })
}

const greatest = (t: Tensor): number => {
  if (t.size === 0) return -1
  if (!t.concrete)
    throw new TraceError(
      'bincount: the length of the result depends on the values, which a traced function does not know; give { length }',
    )
  return Math.max(0, Number(max(t).item()))
}

export interface BinOptions {
  /** How many bins of equal width (10 if absent), or their edges, ascending. */
  readonly bins?: number | TensorLike
  /** The outer edges; the least and the greatest element if absent. */
  readonly range?: readonly [TensorLike, TensorLike]
}

/** The edges of bins, one more than there are bins. */
export const histogramBinEdges = (x: TensorLike, options: BinOptions = {}): Tensor => {
  const t = toFloat('histogramBinEdges', x)
  const bins = options.bins ?? 10
  if (typeof bins !== 'number') {
    const edges = toTensor('histogramBinEdges', bins)
    if (edges.ndim !== 1)
      throw new ShapeError(`histogramBinEdges: edges must have one axis, got shape ${formatShape(edges.shape)}`)
    return edges.astype(t.dtype)
  }
  if (!Number.isInteger(bins) || bins < 1)
    throw new RangeError(`histogramBinEdges: needs a positive number of bins, got ${bins}`)
  const [low, high] = (options.range ?? [min(t), max(t)]).map((r) => toTensor('histogramBinEdges', r).astype(t.dtype))
  const same = equal(low!, high!)
  const [first, last] = [where(same, subtract(low!, 0.5), low!), where(same, add(high!, 0.5), high!)]
  // As linspace blends the ends.
  const part = divide(bind1('iota', [], { shape: [bins + 1], axis: 0, dtype: t.dtype as StoredDType }), bins)
  const blend = add(multiply(first, subtract(1, part)), multiply(last, part))
  return where(equal(bind1('iota', [], { shape: [bins + 1], axis: 0, dtype: 'int32' }), bins), last, blend)
}

export interface HistogramOptions extends BinOptions {
  /** What each element counts; 1 if absent. */
  readonly weights?: TensorLike
  /** Divide by the total and the bins' widths, so that the integral is 1. */
  readonly density?: boolean
}

const samples = (fn: string, x: TensorLike, weights: TensorLike | undefined): readonly [Tensor, Tensor | null] => {
  if (weights === undefined) return [toFloat(fn, x), null]
  const [t, w] = promoteFloats(fn, [x, weights])
  if (!sameShape(t!.shape, w!.shape))
    throw new ShapeError(
      `${fn}: weights must have the shape of x, got ${formatShape(w!.shape)} for ${formatShape(t!.shape)}`,
    )
  return [t!, ravel(w!)]
}

const onesOf = (t: Tensor): Tensor =>
  bind1('full', [], { shape: [t.size], value: 1, dtype: t.dtype as StoredDType, weak: false })

const widths = (edges: Tensor): Tensor => subtract(slice(edges, [1, null]), slice(edges, [0, -1]))

/** How many elements lie in each bin (in floating point) and the bins' edges. A bin has its left edge, the last one both. */
export const histogram = (x: TensorLike, options: HistogramOptions = {}): [counts: Tensor, edges: Tensor] => {
  const [t, w] = samples('histogram', x, options.weights)
  const weights = w ?? onesOf(t)
  const edges = histogramBinEdges(t, options)
  const values = ravel(t)
  const n = edges.size
  const found = where(equal(values, slice(edges, -1)), n - 1, searchsorted(edges, values, { side: 'right' }))
  const zero = bind1('full', [], { shape: [n], value: 0, dtype: weights.dtype as StoredDType, weak: false })
  const all = bind1('scatter', [zero, found.astype('int32'), weights], { axes: [0], op: 'add' })
  const counts = slice(all, [1, null])
  return [options.density === true ? divide(divide(counts, widths(edges)), sum(counts)) : counts, edges]
}

export interface Histogram2dOptions {
  /** For both axes, or one for each. */
  readonly bins?: number | TensorLike | readonly [number | TensorLike, number | TensorLike]
  /** The outer edges along each axis; null for the least and the greatest element. */
  readonly range?: readonly [readonly [TensorLike, TensorLike] | null, readonly [TensorLike, TensorLike] | null]
  readonly weights?: TensorLike
  readonly density?: boolean
}

/** As `histogram` for pairs: the counts, with one axis for each coordinate, and the edges along both. */
export const histogram2d = (
  x: TensorLike,
  y: TensorLike,
  options: Histogram2dOptions = {},
): [counts: Tensor, xEdges: Tensor, yEdges: Tensor] => {
  const both = promoteFloats('histogram2d', [x, y])
  if (both.some((t) => t.ndim !== 1) || both[0]!.size !== both[1]!.size)
    throw new ShapeError(
      `histogram2d: x and y must have one axis of one length, got ${both.map((t) => formatShape(t.shape)).join(' and ')}`,
    )
  const [, w] = samples('histogram2d', both[0]!, options.weights)
  const bins = options.bins ?? 10
  const binsOf = (k: number): number | TensorLike => (Array.isArray(bins) ? bins[k] : bins) as number | TensorLike
  const edges = both.map((t, k) => {
    const range = options.range?.[k]
    return histogramBinEdges(
      t,
      range === undefined || range === null ? { bins: binsOf(k) } : { bins: binsOf(k), range },
    )
  })
  const [rows, columns] = both.map((t, k) => {
    const found = searchsorted(edges[k]!, t, { side: 'right' })
    return where(equal(t, slice(edges[k]!, -1)), subtract(found, 1), found).astype('int32')
  })
  const shape = edges.map((e) => e.size + 1)
  const weights = w ?? (options.density === true ? onesOf(both[0]!) : convert(onesOf(both[0]!), 'int32'))
  const zero = bind1('full', [], { shape, value: 0, dtype: weights.dtype as StoredDType, weak: false })
  const all = bind1('scatter', [zero, rows!, columns!, weights], { axes: [0, 1], op: 'add' })
  const counts = slice(all, [1, -1], [1, -1])
  if (options.density !== true) return [counts, edges[0]!, edges[1]!]
  const share = divide(counts, sum(counts))
  const [height, width] = edges.map(widths)
  return [divide(divide(share, expandDims(height!, 1)), width!), edges[0]!, edges[1]!]
}
