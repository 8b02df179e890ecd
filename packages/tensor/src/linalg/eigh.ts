import type { TensorLike } from '../core/array-ops.js'
import type { Tensor } from '../core/tensor.js'
import { matmul } from '../ops/products/contract.js'
import { tril, triu } from '../ops/create/create.js'
import { callRoutine } from '../ops/routine.js'
import { expandDims } from '../ops/shape/shape.js'
import { where } from '../ops/elementwise/where.js'
import { defineRoutine, type Routine } from '../primitives/routine.js'
import { symmetricEigen } from './kernels/eigh.js'
import { diagonalMatrix, diagonalOf, onDiagonal, rowsOf, squareOf, sumOf, symmetrized } from './operand.js'

/** 1 / (w_j - w_i) off the diagonal, 0 on it. */
const gapsOf = (w: Tensor): Tensor => {
  const same = onDiagonal(w.shape[w.ndim - 1]!)
  return where(same, 0, where(same, 1, expandDims(w, -2).sub(expandDims(w, -1))).reciprocal())
}

/** A symmetric matrix to its eigenvalues, ascending, and its eigenvectors as columns. */
const eighRoutine: Routine = /* @__PURE__ */ defineRoutine({
  name: 'eigh',
  ranks: [2],
  types: ([a]) => [{ shape: [a!.shape[0]!], dtype: a!.dtype }, a!],
  compute: ([a], [values, vectors], [type]) => {
    const { w, v } = symmetricEigen(new Float64Array(a!), type!.shape[0]!)
    values!.set(w)
    vectors!.set(v)
  },
  jvp: ([da], { outputs: [w, v] }) => {
    if (!da) return []
    const inside = matmul(matmul(v!.mT, da), v!)
    return [diagonalOf(inside), matmul(v!, gapsOf(w!).mul(inside))]
  },
  vjp: ([dw, dv], { outputs: [w, v] }) => {
    const inside = sumOf([dw && diagonalMatrix(dw), dv && gapsOf(w!).mul(matmul(v!.mT, dv))])
    return [inside && matmul(matmul(v!, inside), v!.mT)]
  },
})

export interface EighOptions {
  /** Which triangle is read where `symmetrizeInput` is false. */
  readonly UPLO?: 'L' | 'U'
  /** Replace the matrices by the mean of them and their transposes, which is the default. */
  readonly symmetrizeInput?: boolean
}

const symmetric = (fn: string, a: TensorLike, { UPLO = 'L', symmetrizeInput = true }: EighOptions): Tensor => {
  const x = squareOf(fn, a)
  if (UPLO !== 'L' && UPLO !== 'U') throw new RangeError(`linalg.${fn}: UPLO must be 'L' or 'U', got '${String(UPLO)}'`)
  if (symmetrizeInput) return symmetrized(x)
  const strict = UPLO === 'L' ? tril(x, -1) : triu(x, 1)
  return where(onDiagonal(rowsOf(x)), x, strict.add(strict.mT))
}

/**
 * Eigenvalues, ascending, and eigenvectors (columns) of symmetric matrices. The signs of the vectors are arbitrary, and
 * the derivatives of the vectors are infinite or NaN where two eigenvalues are equal. Matrices that are not symmetric
 * have complex eigenvalues in general, for which there is no dtype here, so there is no `eig`.
 */
export const eigh = (a: TensorLike, options: EighOptions = {}): [w: Tensor, v: Tensor] => {
  const [w, v] = callRoutine(eighRoutine, [symmetric('eigh', a, options)])
  return [w!, v!]
}

/** The eigenvalues of symmetric matrices, ascending. */
export const eigvalsh = (a: TensorLike, options: EighOptions = {}): Tensor =>
  callRoutine(eighRoutine, [symmetric('eigvalsh', a, options)])[0]!
