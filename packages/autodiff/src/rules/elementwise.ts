import { type Tensor, where } from '@linum/tensor'
import { isFloat, type ElementwiseParams } from '@linum/tensor/core'
import { binaryPartials, type Partial, type UnaryDerivative, unaryDerivatives } from './derivatives.js'
import { nothing, type ReverseRule, type ReverseRules, unbroadcast } from './rule.js'

const unary =
  (derivative: UnaryDerivative): ReverseRule<unknown> =>
  ([ct], { inputs, outputs }) => [ct ? derivative(ct, inputs[0]!, outputs[0]!) : null]

/** For operands that may have been broadcast. */
const binary =
  ([left, right]: readonly [Partial, Partial]): ReverseRule<null> =>
  ([ct], { inputs, outputs, need }) => {
    if (!ct) return []
    const [x, y] = inputs as readonly [Tensor, Tensor]
    return [
      need[0] === true ? unbroadcast(left(ct, x, y, outputs[0]!), x.shape) : null,
      need[1] === true ? unbroadcast(right(ct, x, y, outputs[0]!), y.shape) : null,
    ]
  }

const [u, b] = [unaryDerivatives, binaryPartials]

export const elementwiseRules: ReverseRules<ElementwiseParams> = {
  exp: unary(u.exp),
  expm1: unary(u.expm1),
  log: unary(u.log),
  log1p: unary(u.log1p),
  logistic: unary(u.logistic),
  sqrt: unary(u.sqrt),
  rsqrt: unary(u.rsqrt),
  sin: unary(u.sin),
  cos: unary(u.cos),
  tanh: unary(u.tanh),
  erf: unary(u.erf),
  erf_inv: unary(u.erf_inv),
  exp2: unary(u.exp2),
  tan: unary(u.tan),
  sinh: unary(u.sinh),
  cosh: unary(u.cosh),
  asin: unary(u.asin),
  acos: unary(u.acos),
  atan: unary(u.atan),
  asinh: unary(u.asinh),
  acosh: unary(u.acosh),
  atanh: unary(u.atanh),
  cbrt: unary(u.cbrt),
  erfc: unary(u.erfc),
  neg: unary(u.neg),
  abs: unary(u.abs),
  floor: nothing,
  ceil: nothing,
  round: nothing,
  sign: nothing,
  add: binary(b.add),
  sub: binary(b.sub),
  mul: binary(b.mul),
  div: binary(b.div),
  rem: binary(b.rem),
  pow: binary(b.pow),
  max: binary(b.max),
  min: binary(b.min),
  atan2: binary(b.atan2),
  fma: ([ct], { inputs, need }) => {
    if (!ct) return []
    const [x, y, z] = inputs as readonly [Tensor, Tensor, Tensor]
    return [
      need[0] === true ? unbroadcast(ct.mul(y), x.shape) : null,
      need[1] === true ? unbroadcast(ct.mul(x), y.shape) : null,
      need[2] === true ? unbroadcast(ct, z.shape) : null,
    ]
  },
  and: nothing,
  or: nothing,
  xor: nothing,
  not: nothing,
  shift_left: nothing,
  shift_right_logical: nothing,
  shift_right_arithmetic: nothing,
  eq: nothing,
  ne: nothing,
  lt: nothing,
  le: nothing,
  gt: nothing,
  ge: nothing,
  is_finite: nothing,
  select: ([ct], { inputs, need }) => {
    if (!ct) return []
    const [c, x, y] = inputs as readonly [Tensor, Tensor, Tensor]
    return [
      null,
      need[1] === true ? unbroadcast(where(c, ct, 0), x.shape) : null,
      need[2] === true ? unbroadcast(where(c, 0, ct), y.shape) : null,
    ]
  },
  convert: ([ct], { inputs }) => [ct && isFloat(inputs[0]!.dtype) ? ct.astype(inputs[0]!.dtype) : null],
  bitcast: nothing,
  stop_gradient: nothing,
}
