import type { TensorLike } from '../core/array-ops.js'
import type { Tensor } from '../core/tensor.js'
import { add, exp, floor, less, logicalOr, notEqual, round, subtract } from '../ops/elementwise/elementwise.js'
import { where } from '../ops/elementwise/where.js'
import { xlogy } from '../special/entropy.js'
import { gammaincc, gammaln } from '../special/gamma.js'
import { floats } from './operands.js'

type Distribution = (k: TensorLike, mu: TensorLike, loc?: TensorLike) => Tensor

/** The logarithm of the probability of k - loc; minus infinity for fractions and negative numbers. */
export const logpmf: Distribution = (k, mu, loc = 0) => {
  const [n, m, l] = floats('poisson.logpmf', k, mu, loc)
  const x = subtract(n!, l!)
  const logarithm = subtract(subtract(xlogy(x, m!), gammaln(add(x, 1))), m!)
  return where(logicalOr(less(x, 0), notEqual(round(n!), n!)), -Infinity, logarithm)
}
export const pmf: Distribution = (k, mu, loc) => exp(logpmf(k, mu, loc))
export const cdf: Distribution = (k, mu, loc = 0) => {
  const [n, m, l] = floats('poisson.cdf', k, mu, loc)
  const x = subtract(n!, l!)
  const below = less(x, 0)
  return where(below, 0, gammaincc(floor(add(where(below, 0, x), 1)), m!))
}
