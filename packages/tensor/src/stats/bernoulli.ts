import type { TensorLike } from '../core/array-ops.js'
import type { Tensor } from '../core/tensor.js'
import {
  add,
  exp,
  greater,
  greaterEqual,
  isnan,
  less,
  logicalOr,
  negative,
  subtract,
} from '../ops/elementwise/elementwise.js'
import { where } from '../ops/elementwise/where.js'
import { xlog1py, xlogy } from '../special/entropy.js'
import { floats } from './operands.js'

/** The logarithm of the probability of k - loc, 0 or 1, where 1 has probability p. */
export const logpmf = (k: TensorLike, p: TensorLike, loc: TensorLike = 0): Tensor => {
  const [n, q, l] = floats('bernoulli.logpmf', k, p, loc)
  const x = subtract(n!, l!)
  const logarithm = add(xlogy(x, q!), xlog1py(subtract(1, x), negative(q!)))
  return where(logicalOr(less(x, 0), greater(x, 1)), -Infinity, logarithm)
}
export const pmf = (k: TensorLike, p: TensorLike, loc: TensorLike = 0): Tensor => exp(logpmf(k, p, loc))
/** The distribution function; NaN for a p outside [0, 1]. */
export const cdf = (k: TensorLike, p: TensorLike): Tensor => {
  const [n, q] = floats('bernoulli.cdf', k, p)
  const invalid = logicalOr(logicalOr(isnan(n!), isnan(q!)), logicalOr(less(q!, 0), greater(q!, 1)))
  const inside = where(greaterEqual(n!, 1), 1, where(less(n!, 0), 0, subtract(1, q!)))
  return where(invalid, NaN, inside)
}
