import type { TensorLike } from '../../core/array-ops.js'
import { dtypeBytes, isFloat, isInteger, type StoredDType } from '../../core/dtype.js'
import { DtypeError } from '../../core/errors.js'
import { finfo } from '../../core/limits.js'
import type { Tensor } from '../../core/tensor.js'
import { nextAfter as neighbour } from '../../special/kernels/next-after.js'
import { noDerivative, ofType } from '../../special/pointwise.js'
import {
  abs,
  add,
  astype,
  ceil,
  divide,
  equal,
  exp2,
  floor,
  greater,
  greaterEqual,
  isfinite,
  isinf,
  isnan,
  less,
  log2,
  logicalAnd,
  logicalNot,
  logicalOr,
  multiply,
  negative,
  notEqual,
  round,
  stopGradient,
  subtract,
  view,
} from './elementwise.js'
import { convert, literalLike, promoteFloats, toFloat, toNumeric, toTensor } from '../operand.js'
import { where } from './where.js'

type Unary = (x: TensorLike) => Tensor
type Binary = (x: TensorLike, y: TensorLike) => Tensor

/** The integer next to x towards 0; integers and bool stay what they are. */
export const trunc: Unary = (x) => {
  const t = toTensor('trunc', x)
  return isFloat(t.dtype) ? where(less(t, 0), ceil(t), floor(t)) : t
}
/** The same as trunc. */
export const fix: Unary = trunc
/** The nearest integer, halves to even, in floating point. */
export const rint: Unary = (x) => round(toFloat('rint', x))

/** Whether the sign bit is set: also for -0. */
export const signbit: Unary = (x) => {
  const t = toTensor('signbit', x)
  // 1 / -0 tells it from 0.
  if (isFloat(t.dtype)) return logicalOr(less(t, 0), logicalAnd(equal(t, 0), less(divide(1, t), 0)))
  return isInteger(t.dtype) ? less(t, 0) : logicalAnd(toNumericOrBool(t), false)
}
const toNumericOrBool = (t: Tensor): Tensor => (t.dtype === 'bool' ? t : toNumeric('signbit', t))

/** The magnitude of x with the sign of y. */
export const copysign: Binary = (x, y) => {
  const [a, b] = promoteFloats('copysign', [x, y])
  const magnitude = abs(a!)
  return where(signbit(b!), negative(magnitude), magnitude)
}

/** The number next to x in the direction of y. Has no derivative. */
export const nextafter: Binary = /* @__PURE__ */ ofType(
  'nextafter',
  ({ dtype }) => {
    const { nmant, minexp } = finfo(dtype)
    return (x, y) => neighbour(x, y, nmant, minexp)
  },
  [noDerivative('nextafter', 'x'), noDerivative('nextafter', 'y')],
)

/** As `nextafter`, made of operations that every device has and with the derivative 0: for what the library computes itself. */
export const neighbourOf = (x: Tensor, y: TensorLike): Tensor => {
  const [a, b] = promoteFloats('nextafter', [x, y]) as [Tensor, Tensor]
  // No integer type has the bits of a float64.
  if (a.dtype === 'float64') return nextafter(a, b)
  // Floats of one sign are ordered as their bits are.
  const words = dtypeBytes(a.dtype) === 2 ? 'uint16' : 'uint32'
  const bits = view(a, words)
  const sign = words === 'uint16' ? 0x8000 : 0x80000000
  // Asked of the bits, since a device may take the smallest numbers for 0.
  const outward = equal(less(bits, literalLike(sign, words)), greater(b, a))
  const least = where(greater(b, 0), literalLike(1, words), literalLike(sign + 1, words))
  const next = where(equal(add(bits, bits), 0), least, where(outward, add(bits, 1), subtract(bits, 1)))
  const found = where(equal(a, b), b, view(next, a.dtype as StoredDType))
  return where(logicalOr(notEqual(a, a), notEqual(b, b)), NaN, found)
}

/** [fraction, whole]: both have the sign of x. */
export const modf = (x: TensorLike): [fraction: Tensor, whole: Tensor] => {
  const t = toFloat('modf', x)
  const whole = where(greaterEqual(t, 0), floor(t), ceil(t))
  return [subtract(t, whole), whole]
}

/** 2^e for integers e in floating point beyond the exponents of one number: two factors. */
const scaled = (x: Tensor, e: Tensor): Tensor => {
  const half = floor(divide(e, 2))
  return multiply(multiply(x, exp2(half)), exp2(subtract(e, half)))
}

/** [m, e] with x = m 2^e and 1/2 <= |m| < 1; e is int32. 0, infinities and NaN are their own m, with e 0. */
export const frexp = (x: TensorLike): [mantissa: Tensor, exponent: Tensor] => {
  const t = toFloat('frexp', x)
  const size = stopGradient(abs(t))
  const plain = logicalAnd(isfinite(t), logicalNot(equal(t, 0)))
  const guess = add(floor(log2(where(plain, size, 1))), 1)
  const first = scaled(where(plain, size, 0.5), negative(guess))
  // The logarithm rounds: next to a power of 2 the guess may be off by one.
  const off = subtract(where(greaterEqual(first, 1), 1, 0), where(less(first, 0.5), 1, 0))
  const exponent = where(plain, add(guess, off), 0)
  return [scaled(t, negative(exponent)), astype(exponent, 'int32')]
}

/** x 2^n for integers n. */
export const ldexp: Binary = (x, n) => {
  const [t, e] = [toFloat('ldexp', x), toTensor('ldexp', n)]
  if (isFloat(e.dtype) && typeof n !== 'number')
    throw new DtypeError(`ldexp: the exponent must be an integer, got ${e.dtype}; convert with astype('int32')`)
  const r = scaled(t, convert(e, t.dtype as 'float32'))
  return where(logicalOr(isinf(t), equal(t, 0)), t, r)
}

export interface NanToNumOptions {
  /** Stands for NaN; default 0. */
  readonly nan?: number
  /** Stand for the infinities; by default the greatest and the least finite number. */
  readonly posinf?: number
  readonly neginf?: number
}

/** Numbers in place of NaN and the infinities. */
export const nanToNum = (x: TensorLike, options: NanToNumOptions = {}): Tensor => {
  const t = toTensor('nanToNum', x)
  if (!isFloat(t.dtype)) return toNumericOrBool(t)
  const { max, min } = finfo(t.dtype)
  const numbers = where(isnan(t), options.nan ?? 0, t)
  const low = where(equal(numbers, Infinity), options.posinf ?? max, numbers)
  return where(equal(low, -Infinity), options.neginf ?? min, low)
}

export const isposinf: Unary = (x) => equal(toFloat('isposinf', x), Infinity)
export const isneginf: Unary = (x) => equal(toFloat('isneginf', x), -Infinity)
