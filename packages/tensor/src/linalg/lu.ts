import type { TensorLike } from '../core/array-ops.js'
import type { Tensor } from '../core/tensor.js'
import { matmul } from '../ops/products/contract.js'
import { iota, tril, triu } from '../ops/create/create.js'
import { takeAlongAxis } from '../ops/indexing/take-along-axis.js'
import { callRoutine } from '../ops/routine.js'
import { pad } from '../ops/shape/pad.js'
import { broadcastTo, expandDims } from '../ops/shape/shape.js'
import { argsort } from '../ops/order/sort.js'
import { where } from '../ops/elementwise/where.js'
import { defineRoutine, type Routine } from '../primitives/routine.js'
import { factorLu } from './kernels/lu.js'
import { columnsOf, matrixOf, onDiagonal, rowsOf } from './operand.js'
import { solveTriangle, solveTriangleRight } from './triangular.js'

/** L as m by m and U as n by n, made square with ones on the diagonal. */
const squareFactors = (packed: Tensor): { readonly l: Tensor; readonly u: Tensor } => {
  const [m, n] = [rowsOf(packed), columnsOf(packed)]
  const k = Math.min(m, n)
  const none = packed.shape.slice(0, -2).map((): [number, number] => [0, 0])
  const l = pad(tril(packed, -1).slice('...', `:${k}`), [...none, [0, 0], [0, m - k]])
  const u = pad(triu(packed).slice('...', `:${k}`, ':'), [...none, [0, n - k], [0, 0]])
  return {
    l: where(onDiagonal(m), 1, l),
    u: where(onDiagonal(n).logicalAnd(iota([n, n], 0).greaterEqual(k)), 1, u),
  }
}

const lowerUnit = { lower: true, transpose: false, unit: true } as const
const upper = { lower: false, transpose: false, unit: false } as const

const permuteRows = (x: Tensor, perm: Tensor): Tensor =>
  takeAlongAxis(x, broadcastTo(expandDims(perm, -1), x.shape), { axis: -2 })

/** A [m, n] to L below and U on and above the diagonal of one matrix, and which row of A each row came from. */
const luRoutine: Routine = /* @__PURE__ */ defineRoutine({
  name: 'lu',
  ranks: [2],
  types: ([a]) => [a!, { shape: [a!.shape[0]!], dtype: 'int32' }],
  compute: ([a], [packed, perm], [type]) => {
    const [m, n] = type!.shape as readonly [number, number]
    const lu = new Float64Array(a!)
    factorLu(lu, m, n, perm as Int32Array)
    packed!.set(lu)
  },
  // L^-1 P dA U^-1 splits into the strictly lower part, which moves L, and the rest, which moves U.
  jvp: ([da], { outputs: [packed, perm] }) => {
    if (!da) return []
    const { l, u } = squareFactors(packed!)
    const change = solveTriangleRight(u, solveTriangle(l, permuteRows(da, perm!), lowerUnit), upper)
    return [matmul(l, tril(change, -1)).add(matmul(triu(change), u)), null]
  },
  vjp: ([ct], { outputs: [packed, perm] }) => {
    if (!ct) return []
    const { l, u } = squareFactors(packed!)
    const change = tril(matmul(l.mT, ct), -1).add(triu(matmul(ct, u.mT)))
    const rows = solveTriangle(l, solveTriangleRight(u, change, { ...upper, transpose: true }), {
      ...lowerUnit,
      transpose: true,
    })
    return [permuteRows(rows, argsort(perm!))]
  },
})

/**
 * The factors of matrices [..., m, n] with A = P L U, as `scipy.linalg.lu`: P a permutation [m, m], L lower triangular
 * with ones on the diagonal [m, k], U upper triangular [k, n], where k = min(m, n).
 */
export const lu = (a: TensorLike): [p: Tensor, l: Tensor, u: Tensor] => {
  const x = matrixOf('lu', a)
  const [packed, perm] = callRoutine(luRoutine, [x]) as readonly [Tensor, Tensor]
  const [m, n] = [rowsOf(x), columnsOf(x)]
  const k = Math.min(m, n)
  const p = iota([m, m], 0).equal(expandDims(perm, -2)).astype(x.dtype)
  const l = where(onDiagonal(m, k), 1, tril(packed.slice('...', `:${k}`), -1))
  return [p, l, triu(packed.slice('...', `:${k}`, ':'))]
}
