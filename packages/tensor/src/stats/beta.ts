import type { TensorLike } from '../core/array-ops.js'
import type { Tensor } from '../core/tensor.js'
import {
  add,
  clip,
  exp,
  greater,
  less,
  lessEqual,
  log,
  logicalOr,
  negative,
  subtract,
} from '../ops/elementwise/elementwise.js'
import { where } from '../ops/elementwise/where.js'
import { betainc, betaln } from '../special/beta.js'
import { xlog1py, xlogy } from '../special/entropy.js'
import { floats, standardized } from './operands.js'

type Distribution = (x: TensorLike, a: TensorLike, b: TensorLike, loc?: TensorLike, scale?: TensorLike) => Tensor

/** The logarithm of the density; NaN for parameters that are not positive. */
export const logpdf: Distribution = (x, a, b, loc = 0, scale = 1) => {
  const [t, p, q, l, s] = floats('beta.logpdf', x, a, b, loc, scale)
  const y = standardized(t!, l!, s!)
  const shape = add(xlogy(subtract(p!, 1), y), xlog1py(subtract(q!, 1), negative(y)))
  const logarithm = subtract(subtract(shape, betaln(p!, q!)), log(s!))
  const inside = where(logicalOr(greater(t!, add(l!, s!)), less(t!, l!)), -Infinity, logarithm)
  return where(logicalOr(logicalOr(lessEqual(p!, 0), lessEqual(q!, 0)), lessEqual(s!, 0)), NaN, inside)
}
export const pdf: Distribution = (x, a, b, loc, scale) => exp(logpdf(x, a, b, loc, scale))
/** The distribution function. Has no derivative by a and b. */
export const cdf: Distribution = (x, a, b, loc = 0, scale = 1) => {
  const [t, p, q, l, s] = floats('beta.cdf', x, a, b, loc, scale)
  return betainc(p!, q!, clip(standardized(t!, l!, s!), 0, 1))
}
