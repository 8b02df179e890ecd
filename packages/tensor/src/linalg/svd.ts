import type { TensorLike } from '../core/array-ops.js'
import type { TypedArray } from '../core/dtype.js'
import { ShapeError } from '../core/errors.js'
import type { Tensor } from '../core/tensor.js'
import { matmul } from '../ops/products/contract.js'
import { callRoutine } from '../ops/routine.js'
import { expandDims } from '../ops/shape/shape.js'
import { where } from '../ops/elementwise/where.js'
import { type CoreType, defineRoutine, type Routine } from '../primitives/routine.js'
import { jacobiSvd, type Svd } from './kernels/svd.js'
import { columnsOf, diagonalMatrix, diagonalOf, matrixOf, rowsOf, sumOf, symmetrized } from './operand.js'

interface SvdParams {
  readonly full: boolean
}

/** U and V of a row-major matrix as columns one after the other, `full` square or of as many as there are singular values. */
export const singular = (a: TypedArray, m: number, n: number, vectors: 'none' | 'reduced' | 'full'): Svd => {
  const tall = m >= n
  const columns = tall ? Float64Array.from(a, (_, at) => a[(at % m) * n + Math.floor(at / m)]!) : new Float64Array(a)
  const [long, short] = tall ? [m, n] : [n, m]
  const found = jacobiSvd(columns, long, short, vectors === 'none' ? 0 : vectors === 'full' ? long : short)
  return tall ? found : { u: found.v, s: found.s, v: found.u }
}

const valuesRoutine: Routine = /* @__PURE__ */ defineRoutine({
  name: 'svdvals',
  ranks: [2],
  types: ([a]) => [{ shape: [Math.min(...a!.shape)], dtype: a!.dtype }],
  compute: ([a], [s], [type]) => {
    const [m, n] = type!.shape as readonly [number, number]
    s!.set(singular(a!, m, n, 'none').s)
  },
  jvp: ([da], { inputs: [a] }) => {
    if (!da) return []
    const [u, , vh] = decompose(a!, false)
    return [diagonalOf(matmul(matmul(u.mT, da), vh.mT))]
  },
  vjp: ([ct], { inputs: [a] }) => {
    if (!ct) return []
    const [u, , vh] = decompose(a!, false)
    return [matmul(u.mul(expandDims(ct, -2)), vh)]
  },
})

const types = ([a]: readonly CoreType[], { full }: SvdParams): readonly CoreType[] => {
  const [m, n] = a!.shape as readonly [number, number]
  const k = Math.min(m, n)
  return [
    { shape: [m, full ? m : k], dtype: a!.dtype },
    { shape: [k], dtype: a!.dtype },
    { shape: [full ? n : k, n], dtype: a!.dtype },
  ]
}

/** What the derivatives share: 1 / (s_j^2 - s_i^2), 0 where that is infinite, and 1 / s, 0 for 0. */
const inverses = (s: Tensor): { readonly gaps: Tensor; readonly inverse: Tensor } => {
  const [row, column] = [expandDims(s, -2), expandDims(s, -1)]
  const gaps = row.add(column).mul(row.sub(column))
  const reciprocal = (x: Tensor): Tensor => where(x.equal(0), 0, where(x.equal(0), 1, x).reciprocal())
  return { gaps: reciprocal(gaps), inverse: reciprocal(s) }
}

/** x minus its part in the columns of q. */
const outside = (x: Tensor, q: Tensor): Tensor => x.sub(matmul(q, matmul(q.mT, x)))

