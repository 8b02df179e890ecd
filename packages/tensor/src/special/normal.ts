import type { TensorLike } from '../core/array-ops.js'
import type { Tensor } from '../core/tensor.js'
import { bind1 } from '../core/trace.js'
import { divide, exp, log, multiply, sigmoid, square, subtract } from '../ops/elementwise/elementwise.js'
import { toFloat } from '../ops/operand.js'
import * as kernel from './kernels/normal.js'
import { pointwise } from './pointwise.js'

const halfLogTwoPi = 0.5 * Math.log(2 * Math.PI)

/** 1 - erf(x), with all its digits where that is small. */
export const erfc = (x: TensorLike): Tensor => bind1('erfc', [toFloat('erfc', x)], null)

/** The distribution function of the standard normal distribution. */
export const ndtr = (x: TensorLike): Tensor => multiply(erfc(multiply(toFloat('ndtr', x), -Math.SQRT1_2)), 0.5)

/** log(ndtr(x)), also where ndtr(x) is too small for its dtype. */
export const logNdtr: (x: TensorLike) => Tensor = /* @__PURE__ */ pointwise('logNdtr', kernel.logNdtr, [
  (t, [x], out) => multiply(t, exp(subtract(subtract(multiply(square(x!), -0.5), halfLogTwoPi), out))),
])

/** The inverse of ndtr: infinite at 0 and 1, NaN outside. */
export const ndtri: (p: TensorLike) => Tensor = /* @__PURE__ */ pointwise('ndtri', kernel.ndtri, [
  (t, _, out) => multiply(t, exp(subtract(halfLogTwoPi, multiply(square(out), -0.5)))),
])

/** 1 / (1 + exp(-x)), the same as sigmoid. */
export const expit = (x: TensorLike): Tensor => sigmoid(toFloat('expit', x))

/** log(x / (1 - x)), the inverse of expit. */
export const logit = (x: TensorLike): Tensor => {
  const t = toFloat('logit', x)
  return log(divide(t, subtract(1, t)))
}
