import type { TensorLike } from '../core/array-ops.js'
import type { Tensor } from '../core/tensor.js'
import { zerosLike } from '../ops/create/create.js'
import { concatenate } from '../ops/shape/join.js'
import { callRoutine } from '../ops/routine.js'
import { defineRoutine, type Routine } from '../primitives/routine.js'
import { matrixExponential } from './kernels/expm.js'
import { rowsOf, squareOf } from './operand.js'

const expmRoutine: Routine = /* @__PURE__ */ defineRoutine({
  name: 'expm',
  ranks: [2],
  types: ([a]) => [a!],
  compute: ([a], [out], [type]) => out!.set(matrixExponential(new Float64Array(a!), type!.shape[0]!)),
  jvp: ([da], { inputs: [a] }) => [da && derivative(a!, da)],
  vjp: ([ct], { inputs: [a] }) => [ct && derivative(a!.mT, ct)],
})

/** How the exponential of a moves along t: the upper right block of the exponential of [[a, t], [0, a]]. */
const derivative = (a: Tensor, t: Tensor): Tensor => {
  const n = rowsOf(a)
  const rows = [concatenate([a, t], { axis: -1 }), concatenate([zerosLike(a), a], { axis: -1 })]
  return callRoutine(expmRoutine, [concatenate(rows, { axis: -2 })])[0]!.slice('...', `:${n}`, `${n}:`)
}

/** The exponentials of square matrices, as `scipy.linalg.expm`. */
export const expm = (a: TensorLike): Tensor => callRoutine(expmRoutine, [squareOf('expm', a)])[0]!
