import type { TensorLike } from '../core/array-ops.js'
import type { Tensor } from '../core/tensor.js'
import { abs, add, exp, lessEqual, log, multiply, negative, subtract } from '../ops/elementwise/elementwise.js'
import { where } from '../ops/elementwise/where.js'
import { floats, standardized } from './operands.js'

type Distribution = (x: TensorLike, loc?: TensorLike, scale?: TensorLike) => Tensor

export const logpdf: Distribution = (x, loc = 0, scale = 1) => {
  const [t, m, s] = floats('laplace.logpdf', x, loc, scale)
  return negative(add(abs(standardized(t!, m!, s!)), log(multiply(s!, 2))))
}
export const pdf: Distribution = (x, loc, scale) => exp(logpdf(x, loc, scale))
export const cdf: Distribution = (x, loc = 0, scale = 1) => {
  const [t, m, s] = floats('laplace.cdf', x, loc, scale)
  const y = standardized(t!, m!, s!)
  const tail = multiply(exp(negative(abs(y))), 0.5)
  return where(lessEqual(y, 0), tail, subtract(1, tail))
}
