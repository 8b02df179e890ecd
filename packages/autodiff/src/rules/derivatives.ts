import { type Tensor, where } from '@linum/tensor'

/** A tangent or cotangent times the derivative at an operand: (t, operand, result). The same forward and in reverse. */
export type UnaryDerivative = (t: Tensor, x: Tensor, out: Tensor) => Tensor
/** A tangent or cotangent times a partial derivative of an operation of two operands. */
export type Partial = (t: Tensor, x: Tensor, y: Tensor, out: Tensor) => Tensor

/** The share of the chosen operand of max or min: half each where they are equal. */
const share = (t: Tensor, wins: Tensor, ties: Tensor): Tensor => where(wins, t, where(ties, t.mul(0.5), 0))

const twoOverRootPi = 2 / Math.sqrt(Math.PI)

type Unary =
  | 'exp'
  | 'expm1'
  | 'log'
  | 'log1p'
  | 'logistic'
  | 'sqrt'
  | 'rsqrt'
  | 'sin'
  | 'cos'
  | 'tanh'
  | 'erf'
  | 'erf_inv'
  | 'exp2'
  | 'tan'
  | 'sinh'
  | 'cosh'
  | 'asin'
  | 'acos'
  | 'atan'
  | 'asinh'
  | 'acosh'
  | 'atanh'
  | 'cbrt'
  | 'erfc'
  | 'neg'
  | 'abs'

/** Derivatives of elementwise operations of one operand. */
export const unaryDerivatives: Readonly<Record<Unary, UnaryDerivative>> = {
  exp: (t, _, out) => t.mul(out),
  expm1: (t, _, out) => t.mul(out.add(1)),
  log: (t, x) => t.div(x),
  log1p: (t, x) => t.div(x.add(1)),
  logistic: (t, _, out) => t.mul(out).mul(out.neg().add(1)),
  sqrt: (t, _, out) => t.div(out.mul(2)),
  rsqrt: (t, x, out) => t.mul(out.div(x).mul(-0.5)),
  sin: (t, x) => t.mul(x.cos()),
  cos: (t, x) => t.mul(x.sin()).neg(),
  // (1 + o)(1 - o) keeps digits where o is near 1.
  tanh: (t, _, out) => t.mul(out.add(1)).mul(out.neg().add(1)),
  erf: (t, x) => t.mul(x.square().neg().exp()).mul(twoOverRootPi),
  erf_inv: (t, _, out) => t.mul(out.square().exp()).mul(1 / twoOverRootPi),
  exp2: (t, _, out) => t.mul(out).mul(Math.LN2),
  tan: (t, _, out) => t.mul(out.square().add(1)),
  sinh: (t, x) => t.mul(x.cosh()),
  cosh: (t, x) => t.mul(x.sinh()),
  // (1 - x)(1 + x) keeps digits where x is near 1.
  asin: (t, x) => t.mul(x.neg().add(1).mul(x.add(1)).rsqrt()),
  acos: (t, x) => t.mul(x.neg().add(1).mul(x.add(1)).rsqrt()).neg(),
  atan: (t, x) => t.div(x.square().add(1)),
  asinh: (t, x) => t.mul(x.square().add(1).rsqrt()),
  acosh: (t, x) => t.mul(x.sub(1).rsqrt().mul(x.add(1).rsqrt())),
  atanh: (t, x) => t.div(x.neg().add(1).mul(x.add(1))),
  cbrt: (t, _, out) => t.div(out.square().mul(3)),
  erfc: (t, x) => t.mul(x.square().neg().exp()).mul(-twoOverRootPi),
  neg: (t) => t.neg(),
  // 1 at 0, as JAX 0.10 has it.
  abs: (t, x) => where(x.greaterEqual(0), t, t.neg()),
}

type Binary = 'add' | 'sub' | 'mul' | 'div' | 'rem' | 'pow' | 'max' | 'min' | 'atan2'

/** Partial derivatives of elementwise operations of two operands. */
export const binaryPartials: Readonly<Record<Binary, readonly [left: Partial, right: Partial]>> = {
  add: [(t) => t, (t) => t],
  sub: [(t) => t, (t) => t.neg()],
  mul: [(t, _, y) => t.mul(y), (t, x) => t.mul(x)],
  div: [(t, _, y) => t.div(y), (t, _, y, out) => t.mul(out).div(y).neg()],
  rem: [
    (t) => t,
    (t, x, y) => {
      const q = x.div(y)
      return t.mul(q.sign().mul(q.abs().floor())).neg()
    },
  ],
  pow: [(t, x, y) => t.mul(y.mul(x.pow(y.sub(1)))), (t, x, _, out) => t.mul(where(x.equal(0), 1, x).log().mul(out))],
  max: [(t, x, y) => share(t, x.greater(y), x.equal(y)), (t, x, y) => share(t, y.greater(x), x.equal(y))],
  min: [(t, x, y) => share(t, x.less(y), x.equal(y)), (t, x, y) => share(t, y.less(x), x.equal(y))],
  atan2: [
    (t, x, y) => t.mul(y.div(x.square().add(y.square()))),
    (t, x, y) => t.mul(x.div(x.square().add(y.square()))).neg(),
  ],
}