const svdRoutine: Routine<SvdParams> = /* @__PURE__ */ defineRoutine({
  name: 'svd',
  ranks: [2],
  types,
  compute: ([a], [u, s, vh], [type], { full }) => {
    const [m, n] = type!.shape as readonly [number, number]
    const found = singular(a!, m, n, full ? 'full' : 'reduced')
    const width = m === 0 ? 0 : found.u.length / m
    for (let i = 0; i < m; i++) for (let j = 0; j < width; j++) u![i * width + j] = found.u[j * m + i]!
    s!.set(found.s)
    vh!.set(found.v)
  },
  jvp: ([da], { inputs: [a], outputs: [u, s, vh], params }) => {
    if (!da) return []
    checkDetermined(a!, params)
    const [m, n, v] = [rowsOf(a!), columnsOf(a!), vh!.mT]
    const { gaps, inverse } = inverses(s!)
    const [row, column] = [expandDims(s!, -2), expandDims(s!, -1)]
    const inside = matmul(matmul(u!.mT, da), v)
    const symmetric = (x: Tensor): Tensor => x.add(x.mT)
    const scaled = expandDims(inverse, -2)
    const du = sumOf([
      matmul(u!, gaps.mul(symmetric(inside.mul(row)))),
      m > n ? outside(matmul(da, v), u!).mul(scaled) : null,
    ])!
    const dv = sumOf([
      matmul(v, gaps.mul(symmetric(inside.mul(column)))),
      n > m ? outside(matmul(da.mT, u!), v).mul(scaled) : null,
    ])!
    return [du, diagonalOf(inside), dv.mT]
  },
  vjp: ([du, ds, dvh], { inputs: [a], outputs, params }) => {
    if (!du && !ds && !dvh) return []
    if (du || dvh) checkDetermined(a!, params)
    const [m, n] = [rowsOf(a!), columnsOf(a!)]
    // Where only the values count, so do only the vectors that belong to them.
    const k = Math.min(m, n)
    const [u, s, vh] = [outputs[0]!.slice('...', `:${k}`), outputs[1]!, outputs[2]!.slice('...', `:${k}`, ':')]
    const v = vh.mT
    const { gaps, inverse } = inverses(s)
    const turned = (ct: Tensor, q: Tensor): Tensor => {
      const x = gaps.mul(matmul(q.mT, ct))
      return x.add(x.mT)
    }
    const scaled = expandDims(inverse, -2)
    const inside = sumOf([
      ds && diagonalMatrix(ds),
      du && turned(du, u).mul(expandDims(s, -2)),
      dvh && turned(dvh.mT, v).mul(expandDims(s, -1)),
    ])!
    return [
      sumOf([
        matmul(matmul(u, inside), vh),
        du && m > n ? matmul(outside(du, u).mul(scaled), vh) : null,
        dvh && n > m ? matmul(u, outside(dvh.mT, v).mul(scaled).mT) : null,
      ]),
    ]
  },
})

const checkDetermined = (a: Tensor, { full }: SvdParams): void => {
  if (full && rowsOf(a) !== columnsOf(a))
    throw new ShapeError(
      `linalg.svd: has no derivative with fullMatrices for matrices that are not square, whose last singular vectors are arbitrary, got shape (${a.shape.join(', ')}); use { fullMatrices: false }`,
    )
}

const decompose = (x: Tensor, full: boolean): [Tensor, Tensor, Tensor] =>
  callRoutine(svdRoutine, [x], { full }) as readonly Tensor[] as [Tensor, Tensor, Tensor]

export interface SvdOptions {
  /** U and V square, which is the default; else only the vectors that belong to singular values. */
  readonly fullMatrices?: boolean
  /** Replace the matrices by the mean of them and their transposes. */
  readonly hermitian?: boolean
}

interface SvdFunction {
  (a: TensorLike, options?: SvdOptions & { readonly computeUv?: true }): [u: Tensor, s: Tensor, vh: Tensor]
  (a: TensorLike, options: SvdOptions & { readonly computeUv: false }): Tensor
}

/**
 * Singular values, descending, and vectors of matrices [..., m, n]: A = U diag(s) V^T. Gives `[u, s, vh]`, or s alone
 * with `computeUv` false. The signs of the vectors are arbitrary. Derivatives of the vectors need distinct singular
 * values: where two are equal, their rotation into each other is left out.
 */
export const svd: SvdFunction = ((
  a: TensorLike,
  options: SvdOptions & { readonly computeUv?: boolean } = {},
): unknown => {
  const { fullMatrices = true, computeUv = true, hermitian = false } = options
  const given = matrixOf('svd', a)
  const x = hermitian ? symmetrized(given) : given
  return computeUv ? decompose(x, fullMatrices) : svdvals(x)
}) as SvdFunction

/** The singular values of matrices, descending. */
export const svdvals = (a: TensorLike): Tensor => callRoutine(valuesRoutine, [matrixOf('svdvals', a)])[0]!
