import type { TensorLike } from '../../core/array-ops.js'
import { ShapeError, TraceError } from '../../core/errors.js'
import { checkAxis, formatShape } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import { bind1 } from '../../core/trace.js'
import { integers } from '../constant.js'
import { copy } from '../create/copy.js'
import { clip, greaterEqual } from '../elementwise/elementwise.js'
import { take } from '../indexing/indexing.js'
import { toTensor } from '../operand.js'
import { cumsum, sum } from '../reduce/reduce.js'
import { broadcastTo, expandDims, moveaxis, reshape } from './shape.js'

/** All elements in one axis, in a buffer of their own. */
export const flatten = (x: TensorLike): Tensor => {
  const t = copy(x)
  return reshape(t, [t.size])
}

export interface RepeatOptions {
  /** Null or absent: all elements in a row. */
  readonly axis?: number | null
  /** The length of the result: cut there, or filled up with the last entry. Needed for traced counts. */
  readonly totalRepeatLength?: number
}

const checkCounts = (counts: readonly number[], n: number): readonly number[] => {
  if (!counts.every((c) => Number.isInteger(c) && c >= 0))
    throw new RangeError(`repeat: counts must be non-negative integers, got [${counts.join(', ')}]`)
  if (counts.length === 1) return Array.from({ length: n }, () => counts[0]!)
  if (counts.length !== n)
    throw new ShapeError(`repeat: needs one count per entry of an axis of size ${n}, got ${counts.length}`)
  return counts
}

const readCounts = (counts: number | readonly number[] | Tensor): readonly number[] =>
  typeof counts === 'number' ? [counts] : Array.isArray(counts) ? counts : Array.from((counts as Tensor).dataSync())

/** Which entry stands at each place of the result. */
const sourcesOf = (counts: readonly number[], total: number | undefined): Int32Array => {
  const sources = counts.flatMap((c, i) => Array.from({ length: c }, () => i))
  return total === undefined
    ? Int32Array.from(sources)
    : Int32Array.from({ length: total }, (_, i) => sources[i] ?? counts.length - 1)
}

/** Every entry of an axis as often as `counts` says: a number, or one per entry. */
export const repeat = (
  x: TensorLike,
  counts: number | readonly number[] | Tensor,
  options: RepeatOptions = {},
): Tensor => {
  const given = toTensor('repeat', x)
  const flat = options.axis === undefined || options.axis === null
  const t = flat ? reshape(given, [given.size]) : given
  const axis = flat ? 0 : checkAxis('repeat', options.axis as number, t.ndim)
  const n = t.shape[axis]!
  const total = options.totalRepeatLength
  if (total !== undefined && (!Number.isInteger(total) || total < 0))
    throw new RangeError(`repeat: totalRepeatLength must be a non-negative integer, got ${total}`)
  if (typeof counts === 'number' && total === undefined) {
    checkCounts([counts], n)
    const wide = broadcastTo(
      expandDims(t, axis + 1),
      t.shape.flatMap((d, i) => (i === axis ? [d, counts] : [d])),
    )
    return reshape(
      wide,
      t.shape.map((d, i) => (i === axis ? d * counts : d)),
    )
  }
  if (typeof counts === 'object' && 'trace' in counts && counts.trace.level > 0) {
    if (total === undefined)
      throw new TraceError(
        `repeat: traced counts decide the shape of the result inside ${counts.trace.label}; give { totalRepeatLength }`,
      )
    const ends = cumsum(broadcastTo(counts, [n]))
    const places = bind1('iota', [], { shape: [total, 1], axis: 0, dtype: 'int32' })
    const passed = sum(greaterEqual(places, ends), { axis: 1 })
    return take(t, clip(passed, 0, n - 1), { axis, mode: 'clip' })
  }
  const sources = sourcesOf(checkCounts(readCounts(counts), n), total)
  if (n === 0 && sources.length > 0)
    throw new ShapeError(`repeat: cannot fill up from axis ${axis} of size 0 of shape ${formatShape(t.shape)}`)
  return n === 0 ? t : take(t, integers(sources), { axis, mode: 'clip' })
}

export interface DiagonalOptions {
  /** Above the main diagonal if positive. */
  readonly offset?: number
  readonly axis1?: number
  readonly axis2?: number
}

/** The diagonals over two axes (0 and 1), along a new last axis. */
export const diagonal = (x: TensorLike, options: DiagonalOptions = {}): Tensor => {
  const t = toTensor('diagonal', x)
  if (t.ndim < 2) throw new ShapeError(`diagonal: needs at least two axes, got shape ${formatShape(t.shape)}`)
  const { offset = 0, axis1 = 0, axis2 = 1 } = options
  const [a, b] = [checkAxis('diagonal', axis1, t.ndim), checkAxis('diagonal', axis2, t.ndim)]
  if (a === b) throw new ShapeError(`diagonal: axis1 and axis2 cannot be the same, got ${axis1} and ${axis2}`)
  if (!Number.isInteger(offset)) throw new TypeError(`diagonal: the offset must be an integer, got ${offset}`)
  const moved = moveaxis(t, [a, b], [-2, -1])
  const rest = moved.shape.slice(0, -2)
  const [rows, columns] = moved.shape.slice(-2) as [number, number]
  const [row, column] = [Math.max(-offset, 0), Math.max(offset, 0)]
  const length = Math.max(0, Math.min(rows - row, columns - column))
  // In row-major order a diagonal is an even stride.
  const from = length === 0 ? 0 : row * columns + column
  const step = columns + 1
  return bind1('slice', [reshape(moved, [...rest, rows * columns])], {
    start: [...rest.map(() => 0), from],
    limit: [...rest, length === 0 ? from : from + (length - 1) * step + 1],
    stride: [...rest.map(() => 1), step],
  })
}
