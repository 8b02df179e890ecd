import { add, broadcastTo, type Tensor, where } from '@linum/tensor'
import { isFloat, type ElementwiseParams } from '@linum/tensor/core'
import { binaryPartials, type Partial, type UnaryDerivative, unaryDerivatives } from '../derivatives.js'
import { constant, filled, type ForwardRule, type ForwardRules, type Tangent } from './rule.js'

/** The sum of partial tangents, of the result's shape although an operand may have been broadcast. */
const total = (parts: readonly Tangent[], out: Tensor): Tangent => {
  const present = parts.filter((t): t is Tensor => t !== null)
  return present.length === 0 ? null : broadcastTo(present.reduce(add), out.shape)
}

const unary =
  (derivative: UnaryDerivative): ForwardRule<unknown> =>
  ([t], { inputs, outputs }) => [t ? derivative(t, inputs[0]!, outputs[0]!) : null]

const binary =
  ([left, right]: readonly [Partial, Partial]): ForwardRule<null> =>
  ([s, t], { inputs, outputs }) => {
    const [x, y] = inputs as readonly [Tensor, Tensor]
    const out = outputs[0]!
    return [total([s ? left(s, x, y, out) : null, t ? right(t, x, y, out) : null], out)]
  }

const [u, b] = [unaryDerivatives, binaryPartials]

export const elementwiseForward: ForwardRules<ElementwiseParams> = {
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
  floor: constant,
  ceil: constant,
  round: constant,
  sign: constant,
  add: binary(b.add),
  sub: binary(b.sub),
  mul: binary(b.mul),
  div: binary(b.div),
  rem: binary(b.rem),
  pow: binary(b.pow),
  max: binary(b.max),
  min: binary(b.min),
  atan2: binary(b.atan2),
  fma: ([r, s, t], { inputs, outputs }) => {
    const [x, y] = inputs as readonly [Tensor, Tensor]
    return [total([r ? r.mul(y) : null, s ? s.mul(x) : null, t ?? null], outputs[0]!)]
  },
  and: constant,
  or: constant,
  xor: constant,
  not: constant,
  shift_left: constant,
  shift_right_logical: constant,
  shift_right_arithmetic: constant,
  eq: constant,
  ne: constant,
  lt: constant,
  le: constant,
  gt: constant,
  ge: constant,
  is_finite: constant,
  select: ([, s, t], { inputs, outputs }) => [
    broadcastTo(where(inputs[0]!, filled(s, inputs[1]!), filled(t, inputs[2]!)), outputs[0]!.shape),
  ],
  convert: ([t], { outputs }) => [t && isFloat(outputs[0]!.dtype) ? t.astype(outputs[0]!.dtype) : null],
  bitcast: constant,
  stop_gradient: constant,
}
