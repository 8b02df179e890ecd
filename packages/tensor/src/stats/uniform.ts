import type { TensorLike } from '../core/array-ops.js'
import type { Tensor } from '../core/tensor.js'
import {
  add,
  exp,
  greater,
  greaterEqual,
  isnan,
  less,
  log,
  logicalOr,
  multiply,
  negative,
} from '../ops/elementwise/elementwise.js'
import { where } from '../ops/elementwise/where.js'
import { floats, standardized } from './operands.js'

/** Uniform between loc and loc + scale. */
type Distribution = (x: TensorLike, loc?: TensorLike, scale?: TensorLike) => Tensor

export const logpdf: Distribution = (x, loc = 0, scale = 1) => {
  const [t, low, s] = floats('uniform.logpdf', x, loc, scale)
  return where(logicalOr(greater(t!, add(low!, s!)), less(t!, low!)), -Infinity, negative(log(s!)))
}
export const pdf: Distribution = (x, loc, scale) => exp(logpdf(x, loc, scale))
/** The distribution function; 0 for NaN. */
export const cdf: Distribution = (x, loc = 0, scale = 1) => {
  const [t, low, s] = floats('uniform.cdf', x, loc, scale)
  const inside = where(greaterEqual(t!, low!), standardized(t!, low!, s!), 0)
  return where(greater(t!, add(low!, s!)), 1, inside)
}
/** The inverse of cdf; NaN outside [0, 1]. */
export const ppf: Distribution = (q, loc = 0, scale = 1) => {
  const [p, low, s] = floats('uniform.ppf', q, loc, scale)
  const outside = logicalOr(isnan(p!), logicalOr(less(p!, 0), greater(p!, 1)))
  return where(outside, NaN, add(low!, multiply(s!, p!)))
}
