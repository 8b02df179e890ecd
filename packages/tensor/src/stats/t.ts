import type { TensorLike } from '../core/array-ops.js'
import type { Tensor } from '../core/tensor.js'
import { add, divide, exp, log, log1p, multiply, negative, square, subtract } from '../ops/elementwise/elementwise.js'
import { gammaln } from '../special/gamma.js'
import { floats, standardized } from './operands.js'

type Distribution = (x: TensorLike, df: TensorLike, loc?: TensorLike, scale?: TensorLike) => Tensor

/** The logarithm of the density of Student's distribution with df degrees of freedom. */
export const logpdf: Distribution = (x, df, loc = 0, scale = 1) => {
  const [t, n, m, s] = floats('t.logpdf', x, df, loc, scale)
  const half = divide(n!, 2)
  const above = add(half, 0.5)
  const scaling = divide(log(multiply(multiply(square(s!), Math.PI), n!)), 2)
  const normalizer = subtract(add(gammaln(half), scaling), gammaln(above))
  const quadratic = divide(square(standardized(t!, m!, s!)), n!)
  return negative(add(normalizer, multiply(above, log1p(quadratic))))
}
export const pdf: Distribution = (x, df, loc, scale) => exp(logpdf(x, df, loc, scale))
