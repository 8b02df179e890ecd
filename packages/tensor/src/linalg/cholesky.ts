import type { TensorLike } from '../core/array-ops.js'
import type { Tensor } from '../core/tensor.js'
import { matmul } from '../ops/products/contract.js'
import { tril } from '../ops/create/create.js'
import { callRoutine } from '../ops/routine.js'
import { where } from '../ops/elementwise/where.js'
import { defineRoutine, type Routine } from '../primitives/routine.js'
import { onDiagonal, rowsOf, squareOf, symmetrized } from './operand.js'
import { solveTriangle, solveTriangleRight } from './triangular.js'

/** The lower triangle with half of the diagonal. */
const halved = (x: Tensor): Tensor => {
  const lower = tril(x)
  return where(onDiagonal(rowsOf(x)), lower.mul(0.5), lower)
}

const lower = { lower: true, transpose: false, unit: false } as const

/** A, of which the lower triangle is read, to L; all NaN where A is not positive definite. */
const choleskyRoutine: Routine = /* @__PURE__ */ defineRoutine({
  name: 'cholesky',
  ranks: [2],
  types: ([a]) => [a!],
  compute: ([a], [out], [type]) => {
    const n = type!.shape[0]!
    const l = new Float64Array(n * n)
    for (let j = 0; j < n; j++) {
      for (let i = j; i < n; i++) {
        let total = a![i * n + j]!
        for (let k = 0; k < j; k++) total -= l[i * n + k]! * l[j * n + k]!
        if (i > j) l[i * n + j] = total / l[j * n + j]!
        else if (total > 0) l[j * n + j] = Math.sqrt(total)
        else {
          out!.fill(NaN)
          return
        }
      }
    }
    out!.set(l)
  },
  jvp: ([da], { outputs: [l] }) => [
    da && matmul(l!, halved(solveTriangle(l!, solveTriangleRight(l!, da, { ...lower, transpose: true }), lower))),
  ],
  vjp: ([ct], { outputs: [l] }) => {
    if (!ct) return []
    const inside = solveTriangle(l!, halved(matmul(l!.mT, ct)), { ...lower, transpose: true })
    return [solveTriangleRight(l!, inside, lower)]
  },
})

export interface CholeskyOptions {
  /** Give U with A = U^T U instead of L with A = L L^T. */
  readonly upper?: boolean
  /** Replace A by the mean of it and its transpose; else only its lower triangle is read. */
  readonly symmetrizeInput?: boolean
}

/** The lower triangular L with A = L L^T of symmetric positive definite matrices; NaN for one that is not. */
export const cholesky = (a: TensorLike, options: CholeskyOptions = {}): Tensor => {
  const x = squareOf('cholesky', a)
  const { upper = false, symmetrizeInput = true } = options
  const l = tril(callRoutine(choleskyRoutine, [symmetrizeInput ? symmetrized(x) : x])[0]!)
  return upper ? l.mT : l
}
