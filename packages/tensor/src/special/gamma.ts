import type { TensorLike } from '../core/array-ops.js'
import { isInteger } from '../core/dtype.js'
import { DtypeError } from '../core/errors.js'
import type { Tensor } from '../core/tensor.js'
import { arange } from '../ops/create/create.js'
import { add, divide, exp, less, log, multiply, negative, subtract } from '../ops/elementwise/elementwise.js'
import { toFloat, toTensor } from '../ops/operand.js'
import { sum } from '../ops/reduce/reduce.js'
import { expandDims } from '../ops/shape/shape.js'
import { where } from '../ops/elementwise/where.js'
import * as kernel from './kernels/gamma.js'
import { igamma, igammac, igammaGradA } from './kernels/incomplete.js'
import { noDerivative, type Partial, pointwise } from './pointwise.js'

/** log |gamma(x)|; infinite at 0 and the negative integers. */
export const gammaln: (x: TensorLike) => Tensor = /* @__PURE__ */ pointwise('gammaln', kernel.logGamma, [
  (t, [x]) => multiply(t, digamma(x!)),
])

/** The derivative of gammaln; NaN at the negative integers. */
export const digamma: (x: TensorLike) => Tensor = /* @__PURE__ */ pointwise('digamma', kernel.digamma, [
  (t, [x]) => multiply(t, zeta(2, x!)),
])

/** Hurwitz' zeta function: the sum of (q + k)^-s over k from 0. Has no derivative by s. */
export const zeta: (s: TensorLike, q: TensorLike) => Tensor = /* @__PURE__ */ pointwise('zeta', kernel.zeta, [
  noDerivative('zeta', 's'),
  (t, [s, q]) => negative(multiply(t, multiply(s!, zeta(add(s!, 1), q!)))),
])

const polygammas: (n: TensorLike, x: TensorLike) => Tensor = /* @__PURE__ */ pointwise('polygamma', kernel.polygamma, [
  noDerivative('polygamma', 'n'),
  (t, [n, x]) => multiply(t, polygammas(add(n!, 1), x!)),
])

/** The derivative of order n of digamma, for integers n from 0. Has no derivative by n. */
export const polygamma = (n: TensorLike, x: TensorLike): Tensor => {
  const order = toTensor('polygamma', n)
  const integral = typeof n === 'number' ? Number.isInteger(n) : isInteger(order.dtype)
  if (!integral)
    throw new DtypeError(
      `polygamma: Argument \`n\` to polygamma must be of integer type, got ${typeof n === 'number' ? n : order.dtype}; convert with astype('int32')`,
    )
  return polygammas(typeof n === 'number' ? n : order.astype(toFloat('polygamma', x).dtype), x)
}

/** 1 or -1, the sign of gamma; NaN at the negative integers. */
export const gammasgn: (x: TensorLike) => Tensor = /* @__PURE__ */ pointwise('gammasgn', kernel.gammaSign, [
  (t) => multiply(t, 0),
])

/** The gamma function; NaN at the negative integers. */
export const gamma: (x: TensorLike) => Tensor = /* @__PURE__ */ pointwise('gamma', kernel.gamma, [
  (t, [x], out) => multiply(t, multiply(out, digamma(x!))),
])

/** n!, in floating point: gamma(n + 1), 0 for negative n. */
export const factorial = (n: TensorLike): Tensor => {
  const t = toFloat('factorial', n)
  const below = less(t, 0)
  return where(below, 0, gamma(add(where(below, 0, t), 1)))
}

/** The logarithm of the gamma function of d-dimensional matrices: the sum of gammaln(a - k / 2) over k below d, and a constant. */
export const multigammaln = (a: TensorLike, d: number): Tensor => {
  if (!Number.isInteger(d) || d < 1) throw new RangeError(`multigammaln: d must be a positive integer, got ${d}`)
  const t = toFloat('multigammaln', a)
  const halves = divide(arange(d), 2)
  return add(sum(gammaln(subtract(expandDims(t, -1), halves)), { axis: -1 }), 0.25 * d * (d - 1) * Math.log(Math.PI))
}

/** The derivative of the lower function by x: the density of the gamma distribution. */
const density: Partial = (t, [a, x]) =>
  multiply(t, exp(subtract(subtract(multiply(subtract(a!, 1), log(x!)), x!), gammaln(a!))))

const derivativeByA: (a: TensorLike, x: TensorLike) => Tensor = /* @__PURE__ */ pointwise(
  'the derivative of gammainc by a',
  igammaGradA,
  [noDerivative('the derivative of gammainc by a', 'a'), noDerivative('the derivative of gammainc by a', 'x')],
)

/** The regularized lower incomplete gamma function. Its derivative by a cannot be differentiated again. */
export const gammainc: (a: TensorLike, x: TensorLike) => Tensor = /* @__PURE__ */ pointwise('gammainc', igamma, [
  (t, [a, x]) => multiply(t, derivativeByA(a!, x!)),
  density,
])

/** The regularized upper incomplete gamma function, 1 - gammainc(a, x). Its derivative by a cannot be differentiated again. */
export const gammaincc: (a: TensorLike, x: TensorLike) => Tensor = /* @__PURE__ */ pointwise('gammaincc', igammac, [
  (t, [a, x]) => negative(multiply(t, derivativeByA(a!, x!))),
  (t, operands, out) => negative(density(t, operands, out)),
])
