import type { TensorLike } from '../core/array-ops.js'
import { ShapeError } from '../core/errors.js'
import { checkAxis, formatShape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { toFloat } from '../ops/operand.js'
import { expandDims, moveaxis } from '../ops/shape/shape.js'
import { where } from '../ops/elementwise/where.js'
import { columnsOf, matrixOf, rowsOf, squareOf } from './operand.js'
import { inv } from './solve.js'
import { svdvals } from './svd.js'

export type NormOrder = number | 'fro' | 'nuc'

export interface NormOptions {
  /**
   * Of vectors: any number p, where 0 counts what is not 0 and the infinities give the extremes of the absolute values.
   * Of matrices: 'fro', 'nuc', 1, -1, 2, -2 and the infinities. By default the root of the sum of squares.
   */
  readonly ord?: NormOrder | null
  /** One axis for vectors, two for matrices; all axes by default. */
  readonly axis?: number | readonly number[] | null
  readonly keepdims?: boolean
}

const refuse = (ord: unknown, what: string, remedy: string): never => {
  throw new RangeError(
    `linalg.norm: unknown order for ${what}, got ${JSON.stringify(ord) ?? String(ord)}; use ${remedy}`,
  )
}

const euclidean = (x: Tensor, axis: readonly number[] | null, keepdims: boolean): Tensor =>
  x.square().sum({ axis, keepdims }).sqrt()

const vectorNorm = (x: Tensor, ord: NormOrder, axis: number, keepdims: boolean): Tensor => {
  const options = { axis, keepdims }
  if (typeof ord !== 'number') return refuse(ord, 'vectors', 'a number')
  if (ord === 2) return euclidean(x, [axis], keepdims)
  if (ord === 0) return x.notEqual(0).astype(x.dtype).sum(options)
  const size = x.abs()
  if (ord === Infinity) return size.max({ ...options, initial: 0 })
  if (ord === -Infinity) return size.min(options)
  if (ord === 1) return size.sum(options)
  return size
    .pow(ord)
    .sum(options)
    .pow(1 / ord)
}

const matrixNorm = (x: Tensor, ord: NormOrder, [row, column]: readonly number[], keepdims: boolean): Tensor => {
  const finish = (y: Tensor): Tensor => (keepdims ? expandDims(y, [row!, column!]) : y)
  const sums = (over: number, kept: number): [Tensor, number] => [
    x.abs().sum({ axis: over }),
    kept > over ? kept - 1 : kept,
  ]
  const greatest = ([y, axis]: [Tensor, number]): Tensor => finish(y.max({ axis, initial: 0 }))
  const least = ([y, axis]: [Tensor, number]): Tensor => finish(y.min({ axis }))
  const values = (): Tensor => svdvals(moveaxis(x, [row!, column!], [-2, -1]))
  switch (ord) {
    case 'fro':
      return euclidean(x, [row!, column!], keepdims)
    case 'nuc':
      return finish(values().sum({ axis: -1 }))
    case 1:
      return greatest(sums(row!, column!))
    case -1:
      return least(sums(row!, column!))
    case Infinity:
      return greatest(sums(column!, row!))
    case -Infinity:
      return least(sums(column!, row!))
    case 2:
      return finish(values().max({ axis: -1, initial: 0 }))
    case -2:
      return finish(values().min({ axis: -1 }))
    default:
      return refuse(ord, 'matrices', "'fro', 'nuc', 1, -1, 2, -2, Infinity or -Infinity")
  }
}

/**
 * Norms of vectors or matrices. Without order, the root of the sum of squares over all axes, however many. With one and
 * without axes, x is one vector or one matrix. The derivative of a root of squares at 0 is NaN.
 */
export const norm = (x: TensorLike, options: NormOptions = {}): Tensor => {
  const t = toFloat('linalg.norm', x)
  const { ord = null, axis = null, keepdims = false } = options
  if (axis === null && ord === null) return euclidean(t, null, keepdims)
  const axes = (axis === null ? t.shape.map((_, i) => i) : typeof axis === 'number' ? [axis] : axis).map((a) =>
    checkAxis('linalg.norm', a, t.ndim),
  )
  if (axes.length === 1) return vectorNorm(t, ord ?? 2, axes[0]!, keepdims)
  if (axes.length === 2 && axes[0] !== axes[1]) return matrixNorm(t, ord ?? 'fro', axes, keepdims)
  throw new ShapeError(
    `linalg.norm: needs one axis for vectors or two different ones for matrices, got [${axes.join(', ')}] of shape ${formatShape(t.shape)}; give { axis }`,
  )
}

/** The condition numbers of matrices in the norm `p`: 2 and -2 by singular values, for which they need not be square. */
export const cond = (x: TensorLike, options: { readonly p?: NormOrder | null } = {}): Tensor => {
  const { p = null } = options
  const a = matrixOf('cond', x)
  if (rowsOf(a) === 0 || columnsOf(a) === 0)
    throw new ShapeError(`linalg.cond: needs matrices that are not empty, got shape ${formatShape(a.shape)}`)
  if (p === null || p === 2 || p === -2) {
    const s = svdvals(a)
    const [first, last] = [s.slice('...', 0), s.slice('...', -1)]
    return p === -2 ? infiniteUnlessNaN(last.div(first), a) : first.div(last)
  }
  const order = { ord: p, axis: [-2, -1] }
  return infiniteUnlessNaN(norm(squareOf('cond', a), order).mul(norm(inv(a), order)), a)
}

/** NaN that no element of the matrix accounts for stands for infinity. */
const infiniteUnlessNaN = (r: Tensor, a: Tensor): Tensor =>
  where(
    r.isnan().logicalAnd(
      a
        .isnan()
        .any({ axis: [-2, -1] })
        .logicalNot(),
    ),
    Infinity,
    r,
  )
