import type { TensorLike } from '../core/array-ops.js'
import type { Tensor } from '../core/tensor.js'
import { add, divide, exp, log, multiply, negative, square, subtract } from '../ops/elementwise/elementwise.js'
import { logNdtr, ndtr, ndtri } from '../special/normal.js'
import { floats, standardized } from './operands.js'

type Distribution = (x: TensorLike, loc?: TensorLike, scale?: TensorLike) => Tensor

export const logpdf: Distribution = (x, loc = 0, scale = 1) => {
  const [t, m, s] = floats('norm.logpdf', x, loc, scale)
  const variance = square(s!)
  const normalizer = log(multiply(variance, 2 * Math.PI))
  return divide(negative(add(normalizer, divide(square(subtract(t!, m!)), variance))), 2)
}
export const pdf: Distribution = (x, loc, scale) => exp(logpdf(x, loc, scale))
export const cdf: Distribution = (x, loc = 0, scale = 1) => {
  const [t, m, s] = floats('norm.cdf', x, loc, scale)
  return ndtr(standardized(t!, m!, s!))
}
/** The logarithm of the distribution function, accurate in both tails. */
export const logcdf: Distribution = (x, loc = 0, scale = 1) => {
  const [t, m, s] = floats('norm.logcdf', x, loc, scale)
  return logNdtr(standardized(t!, m!, s!))
}
/** 1 - cdf, with all its digits where that is small. */
export const sf: Distribution = (x, loc = 0, scale = 1) => {
  const [t, m, s] = floats('norm.sf', x, loc, scale)
  return ndtr(negative(standardized(t!, m!, s!)))
}
export const logsf: Distribution = (x, loc = 0, scale = 1) => {
  const [t, m, s] = floats('norm.logsf', x, loc, scale)
  return logNdtr(negative(standardized(t!, m!, s!)))
}
/** The inverse of cdf. */
export const ppf: Distribution = (q, loc = 0, scale = 1) => {
  const [p, m, s] = floats('norm.ppf', q, loc, scale)
  return add(multiply(ndtri(p!), s!), m!)
}
