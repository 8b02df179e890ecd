import type { TensorLike } from '../core/array-ops.js'
import type { Tensor } from '../core/tensor.js'
import { add, exp, greaterEqual, less, log, maximum, subtract } from '../ops/elementwise/elementwise.js'
import { where } from '../ops/elementwise/where.js'
import { xlogy } from '../special/entropy.js'
import { gammainc, gammaincc, gammaln } from '../special/gamma.js'
import { floats, standardized } from './operands.js'

type Distribution = (x: TensorLike, a: TensorLike, loc?: TensorLike, scale?: TensorLike) => Tensor

export const logpdf: Distribution = (x, a, loc = 0, scale = 1) => {
  const [t, p, l, s] = floats('gamma.logpdf', x, a, loc, scale)
  const inside = greaterEqual(t!, l!)
  const y = where(inside, standardized(t!, l!, s!), 1)
  const logarithm = subtract(subtract(xlogy(subtract(p!, 1), y), y), add(gammaln(p!), log(s!)))
  return where(inside, logarithm, -Infinity)
}
export const pdf: Distribution = (x, a, loc, scale) => exp(logpdf(x, a, loc, scale))
export const cdf: Distribution = (x, a, loc = 0, scale = 1) => {
  const [t, p, l, s] = floats('gamma.cdf', x, a, loc, scale)
  return gammainc(p!, maximum(standardized(t!, l!, s!), 0))
}
/** 1 - cdf, with all its digits where that is small. */
export const sf: Distribution = (x, a, loc = 0, scale = 1) => {
  const [t, p, l, s] = floats('gamma.sf', x, a, loc, scale)
  const y = standardized(t!, l!, s!)
  const below = less(y, 0)
  return where(below, 1, gammaincc(p!, where(below, 1, y)))
}
