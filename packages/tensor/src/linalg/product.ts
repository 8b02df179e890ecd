import type { TensorLike } from '../core/array-ops.js'
import { ShapeError } from '../core/errors.js'
import { formatShape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { matmul } from '../ops/products/contract.js'
import { eye } from '../ops/create/create.js'
import { toTensor } from '../ops/operand.js'
import { broadcastTo } from '../ops/shape/shape.js'
import { rowsOf, squareOf } from './operand.js'
import { inv } from './solve.js'

/** The matrices with their last two axes swapped. */
export const matrixTranspose = (x: TensorLike): Tensor => {
  const t = toTensor('linalg.matrixTranspose', x)
  if (t.ndim < 2)
    throw new ShapeError(`linalg.matrixTranspose: needs at least two axes, got shape ${formatShape(t.shape)}`)
  return t.mT
}

/** Square matrices multiplied with themselves `n` times, by repeated squaring; their inverses for negative n. Integers stay integers for n >= 0. */
export const matrixPower = (a: TensorLike, n: number): Tensor => {
  if (!Number.isInteger(n)) throw new TypeError(`linalg.matrixPower: n must be an integer, got ${n}`)
  const given = toTensor('linalg.matrixPower', a)
  const floats = squareOf('matrixPower', given)
  if (n === 0) return broadcastTo(eye(rowsOf(given), { dtype: given.dtype }), given.shape)
  let power = n < 0 ? inv(floats) : given
  let result: Tensor | null = null
  for (let rest = Math.abs(n); ; power = matmul(power, power)) {
    if (rest % 2 === 1) result = result === null ? power : matmul(result, power)
    rest = Math.floor(rest / 2)
    if (rest === 0) return result!
  }
}

/** The cheapest order of products: where to cut the chain between `i` and `j`, for extents d[k] by d[k + 1]. */
const cutsOf = (d: readonly number[]): readonly (readonly number[])[] => {
  const n = d.length - 1
  const cost = Array.from({ length: n }, () => new Array<number>(n).fill(0))
  const cut = Array.from({ length: n }, () => new Array<number>(n).fill(0))
  for (let span = 1; span < n; span++) {
    for (let i = 0; i + span < n; i++) {
      const j = i + span
      cost[i]![j] = Infinity
      for (let k = i; k < j; k++) {
        const total = cost[i]![k]! + cost[k + 1]![j]! + d[i]! * d[k + 1]! * d[j + 1]!
        if (total < cost[i]![j]!) [cost[i]![j], cut[i]![j]] = [total, k]
      }
    }
  }
  return cut
}

/** The product of two or more matrices in the order that needs the fewest multiplications; the first and the last may be vectors. */
export const multiDot = (arrays: readonly TensorLike[]): Tensor => {
  const xs = arrays.map((x) => toTensor('linalg.multiDot', x))
  const shapes = xs.map((x) => formatShape(x.shape)).join(', ')
  if (xs.length < 2) throw new TypeError(`linalg.multiDot: needs two arrays or more, got ${xs.length}`)
  const last = xs.length - 1
  if (!xs.every((x, i) => x.ndim === 2 || (x.ndim === 1 && (i === 0 || i === last))))
    throw new ShapeError(
      `linalg.multiDot: arrays must have two axes, the first and the last one or two, got shapes ${shapes}`,
    )
  const inner = xs.map((x) => x.shape[0]!)
  if (xs.some((x, i) => i < last && x.shape[x.ndim - 1] !== inner[i + 1]))
    throw new ShapeError(`linalg.multiDot: neighbouring extents must agree, got shapes ${shapes}`)
  const columns = xs[last]!.ndim === 1 ? 1 : xs[last]!.shape[1]!
  const cuts = cutsOf([xs[0]!.ndim === 1 ? 1 : inner[0]!, ...inner.slice(1), columns])
  const product = (i: number, j: number): Tensor => {
    if (i === j) return xs[i]!
    const k = cuts[i]![j]!
    return matmul(product(i, k), product(k + 1, j))
  }
  return product(0, last)
}
