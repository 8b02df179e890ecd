import type { TensorLike } from '../core/array-ops.js'
import type { TypedArray } from '../core/dtype.js'
import { ShapeError } from '../core/errors.js'
import { finfo } from '../core/limits.js'
import { formatShape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { matmul } from '../ops/products/contract.js'
import { any } from '../ops/reduce/reduce.js'
import { promoteFloats, toTensor } from '../ops/operand.js'
import { callRoutine } from '../ops/routine.js'
import { expandDims, squeeze } from '../ops/shape/shape.js'
import { type CoreType, defineRoutine, type Routine } from '../primitives/routine.js'
import { columnsOf, matrixOf, rowsOf, sumOf, symmetrized } from './operand.js'
import { singular, svdvals } from './svd.js'

interface CutParams {
  /** Singular values below this times the largest count as zero, and without `inclusive` those equal to it. */
  readonly rtol: number
  readonly inclusive: boolean
}

/** The product of the pseudo-inverse of a row-major [m, n] matrix with B [m, k]. */
const applyInverse = (
  a: TypedArray,
  b: ArrayLike<number>,
  [m, n]: readonly number[],
  k: number,
  cut: CutParams,
): Float64Array => {
  const { u, s, v } = singular(a, m!, n!, 'reduced')
  const out = new Float64Array(n! * k)
  for (let r = 0; r < s.length; r++) {
    const least = cut.rtol * s[0]!
    if (s[r] === 0 || s[r]! < least || (s[r] === least && !cut.inclusive)) continue
    for (let j = 0; j < k; j++) {
      let dot = 0
      for (let i = 0; i < m!; i++) dot += u[r * m! + i]! * b[i * k + j]!
      dot /= s[r]!
      for (let i = 0; i < n!; i++) out[i * k + j]! += v[r * n! + i]! * dot
    }
  }
  return out
}

/** A [m, n] to its pseudo-inverse; the derivative as Golub and Pereyra (1973). */
const pinvRoutine: Routine<CutParams> = /* @__PURE__ */ defineRoutine({
  name: 'pinv',
  ranks: [2],
  types: ([a]) => [{ shape: [a!.shape[1]!, a!.shape[0]!], dtype: a!.dtype }],
  compute: ([a], [out], [type], params) => {
    const m = type!.shape[0]!
    const identity = Float64Array.from({ length: m * m }, (_, at) => Number(at % (m + 1) === 0))
    out!.set(applyInverse(a!, identity, type!.shape, m, params))
  },
  jvp: ([da], { inputs: [a], outputs: [p] }) => {
    if (!da) return []
    const left = matmul(matmul(p!, p!.mT), da.mT)
    const right = matmul(da.mT, matmul(p!.mT, p!))
    return [
      sumOf([
        matmul(matmul(p!, da), p!).neg(),
        left.sub(matmul(left, matmul(a!, p!))),
        right.sub(matmul(matmul(p!, a!), right)),
      ]),
    ]
  },
  vjp: ([ct], { inputs: [a], outputs: [p] }) => {
    if (!ct) return []
    const left = matmul(ct.mT, matmul(p!, p!.mT))
    const right = matmul(matmul(p!.mT, p!), ct.mT)
    return [
      sumOf([
        matmul(matmul(p!.mT, ct), p!.mT).neg(),
        left.sub(matmul(matmul(a!, p!), left)),
        right.sub(matmul(right, matmul(p!, a!))),
      ]),
    ]
  },
})

const pseudoInverse = (a: Tensor, params: CutParams): Tensor => callRoutine(pinvRoutine, [a], params)[0]!

/** A [m, n] and B [m, k] to the X of least norm that minimises the norms of the columns of A X - B. */
const lstsqRoutine: Routine<CutParams> = /* @__PURE__ */ defineRoutine({
  name: 'lstsq',
  ranks: [2, 2],
  types: ([a, b]): readonly CoreType[] => [{ shape: [a!.shape[1]!, b!.shape[1]!], dtype: a!.dtype }],
  compute: ([a, b], [out], [type, right], params) =>
    out!.set(applyInverse(a!, b!, type!.shape, right!.shape[1]!, params)),
  jvp: ([da, db], { inputs: [a, b], outputs: [x], params }) => {
    const p = pseudoInverse(a!, params)
    if (!da) return [db && matmul(p, db)]
    const moved = matmul(da.mT, matmul(p.mT, x!))
    return [
      sumOf([
        matmul(p, sumOf([db, matmul(da, x!).neg()])!),
        matmul(p, matmul(p.mT, matmul(da.mT, b!.sub(matmul(a!, x!))))),
        moved.sub(matmul(p, matmul(a!, moved))),
      ]),
    ]
  },
  vjp: ([ct], { inputs: [a, b], outputs: [x], params, need }) => {
    if (!ct) return []
    const p = pseudoInverse(a!, params)
    const back = matmul(p.mT, ct)
    if (need[0] !== true) return [null, back]
    const moved = matmul(p.mT, matmul(x!, ct.mT))
    return [
      sumOf([
        matmul(back, x!.mT).neg(),
        matmul(b!.sub(matmul(a!, x!)), matmul(matmul(ct.mT, p), p.mT)),
        moved.sub(matmul(matmul(moved, p), a!)),
      ]),
      back,
    ]
  },
})

export interface PinvOptions {
  /** Singular values up to this times the largest count as zero; by default 10 max(m, n) times the dtype's precision. */
  readonly rtol?: number
  /** Replace the matrices by the mean of them and their transposes. */
  readonly hermitian?: boolean
}

/** The Moore-Penrose inverses [..., n, m] of matrices [..., m, n]. */
export const pinv = (a: TensorLike, options: PinvOptions = {}): Tensor => {
  const given = matrixOf('pinv', a)
  const x = options.hermitian === true ? symmetrized(given) : given
  const rtol = options.rtol ?? 10 * Math.max(rowsOf(x), columnsOf(x)) * finfo(x.dtype).eps
  return pseudoInverse(x, { rtol, inclusive: false })
}

/**
 * Least squares: the x of least norm that minimises the norm of a x - b, and the sums of squares that remain, the rank
 * of a and its singular values. b is one vector or matrices [..., m, k]; singular values below `rcond` times the largest
 * (by default max(m, n) times the dtype's precision) count as zero. The sums of squares are never left out.
 */
export const lstsq = (
  a: TensorLike,
  b: TensorLike,
  options: { readonly rcond?: number | null } = {},
): [x: Tensor, residuals: Tensor, rank: Tensor, s: Tensor] => {
  const [left, right] = promoteFloats('linalg.lstsq', [a, b]) as readonly [Tensor, Tensor]
  matrixOf('lstsq', left)
  const vector = right.ndim === 1
  if (right.ndim === 0 || right.shape[vector ? 0 : right.ndim - 2] !== rowsOf(left)) {
    throw new ShapeError(
      `linalg.lstsq: b needs ${rowsOf(left)} rows for a of shape ${formatShape(left.shape)}, got shape ${formatShape(right.shape)}`,
    )
  }
  const { eps } = finfo(left.dtype)
  const given = options.rcond ?? null
  const rtol = given === null ? eps * Math.max(rowsOf(left), columnsOf(left)) : given < 0 ? eps : given
  const columns = vector ? expandDims(right, 1) : right
  const x = callRoutine(lstsqRoutine, [left, columns], { rtol, inclusive: true })[0]!
  const s = svdvals(left)
  const significant = s.greater(0).logicalAnd(s.greaterEqual(s.slice('...', ':1').mul(rtol)))
  const residuals = columns.sub(matmul(left, x)).square().sum({ axis: -2 })
  return [vector ? squeeze(x, { axis: -1 }) : x, residuals, significant.sum({ axis: -1 }), s]
}

export interface MatrixRankOptions {
  /** Singular values up to this count as zero; by default the largest times max(m, n) times the dtype's precision. */
  readonly rtol?: TensorLike
  /** Replace the matrices by the mean of them and their transposes. */
  readonly hermitian?: boolean
}

/** The ranks of matrices, int32: how many singular values are larger than `rtol`. Of fewer axes, whether any element is not 0. */
export const matrixRank = (a: TensorLike, options: MatrixRankOptions = {}): Tensor => {
  const given = toTensor('linalg.matrixRank', a)
  if (given.ndim < 2) return any(given.notEqual(0)).astype('int32')
  const x = matrixOf('matrixRank', given)
  const s = svdvals(options.hermitian === true ? symmetrized(x) : x)
  const largest = (): Tensor => s.max({ axis: -1 }).mul(Math.max(rowsOf(x), columnsOf(x)) * finfo(x.dtype).eps)
  const bound = options.rtol === undefined ? largest() : toTensor('linalg.matrixRank', options.rtol)
  return s.greater(expandDims(bound, -1)).sum({ axis: -1 })
}
