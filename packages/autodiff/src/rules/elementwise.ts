import { type Tensor, where } from '@linum/tensor'
import { isFloat, type PrimitiveParams } from '@linum/tensor/core'
import { type Cotangent, nothing, type ReverseRule, type ReverseRules, unbroadcast } from './rule.js'

type Params = Pick<
  PrimitiveParams,
  | 'exp' | 'expm1' | 'log' | 'log1p' | 'logistic' | 'sqrt' | 'rsqrt' | 'sin' | 'cos' | 'tanh' | 'erf' | 'erf_inv' | 'floor' | 'ceil' | 'round'
  | 'neg' | 'abs' | 'sign' | 'add' | 'sub' | 'mul' | 'div' | 'rem' | 'pow' | 'max' | 'min' | 'atan2' | 'fma'
  | 'and' | 'or' | 'xor' | 'not' | 'shift_left' | 'shift_right_logical' | 'shift_right_arithmetic'
  | 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge' | 'is_finite' | 'select' | 'convert' | 'bitcast' | 'stop_gradient'
>

/** A rule from the derivative: cotangent, operand, result. */
const unary =
  (f: (ct: Tensor, x: Tensor, out: Tensor) => Tensor) =>
  ([ct]: readonly Cotangent[], { inputs, outputs }: { readonly inputs: readonly Tensor[]; readonly outputs: readonly Tensor[] }): readonly Cotangent[] => [
    ct === null || ct === undefined ? null : f(ct, inputs[0]!, outputs[0]!),
  ]

type Partial = (ct: Tensor, x: Tensor, y: Tensor, out: Tensor) => Tensor

/** A rule from the partial derivatives, for operands that may have been broadcast. */
const binary =
  (left: Partial, right: Partial): ReverseRule<null> =>
  ([ct], { inputs, outputs, need }) => {
    if (ct === null || ct === undefined) return []
    const [x, y] = inputs as readonly [Tensor, Tensor]
    return [
      need[0] === true ? unbroadcast(left(ct, x, y, outputs[0]!), x.shape) : null,
      need[1] === true ? unbroadcast(right(ct, x, y, outputs[0]!), y.shape) : null,
    ]
  }

/** The share of a cotangent for the chosen operand of max or min: half each where they are equal. */
const share = (ct: Tensor, wins: Tensor, ties: Tensor): Tensor => where(wins, ct, where(ties, ct.mul(0.5), 0))

export const elementwiseRules: ReverseRules<Params> = {
  exp: unary((ct, _, out) => ct.mul(out)),
  expm1: unary((ct, _, out) => ct.mul(out.add(1))),
  log: unary((ct, x) => ct.div(x)),
  log1p: unary((ct, x) => ct.div(x.add(1))),
  logistic: unary((ct, _, out) => ct.mul(out).mul(out.neg().add(1))),
  sqrt: unary((ct, _, out) => ct.div(out.mul(2))),
  rsqrt: unary((ct, x, out) => ct.mul(out.div(x).mul(-0.5))),
  sin: unary((ct, x) => ct.mul(x.cos())),
  cos: unary((ct, x) => ct.mul(x.sin()).neg()),
  // (1 + o)(1 - o) keeps digits where o is near 1.
  tanh: unary((ct, _, out) => ct.mul(out.add(1)).mul(out.neg().add(1))),
  erf: unary((ct, x) => ct.mul(x.square().neg().exp()).mul(2 / Math.sqrt(Math.PI))),
  erf_inv: unary((ct, _, out) => ct.mul(out.square().exp()).mul(Math.sqrt(Math.PI) / 2)),
  floor: nothing, ceil: nothing, round: nothing, sign: nothing,
  neg: unary((ct) => ct.neg()),
  // 1 at 0, as JAX 0.10 has it.
  abs: unary((ct, x) => where(x.greaterEqual(0), ct, ct.neg())),
  add: binary((ct) => ct, (ct) => ct),
  sub: binary((ct) => ct, (ct) => ct.neg()),
  mul: binary((ct, _, y) => ct.mul(y), (ct, x) => ct.mul(x)),
  div: binary((ct, _, y) => ct.div(y), (ct, _, y, out) => ct.mul(out).div(y).neg()),
  rem: binary((ct) => ct, (ct, x, y) => {
    const q = x.div(y)
    return ct.mul(q.sign().mul(q.abs().floor())).neg()
  }),
  pow: binary((ct, x, y) => ct.mul(y.mul(x.pow(y.sub(1)))), (ct, x, _, out) => ct.mul(where(x.equal(0), 1, x).log().mul(out))),
  max: binary((ct, x, y) => share(ct, x.greater(y), x.equal(y)), (ct, x, y) => share(ct, y.greater(x), x.equal(y))),
  min: binary((ct, x, y) => share(ct, x.less(y), x.equal(y)), (ct, x, y) => share(ct, y.less(x), x.equal(y))),
  atan2: binary((ct, x, y) => ct.mul(y.div(x.square().add(y.square()))), (ct, x, y) => ct.mul(x.div(x.square().add(y.square()))).neg()),
  fma: ([ct], { inputs, need }) => {
    if (ct === null || ct === undefined) return []
    const [x, y, z] = inputs as readonly [Tensor, Tensor, Tensor]
    return [
      need[0] === true ? unbroadcast(ct.mul(y), x.shape) : null,
      need[1] === true ? unbroadcast(ct.mul(x), y.shape) : null,
      need[2] === true ? unbroadcast(ct, z.shape) : null,
    ]
  },
  and: nothing, or: nothing, xor: nothing, not: nothing, shift_left: nothing, shift_right_logical: nothing, shift_right_arithmetic: nothing,
  eq: nothing, ne: nothing, lt: nothing, le: nothing, gt: nothing, ge: nothing, is_finite: nothing,
  select: ([ct], { inputs, need }) => {
    if (ct === null || ct === undefined) return []
    const [c, x, y] = inputs as readonly [Tensor, Tensor, Tensor]
    return [null, need[1] === true ? unbroadcast(where(c, ct, 0), x.shape) : null, need[2] === true ? unbroadcast(where(c, 0, ct), y.shape) : null]
  },
  convert: unary((ct, x) => (isFloat(x.dtype) ? ct.astype(x.dtype) : ct)),
  bitcast: nothing,
  stop_gradient: nothing,
}
