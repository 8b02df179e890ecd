import type { TensorLike } from '../core/array-ops.js'
import { DtypeError } from '../core/errors.js'
import type { Tensor } from '../core/tensor.js'
import { matmul } from '../ops/products/contract.js'
import { tril } from '../ops/create/create.js'
import { concatenate } from '../ops/shape/join.js'
import { callRoutine } from '../ops/routine.js'
import { where } from '../ops/elementwise/where.js'
import { defineRoutine, type Routine } from '../primitives/routine.js'
import { factorQr, formQ } from './kernels/qr.js'
import { columnsOf, matrixOf, onDiagonal, rowsOf, sumOf } from './operand.js'
import { solveTriangleRight } from './triangular.js'

interface QrParams {
  readonly complete: boolean
}

const upper = { lower: false, transpose: false, unit: false } as const

const refuse = (): never => {
  throw new DtypeError(
    "linalg.qr: has no derivative with mode 'complete' for matrices of more rows than columns, whose last columns of q are arbitrary; use mode 'reduced'",
  )
}

const isDetermined = (q: Tensor, r: Tensor): boolean => columnsOf(q) === columnsOf(r)

/** The strictly lower triangle minus its transpose. */
const skewed = (x: Tensor): Tensor => tril(x, -1).sub(tril(x, -1).mT)

/** The lower triangle mirrored into the upper one. */
const mirrored = (x: Tensor): Tensor => where(onDiagonal(rowsOf(x)), x, tril(x, -1).add(tril(x, -1).mT))

/** A [m, n] to Q [m, k] and R [k, n], where k is m for complete and else the smaller of m and n. */
const qrRoutine: Routine<QrParams> = /* @__PURE__ */ defineRoutine({
  name: 'qr',
  ranks: [2],
  types: ([a], { complete }) => {
    const [m, n] = a!.shape as readonly [number, number]
    const k = complete ? m : Math.min(m, n)
    return [
      { shape: [m, k], dtype: a!.dtype },
      { shape: [k, n], dtype: a!.dtype },
    ]
  },
  compute: ([a], [q, r], [type], { complete }) => {
    const [m, n] = type!.shape as readonly [number, number]
    const k = complete ? m : Math.min(m, n)
    const work = new Float64Array(a!)
    const tau = factorQr(work, m, n)
    q!.set(formQ(work, tau, m, n, k))
    for (let i = 0; i < k; i++) for (let j = 0; j < n; j++) r![i * n + j] = i <= j ? work[i * n + j]! : 0
  },
  jvp: ([da], { outputs: [q, r] }) => {
    if (!da) return []
    if (!isDetermined(q!, r!)) return refuse()
    const change = solveTriangleRight(r!, da, upper)
    const inside = matmul(q!.mT, change)
    const turn = skewed(inside)
    return [matmul(q!, turn.sub(inside)).add(change), matmul(inside.sub(turn), r!)]
  },
  vjp: ([dq, dr], { outputs: [q, r] }) => {
    if (!dq && !dr) return []
    if (!isDetermined(q!, r!)) return refuse()
    const inside = sumOf([dr && matmul(r!, dr.mT), dq && matmul(dq.mT, q!).neg()])!
    const total = sumOf([dq, matmul(q!, mirrored(inside))])!
    return [solveTriangleRight(r!, total, { ...upper, transpose: true })]
  },
})

export type QrMode = 'reduced' | 'complete' | 'r'

interface Qr {
  (a: TensorLike, options?: { readonly mode?: 'reduced' | 'complete' }): [q: Tensor, r: Tensor]
  (a: TensorLike, options: { readonly mode: 'r' }): Tensor
}

const modes: readonly QrMode[] = ['reduced', 'complete', 'r']

/**
 * Matrices [..., m, n] as Q R: Q with orthonormal columns, R upper triangular, in LAPACK's signs. With k = min(m, n),
 * `reduced` gives Q [m, k] and R [k, n], `complete` Q [m, m] and R [m, n], and `r` R alone. `complete` has a derivative
 * only where it is the same as `reduced`.
 */
export const qr: Qr = ((a: TensorLike, options: { readonly mode?: QrMode } = {}): unknown => {
  const x = matrixOf('qr', a)
  const { mode = 'reduced' } = options
  if (!modes.includes(mode))
    throw new RangeError(`linalg.qr: unknown mode, got '${String(mode)}'; use one of ${modes.join(', ')}`)
  const [m, n] = [rowsOf(x), columnsOf(x)]
  // The first m columns decide Q, so that of a wide matrix only they are factored, which has a derivative.
  const wide = m < n
  const complete = mode === 'complete' && m > n
  const [q, square] = callRoutine(qrRoutine, [wide ? x.slice('...', `:${m}`) : x], { complete }) as [Tensor, Tensor]
  const r = wide ? concatenate([square, matmul(q.mT, x.slice('...', `${m}:`))], { axis: -1 }) : square
  return mode === 'r' ? r : [q, r]
}) as Qr
