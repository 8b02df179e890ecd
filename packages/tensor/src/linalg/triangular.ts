import type { TensorLike } from '../core/array-ops.js'
import { ShapeError } from '../core/errors.js'
import { formatShape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { matmul } from '../ops/products/contract.js'
import { tril, triu } from '../ops/create/create.js'
import { promoteFloats } from '../ops/operand.js'
import { callRoutine } from '../ops/routine.js'
import { squeeze } from '../ops/shape/shape.js'
import { defineRoutine, type Routine } from '../primitives/routine.js'
import { matrixOf, squareOf, sumOf } from './operand.js'
import { systemOf } from './solve.js'

interface TriangularParams {
  readonly lower: boolean
  readonly transpose: boolean
  readonly unit: boolean
}

const triangle = (x: Tensor, { lower, unit }: TriangularParams): Tensor =>
  lower ? tril(x, unit ? -1 : 0) : triu(x, unit ? 1 : 0)

/** A [n, n] and B [n, k] to the X with A X = B, or A^T X = B; only one triangle of A is read. */
const triangularRoutine: Routine<TriangularParams> = /* @__PURE__ */ defineRoutine({
  name: 'triangular_solve',
  ranks: [2, 2],
  types: ([, b]) => [b!],
  compute: ([a, b], [out], [type], { lower, transpose, unit }) => {
    const n = type!.shape[0]!
    const columns = n === 0 ? 0 : b!.length / n
    const x = new Float64Array(b!)
    const forward = lower !== transpose
    for (let step = 0; step < n; step++) {
      const i = forward ? step : n - 1 - step
      for (let s = 0; s < step; s++) {
        const k = forward ? s : n - 1 - s
        const f = a![transpose ? k * n + i : i * n + k]!
        if (f !== 0) for (let j = 0; j < columns; j++) x[i * columns + j]! -= f * x[k * columns + j]!
      }
      if (!unit) for (let j = 0; j < columns; j++) x[i * columns + j]! /= a![i * n + i]!
    }
    out!.set(x)
  },
  jvp: ([da, db], { inputs: [a], outputs: [x], params }) => {
    const change = da ? triangle(da, params) : null
    const moved = sumOf([db, change && matmul(params.transpose ? change.mT : change, x!).neg()])
    return [moved && solveTriangle(a!, moved, params)]
  },
  vjp: ([ct], { inputs: [a], outputs: [x], params, need }) => {
    if (!ct) return []
    const back = solveTriangle(a!, ct, { ...params, transpose: !params.transpose })
    const product = (): Tensor => (params.transpose ? matmul(x!, back.mT) : matmul(back, x!.mT))
    return [need[0] === true ? triangle(product(), params).neg() : null, back]
  },
})

/** X with A X = B for matrices of one dtype. */
export const solveTriangle = (a: Tensor, b: Tensor, params: TriangularParams): Tensor =>
  callRoutine(triangularRoutine, [a, b], params)[0]!

/** X with X A = B. */
export const solveTriangleRight = (a: Tensor, b: Tensor, params: TriangularParams): Tensor =>
  solveTriangle(a, b.mT, { ...params, transpose: !params.transpose }).mT

export interface TriangularSolveOptions {
  /** Solve a x = b instead of x a = b. */
  readonly leftSide?: boolean
  /** Read the lower triangle of a; the upper one by default. */
  readonly lower?: boolean
  /** Solve with the transpose of a. */
  readonly transposeA?: boolean
  /** Take the diagonal of a as ones. */
  readonly unitDiagonal?: boolean
}

/**
 * The x with x a = b, or a x = b with `leftSide`, for a triangular a, as `jax.lax.linalg.triangular_solve`. Matrices
 * in the last two axes; batch axes broadcast. The other triangle of a is not read.
 */
export const triangularSolve = (a: TensorLike, b: TensorLike, options: TriangularSolveOptions = {}): Tensor => {
  const fn = 'triangularSolve'
  const [x, y] = promoteFloats(`linalg.${fn}`, [a, b]) as readonly [Tensor, Tensor]
  squareOf(fn, x)
  matrixOf(fn, y)
  const { leftSide = false, lower = false, transposeA = false, unitDiagonal = false } = options
  if (x.shape[x.ndim - 1] !== y.shape[y.ndim - (leftSide ? 2 : 1)]) {
    throw new ShapeError(
      `linalg.${fn}: b needs as many ${leftSide ? 'rows' : 'columns'} as a has, got shapes ${formatShape(x.shape)} and ${formatShape(y.shape)}; { leftSide: ${!leftSide} } solves ${leftSide ? 'x a = b' : 'a x = b'}`,
    )
  }
  return (leftSide ? solveTriangle : solveTriangleRight)(x, y, { lower, transpose: transposeA, unit: unitDiagonal })
}

export interface SolveTriangularOptions {
  /** 1 or 'T' solves with the transpose of a. */
  readonly trans?: 0 | 1 | 'N' | 'T'
  /** Read the lower triangle of a; the upper one by default. */
  readonly lower?: boolean
  /** Take the diagonal of a as ones. */
  readonly unitDiagonal?: boolean
}

/** The x with a x = b for a triangular a, as `scipy.linalg.solve_triangular`; shapes as `solve`. */
export const solveTriangular = (a: TensorLike, b: TensorLike, options: SolveTriangularOptions = {}): Tensor => {
  const system = systemOf('solveTriangular', a, b)
  const { trans = 0, lower = false, unitDiagonal = false } = options
  const x = solveTriangle(system.a, system.b, { lower, transpose: trans === 1 || trans === 'T', unit: unitDiagonal })
  return system.vector ? squeeze(x, { axis: -1 }) : x
}
