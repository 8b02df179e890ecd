import type { TensorLike } from '../core/array-ops.js'
import { ShapeError } from '../core/errors.js'
import { formatShape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { cholesky } from '../linalg/cholesky.js'
import { diagonalOf } from '../linalg/operand.js'
import { solveTriangular } from '../linalg/triangular.js'
import { add, divide, exp, log, multiply, square, subtract } from '../ops/elementwise/elementwise.js'
import { broadcastTo, expandDims, squeeze } from '../ops/shape/shape.js'
import { sum } from '../ops/reduce/reduce.js'
import { broadcastShapes } from '../core/shape.js'
import { floats } from './operands.js'

const logTwoPi = Math.log(2 * Math.PI)

type Distribution = (x: TensorLike, mean: TensorLike, cov: TensorLike) => Tensor

/**
 * The logarithm of the density of vectors x [..., n] with mean [..., n] and covariance [..., n, n], or a number for
 * equal variances; of numbers for a mean without axes. Throws ShapeError for a covariance of another shape.
 */
export const logpdf: Distribution = (x, mean, cov) => {
  const [t, m, c] = floats('multivariateNormal.logpdf', x, mean, cov)
  const y = subtract(t!, m!)
  if (m!.ndim === 0) return multiply(add(divide(square(y), c!), add(log(c!), logTwoPi)), -0.5)
  const n = m!.shape[m!.ndim - 1]!
  if (c!.ndim === 0)
    return multiply(add(divide(sum(square(y), { axis: -1 }), c!), multiply(add(log(c!), logTwoPi), n)), -0.5)
  if (c!.ndim < 2 || c!.shape[c!.ndim - 1] !== n || c!.shape[c!.ndim - 2] !== n)
    throw new ShapeError(
      `multivariateNormal.logpdf: got incompatible shapes, mean ${formatShape(m!.shape)} and cov ${formatShape(c!.shape)}; cov needs ${n} rows and columns`,
    )
  const factor = cholesky(c!)
  const batch = broadcastShapes('multivariateNormal.logpdf', [y.shape.slice(0, -1), c!.shape.slice(0, -2)])
  const column = expandDims(broadcastTo(y, [...batch, n]), -1)
  const whitened = squeeze(solveTriangular(broadcastTo(factor, [...batch, n, n]), column, { lower: true }), {
    axis: -1,
  })
  const determinant = sum(log(diagonalOf(factor)), { axis: -1 })
  return subtract(multiply(add(sum(square(whitened), { axis: -1 }), n * logTwoPi), -0.5), determinant)
}
export const pdf: Distribution = (x, mean, cov) => exp(logpdf(x, mean, cov))
