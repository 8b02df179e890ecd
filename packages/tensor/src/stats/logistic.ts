import type { TensorLike } from '../core/array-ops.js'
import type { Tensor } from '../core/tensor.js'
import { add, exp, log, logaddexp, multiply, negative, sigmoid, subtract } from '../ops/elementwise/elementwise.js'
import { logit } from '../special/normal.js'
import { floats, standardized } from './operands.js'

type Distribution = (x: TensorLike, loc?: TensorLike, scale?: TensorLike) => Tensor

export const logpdf: Distribution = (x, loc = 0, scale = 1) => {
  const [t, m, s] = floats('logistic.logpdf', x, loc, scale)
  const half = multiply(standardized(t!, m!, s!), 0.5)
  return subtract(multiply(logaddexp(half, negative(half)), -2), log(s!))
}
export const pdf: Distribution = (x, loc, scale) => exp(logpdf(x, loc, scale))
export const cdf: Distribution = (x, loc = 0, scale = 1) => {
  const [t, m, s] = floats('logistic.cdf', x, loc, scale)
  return sigmoid(standardized(t!, m!, s!))
}
/** 1 - cdf, with all its digits where that is small. */
export const sf: Distribution = (x, loc = 0, scale = 1) => {
  const [t, m, s] = floats('logistic.sf', x, loc, scale)
  return sigmoid(negative(standardized(t!, m!, s!)))
}
/** The inverse of cdf. */
export const ppf: Distribution = (q, loc = 0, scale = 1) => {
  const [p, m, s] = floats('logistic.ppf', q, loc, scale)
  return add(multiply(logit(p!), s!), m!)
}
