import type { TensorLike } from '../core/array-ops.js'
import type { Tensor } from '../core/tensor.js'
import { abs, divide, equal, exp, multiply, sign, subtract } from '../ops/elementwise/elementwise.js'
import { toFloat } from '../ops/operand.js'
import { where } from '../ops/elementwise/where.js'
import { besselI0e, besselI1e } from './kernels/bessel.js'
import { pointwise } from './pointwise.js'

/** The modified Bessel function of order 0 times exp(-|x|). */
export const i0e: (x: TensorLike) => Tensor = /* @__PURE__ */ pointwise('i0e', besselI0e, [
  (t, [x], out) => multiply(t, subtract(i1e(x!), multiply(sign(x!), out))),
])

/** The modified Bessel function of order 1 times exp(-|x|). */
export const i1e: (x: TensorLike) => Tensor = /* @__PURE__ */ pointwise('i1e', besselI1e, [
  (t, [x], out) => {
    // i1e(x) / x is 1/2 at 0, where the quotient has no value.
    const zero = equal(x!, 0)
    const ratio = where(zero, 0.5, divide(out, where(zero, 1, x!)))
    return multiply(t, subtract(subtract(i0e(x!), multiply(sign(x!), out)), ratio))
  },
])

/** The modified Bessel function of order 0. */
export const i0 = (x: TensorLike): Tensor => {
  const t = toFloat('i0', x)
  return multiply(exp(abs(t)), i0e(t))
}

/** The modified Bessel function of order 1. */
export const i1 = (x: TensorLike): Tensor => {
  const t = toFloat('i1', x)
  return multiply(exp(abs(t)), i1e(t))
}
