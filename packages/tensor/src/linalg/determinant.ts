import type { TensorLike } from '../core/array-ops.js'
import type { Tensor } from '../core/tensor.js'
import { matmul } from '../ops/products/contract.js'
import { callRoutine } from '../ops/routine.js'
import { expandDims } from '../ops/shape/shape.js'
import { type CoreType, defineRoutine, type Routine } from '../primitives/routine.js'
import { cofactorMatrix } from './kernels/cofactor.js'
import { factorLu } from './kernels/lu.js'
import { squareOf } from './operand.js'
import { inv } from './solve.js'

const scalar = ([a]: readonly CoreType[]): CoreType => ({ shape: [], dtype: a!.dtype })

/** The pivots of the factored matrix and the sign of its row exchanges. */
const pivots = (a: ArrayLike<number>, n: number): { readonly sign: number; readonly diagonal: Float64Array } => {
  const lu = Float64Array.from(a)
  const sign = factorLu(lu, n, n, new Int32Array(n))
  return { sign, diagonal: Float64Array.from({ length: n }, (_, i) => lu[i * n + i]!) }
}

/** The sum of the products of elements at the same place of each matrix. */
const inner = (x: Tensor, y: Tensor): Tensor => x.mul(y).sum({ axis: [-2, -1] })
const onMatrix = (x: Tensor): Tensor => expandDims(x, [-2, -1])

/** The matrix of cofactors, exact for singular matrices too. */
const cofactorRoutine: Routine = /* @__PURE__ */ defineRoutine({
  name: 'cofactors',
  ranks: [2],
  types: ([a]) => [a!],
  compute: ([a], [out], [type]) => out!.set(cofactorMatrix(new Float64Array(a!), type!.shape[0]!)),
  jvp: ([da], { inputs: [a], outputs: [c] }) => [da && moveCofactors(da, a!, c!)],
  vjp: ([ct], { inputs: [a], outputs: [c] }) => [ct && moveCofactors(ct, a!, c!)],
})

/** The derivative of the cofactors, which is its own transpose: (<C, t> C - C t^T C) / det. */
const moveCofactors = (t: Tensor, a: Tensor, c: Tensor): Tensor =>
  onMatrix(inner(c, t))
    .mul(c)
    .sub(matmul(matmul(c, t.mT), c))
    .div(onMatrix(det(a)))

const cofactors = (a: Tensor): Tensor => callRoutine(cofactorRoutine, [a])[0]!

const detRoutine: Routine = /* @__PURE__ */ defineRoutine({
  name: 'det',
  ranks: [2],
  types: (operands) => [scalar(operands)],
  compute: ([a], [out], [type]) => {
    const { sign, diagonal } = pivots(a!, type!.shape[0]!)
    out![0] = diagonal.reduce((product, x) => product * x, sign)
  },
  jvp: ([da], { inputs: [a] }) => [da && inner(cofactors(a!), da)],
  vjp: ([ct], { inputs: [a] }) => [ct && onMatrix(ct).mul(cofactors(a!))],
})

const slogdetRoutine: Routine = /* @__PURE__ */ defineRoutine({
  name: 'slogdet',
  ranks: [2],
  types: (operands) => [scalar(operands), scalar(operands)],
  compute: ([a], [signed, logarithm], [type]) => {
    const { sign, diagonal } = pivots(a!, type!.shape[0]!)
    signed![0] = diagonal.reduce((product, x) => product * Math.sign(x), sign)
    logarithm![0] = diagonal.reduce((total, x) => total + Math.log(Math.abs(x)), 0)
  },
  jvp: ([da], { inputs: [a] }) => [null, da && inner(inv(a!).mT, da)],
  vjp: ([, ct], { inputs: [a] }) => [ct ? onMatrix(ct).mul(inv(a!).mT) : null],
})

/**
 * The determinants of square matrices. The first derivative holds for singular matrices too; those after it are not
 * finite there.
 */
export const det = (a: TensorLike): Tensor => callRoutine(detRoutine, [squareOf('det', a)])[0]!

/** The sign of the determinant and the logarithm of its absolute value: 0 and -Infinity for singular matrices. */
export const slogdet = (a: TensorLike): [sign: Tensor, logabsdet: Tensor] => {
  const [sign, logarithm] = callRoutine(slogdetRoutine, [squareOf('slogdet', a)])
  return [sign!, logarithm!]
}
