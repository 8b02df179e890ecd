import type { TensorLike } from '../core/array-ops.js'
import type { StoredDType } from '../core/dtype.js'
import { ShapeError } from '../core/errors.js'
import { broadcastShapes, checkShape, formatShape, type Shape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { cholesky } from '../linalg/cholesky.js'
import { eigh } from '../linalg/eigh.js'
import { qr } from '../linalg/qr.js'
import { svd } from '../linalg/svd.js'
import { matmul } from '../ops/products/contract.js'
import { add, multiply, sign, sqrt } from '../ops/elementwise/elementwise.js'
import { diagonal } from '../ops/shape/layout.js'
import { promoteFloats } from '../ops/operand.js'
import { expandDims, squeeze, swapaxes } from '../ops/shape/shape.js'
import { drawNormal, drawShape, floatType, type SampleOptions, scalarKey, type ShapedOptions } from './draw.js'

export interface MultivariateNormalOptions extends ShapedOptions {
  /** How the covariance is factored; default 'cholesky', which needs it positive definite. */
  readonly method?: 'cholesky' | 'eigh' | 'svd'
}

/** A matrix whose product with its transpose is the covariance. */
const factor = (cov: Tensor, method: string): Tensor => {
  switch (method) {
    case 'cholesky':
      return cholesky(cov)
    case 'eigh': {
      const [w, v] = eigh(cov)
      return multiply(v, expandDims(sqrt(w), -2))
    }
    case 'svd': {
      const [u, s] = svd(cov)
      return multiply(u, expandDims(sqrt(s), -2))
    }
    default:
      throw new RangeError(
        `random.multivariateNormal: method must be 'cholesky', 'eigh' or 'svd', got '${String(method)}'`,
      )
  }
}

/** Normal of a mean [..., n] and a covariance [..., n, n]. `shape` is that of the samples without the last axis. */
export const multivariateNormal = (
  key: TensorLike,
  mean: TensorLike,
  cov: TensorLike,
  options: MultivariateNormalOptions = {},
): Tensor => {
  const fn = 'multivariateNormal'
  const [center, covariance] = promoteFloats(`random.${fn}`, [mean, cov]) as readonly [Tensor, Tensor]
  const n = center.shape[center.ndim - 1]
  const [rows, columns] = covariance.shape.slice(-2)
  if (n === undefined || rows !== n || columns !== n)
    throw new ShapeError(
      `random.${fn}: needs a mean of shape (..., n) and a covariance of shape (..., n, n), got ${formatShape(center.shape)} and ${formatShape(covariance.shape)}`,
    )
  const dtype = floatType(fn, options.dtype ?? center.dtype)
  const batches = [center.shape.slice(0, -1), covariance.shape.slice(0, -2)]
  const shape = checkShape(`random.${fn}`, options.shape ?? broadcastShapes(`random.${fn}`, batches))
  drawShape(fn, [...shape, n], center)
  const normal = drawNormal(scalarKey(fn, key), [...shape, n], dtype)
  const turned = squeeze(matmul(factor(covariance, options.method ?? 'cholesky'), expandDims(normal, -1)), { axis: -1 })
  return add(center, turned)
}

export interface OrthogonalOptions extends SampleOptions {
  /** How many columns; n if absent. */
  readonly m?: number
}

/** Matrices [...shape, n, m] with orthonormal rows or columns, whichever are fewer, uniformly distributed. */
export const orthogonal = (key: TensorLike, n: number, shape: Shape = [], options: OrthogonalOptions = {}): Tensor => {
  const m = options.m ?? n
  const dtype: StoredDType = floatType('orthogonal', options.dtype)
  checkShape('random.orthogonal', [...checkShape('random.orthogonal', shape), n, m])
  const z = drawNormal(scalarKey('orthogonal', key), [...shape, Math.max(n, m), Math.min(n, m)], dtype)
  const [q, r] = qr(z)
  const signs = sign(diagonal(r, { axis1: -2, axis2: -1 }))
  const x = multiply(q, expandDims(signs, -2))
  return n < m ? swapaxes(x, -1, -2) : x
}
