import type { TensorLike } from '../core/array-ops.js'
import { ShapeError } from '../core/errors.js'
import { formatShape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { iota } from '../ops/create/create.js'
import { toFloat } from '../ops/operand.js'
import { expandDims } from '../ops/shape/shape.js'
import { where } from '../ops/elementwise/where.js'

/** An operand of matrices in its last two axes, as floats. */
export const matrixOf = (fn: string, a: TensorLike): Tensor => {
  const x = toFloat(`linalg.${fn}`, a)
  if (x.ndim < 2)
    throw new ShapeError(
      `linalg.${fn}: needs a matrix in the last two axes, got shape ${formatShape(x.shape)}; use expandDims or reshape`,
    )
  return x
}

/** An operand of square matrices in its last two axes, as floats. */
export const squareOf = (fn: string, a: TensorLike): Tensor => {
  const x = matrixOf(fn, a)
  if (x.shape[x.ndim - 1] !== x.shape[x.ndim - 2])
    throw new ShapeError(`linalg.${fn}: needs square matrices in the last two axes, got shape ${formatShape(x.shape)}`)
  return x
}

export const rowsOf = (x: Tensor): number => x.shape[x.ndim - 2]!
export const columnsOf = (x: Tensor): number => x.shape[x.ndim - 1]!

/** Where the row and the column have the same number, and by how much they differ. */
export const onDiagonal = (n: number, m: number = n): Tensor => iota([n, m], 0).equal(iota([n, m], 1))

/** Square matrices with the elements of the last axis on the diagonal. */
export const diagonalMatrix = (x: Tensor): Tensor =>
  where(onDiagonal(columnsOf(expandDims(x, -2))), expandDims(x, -2), 0)

/** The diagonals of square matrices. */
export const diagonalOf = (x: Tensor): Tensor => where(onDiagonal(rowsOf(x)), x, 0).sum({ axis: -1 })

/** The mean of a matrix and its transpose. */
export const symmetrized = (x: Tensor): Tensor => x.add(x.mT).mul(0.5)

/** The sum of those that are not null. */
export const sumOf = (terms: readonly (Tensor | null | undefined)[]): Tensor | null =>
  terms.reduce<Tensor | null>((total, t) => (t ? (total === null ? t : total.add(t)) : total), null)
