import type { TensorLike } from '../core/array-ops.js'
import { ShapeError } from '../core/errors.js'
import { formatShape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { matmul } from '../ops/products/contract.js'
import { eye } from '../ops/create/create.js'
import { promoteFloats } from '../ops/operand.js'
import { callRoutine } from '../ops/routine.js'
import { expandDims, squeeze } from '../ops/shape/shape.js'
import { defineRoutine, type Routine } from '../primitives/routine.js'
import { factorLu, solveFactored } from './kernels/lu.js'
import { rowsOf, squareOf, sumOf } from './operand.js'

/** A [n, n] and B [n, k] to the X with A X = B, by Gaussian elimination with row exchanges. */
const solveRoutine: Routine = /* @__PURE__ */ defineRoutine({
  name: 'solve',
  ranks: [2, 2],
  types: ([, b]) => [b!],
  compute: ([a, b], [out], [type]) => {
    const n = type!.shape[0]!
    const lu = new Float64Array(a!)
    const perm = new Int32Array(n)
    factorLu(lu, n, n, perm)
    out!.set(solveFactored(lu, perm, n, b!, n === 0 ? 0 : b!.length / n))
  },
  jvp: ([da, db], { inputs: [a], outputs: [x] }) => {
    const moved = sumOf([db, da ? matmul(da, x!).neg() : null])
    return [moved && solveMatrix(a!, moved)]
  },
  vjp: ([ct], { inputs: [a], outputs: [x], need }) => {
    if (!ct) return []
    const back = solveMatrix(a!.mT, ct)
    return [need[0] === true ? matmul(back, x!.mT).neg() : null, back]
  },
})

const solveMatrix = (a: Tensor, b: Tensor): Tensor => callRoutine(solveRoutine, [a, b])[0]!

/** Operands of a system of equations of one dtype; `vector` says that b has one axis, which is made a column. */
export const systemOf = (
  fn: string,
  a: TensorLike,
  b: TensorLike,
): { readonly a: Tensor; readonly b: Tensor; readonly vector: boolean } => {
  const [x, y] = promoteFloats(`linalg.${fn}`, [a, b]) as readonly [Tensor, Tensor]
  squareOf(fn, x)
  const vector = y.ndim === 1
  if (y.ndim === 0 || y.shape[vector ? 0 : y.ndim - 2] !== rowsOf(x)) {
    throw new ShapeError(
      `linalg.${fn}: b needs ${rowsOf(x)} rows for a of shape ${formatShape(x.shape)}, got shape ${formatShape(y.shape)}; a vector or matrices in the last two axes`,
    )
  }
  return { a: x, b: vector ? expandDims(y, 1) : y, vector }
}

/**
 * The x with a x = b for square a. b is one vector, or matrices in its last two axes; batch axes broadcast. Infinities
 * and NaN where a is singular. Throws ShapeError where the shapes do not fit.
 */
export const solve = (a: TensorLike, b: TensorLike): Tensor => {
  const system = systemOf('solve', a, b)
  const x = solveMatrix(system.a, system.b)
  return system.vector ? squeeze(x, { axis: -1 }) : x
}

/** The inverse of square matrices; infinities and NaN where one is singular. */
export const inv = (a: TensorLike): Tensor => {
  const x = squareOf('inv', a)
  return solveMatrix(x, eye(rowsOf(x), { dtype: x.dtype }))
}
