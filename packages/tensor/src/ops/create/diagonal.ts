import type { TensorLike } from '../../core/array-ops.js'
import { type DType, type StoredDType, promote } from '../../core/dtype.js'
import { ShapeError } from '../../core/errors.js'
import { checkShape, formatShape } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import { bind1 } from '../../core/trace.js'
import { eye } from './create.js'
import { counting } from '../constant.js'
import { add, greaterEqual, power } from '../elementwise/elementwise.js'
import { Indexed } from '../indexing/at.js'
import { concatenate } from '../shape/join.js'
import { diagonal, type DiagonalOptions, flatten } from '../shape/layout.js'
import { pad } from '../shape/pad.js'
import { convert, literalLike, toTensor } from '../operand.js'
import { sum } from '../reduce/reduce.js'
import { broadcastTo, expandDims, flip, ravel, reshape } from '../shape/shape.js'

interface OffsetOption {
  /** Above the main diagonal if positive. */
  readonly k?: number
}

const checkOffset = (fn: string, k: number): number => {
  if (!Number.isInteger(k)) throw new TypeError(`${fn}: k must be an integer, got ${k}`)
  return k
}

/** The sums of the diagonals over two axes (0 and 1). */
export const trace = (x: TensorLike, options: DiagonalOptions & { readonly dtype?: DType } = {}): Tensor => {
  const { dtype } = options
  return sum(diagonal(x, options), dtype === undefined ? { axis: -1 } : { axis: -1, dtype })
}

/** A matrix with the elements of `x` on its k-th diagonal, 0 elsewhere. */
export const diagflat = (x: TensorLike, options: OffsetOption = {}): Tensor => {
  const v = ravel(x)
  const k = checkOffset('diagflat', options.k ?? 0)
  const n = v.size
  const side = n + Math.abs(k)
  // In row-major order the diagonal is an even stride.
  const zero = literalLike(0, v.dtype).astype(v.dtype)
  const low = k >= 0 ? k : -k * side
  const length = n === 0 ? 0 : (n - 1) * (side + 1) + 1
  const widths =
    n === 0
      ? { low: [side * side], high: [0], interior: [0] }
      : { low: [low], high: [side * side - low - length], interior: [side] }
  return reshape(bind1('pad', [v, zero], widths), [side, side])
}

/** Of one axis: the matrix that has it as its k-th diagonal. Of two: that diagonal of it. */
export const diag = (x: TensorLike, options: OffsetOption = {}): Tensor => {
  const t = toTensor('diag', x)
  const k = checkOffset('diag', options.k ?? 0)
  if (t.ndim === 1) return diagflat(t, { k })
  if (t.ndim === 2) return diagonal(t, { offset: k })
  throw new ShapeError(`diag: needs one or two axes, got shape ${formatShape(t.shape)}; use diagonal for more`)
}

/**
 * `x` with `value` on its main diagonal: a scalar, or elements that repeat along it. With `wrap` the diagonal of a tall
 * matrix begins anew below; more than two axes must have one extent.
 */
export const fillDiagonal = (x: TensorLike, value: TensorLike, options: { readonly wrap?: boolean } = {}): Tensor => {
  const t = toTensor('fillDiagonal', x)
  if (t.ndim < 2) throw new ShapeError(`fillDiagonal: needs at least two axes, got shape ${formatShape(t.shape)}`)
  if (t.ndim > 2 && t.shape.some((d) => d !== t.shape[0]))
    throw new ShapeError(`fillDiagonal: all axes must have the same length, got shape ${formatShape(t.shape)}`)
  const columns = t.shape[t.ndim - 1]!
  const step = t.ndim === 2 ? columns + 1 : t.shape.reduce((n, _, i) => n + columns ** i, 0)
  const end = t.ndim === 2 && options.wrap !== true ? Math.min(t.size, columns * columns) : t.size
  const count = Math.ceil(end / step)
  const v = typeof value === 'object' ? ravel(value) : value
  const values =
    typeof v === 'object' && v.size > 1
      ? bind1(
          'slice',
          [reshape(broadcastTo(v, [Math.ceil(count / v.size), v.size]), [Math.ceil(count / v.size) * v.size])],
          {
            start: [0],
            limit: [count],
            stride: [1],
          },
        )
      : v
  return reshape(new Indexed(flatten(t), [[0, end, step]]).set(values), t.shape)
}

/** Ones on the main diagonal of an n by n matrix. */
export const identity = (n: number, options: { readonly dtype?: DType } = {}): Tensor => eye(n, options)

/** Ones on and below the k-th diagonal of an n by M matrix. */
export const tri = (
  n: number,
  options: OffsetOption & { readonly M?: number; readonly dtype?: DType } = {},
): Tensor => {
  const shape = checkShape('tri', [n, options.M ?? n])
  const keep = greaterEqual(add(counting(shape, 0), checkOffset('tri', options.k ?? 0)), counting(shape, 1))
  return keep.astype(options.dtype ?? 'float32')
}

/** The powers of the elements of one axis in N (as many as there are) columns: falling, or `increasing` from 0. */
export const vander = (x: TensorLike, options: { readonly N?: number; readonly increasing?: boolean } = {}): Tensor => {
  const t = toTensor('vander', x)
  if (t.ndim !== 1) throw new ShapeError(`vander: needs one axis, got shape ${formatShape(t.shape)}`)
  const n = options.N ?? t.size
  if (!Number.isInteger(n) || n < 0) throw new RangeError(`vander: N must be a non-negative integer, got ${n}`)
  const base = t.dtype === 'bool' ? convert(t, 'int32') : t
  const up = counting([n])
  const exponents = options.increasing === true ? up : flip(up)
  return power(expandDims(base, 1), exponents.astype(base.dtype))
}

/** The arrays, of at most two axes, along the diagonal of a matrix that is 0 elsewhere. */
export const blockDiag = (...arrays: readonly TensorLike[]): Tensor => {
  const given = arrays.map((x) => toTensor('blockDiag', x))
  const high = given.find((t) => t.ndim > 2)
  if (high !== undefined)
    throw new ShapeError(`blockDiag: arrays must have at most two axes, got shape ${formatShape(high.shape)}`)
  if (given.length === 0) return bind1('full', [], { shape: [1, 0], value: 0, dtype: 'float32', weak: false })
  const { dtype } = given.map((t): { readonly dtype: DType; readonly weak: boolean } => t).reduce(promote)
  const blocks = given.map((t) => {
    const typed = t.dtype === dtype ? t : convert(t, dtype as StoredDType)
    return typed.ndim === 2 ? typed : reshape(typed, [1, typed.size])
  })
  const width = blocks.reduce((n, b) => n + b.shape[1]!, 0)
  let from = 0
  const rows = blocks.map((b) => {
    const left = from
    from += b.shape[1]!
    return pad(b, [
      [0, 0],
      [left, width - from],
    ])
  })
  return concatenate(rows)
}
