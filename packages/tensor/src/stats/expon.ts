import type { TensorLike } from '../core/array-ops.js'
import type { Tensor } from '../core/tensor.js'
import {
  add,
  exp,
  expm1,
  greater,
  isnan,
  less,
  log,
  log1p,
  logicalOr,
  multiply,
  negative,
  subtract,
} from '../ops/elementwise/elementwise.js'
import { where } from '../ops/elementwise/where.js'
import { floats, standardized } from './operands.js'

type Distribution = (x: TensorLike, loc?: TensorLike, scale?: TensorLike) => Tensor

export const logpdf: Distribution = (x, loc = 0, scale = 1) => {
  const [t, l, s] = floats('expon.logpdf', x, loc, scale)
  return where(less(t!, l!), -Infinity, negative(add(standardized(t!, l!, s!), log(s!))))
}
export const pdf: Distribution = (x, loc, scale) => exp(logpdf(x, loc, scale))
export const cdf: Distribution = (x, loc = 0, scale = 1) => {
  const [t, l, s] = floats('expon.cdf', x, loc, scale)
  return where(less(t!, l!), 0, negative(expm1(negative(standardized(t!, l!, s!)))))
}
/** log(1 - cdf). */
export const logsf: Distribution = (x, loc = 0, scale = 1) => {
  const [t, l, s] = floats('expon.logsf', x, loc, scale)
  return where(less(t!, l!), 0, negative(standardized(t!, l!, s!)))
}
/** 1 - cdf. */
export const sf: Distribution = (x, loc, scale) => exp(logsf(x, loc, scale))
/** The inverse of cdf; NaN outside [0, 1]. */
export const ppf: Distribution = (q, loc = 0, scale = 1) => {
  const [p, l, s] = floats('expon.ppf', q, loc, scale)
  const outside = logicalOr(isnan(p!), logicalOr(less(p!, 0), greater(p!, 1)))
  return where(outside, NaN, subtract(l!, multiply(s!, log1p(negative(p!)))))
}
