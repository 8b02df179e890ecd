import type { TensorLike } from '../../core/array-ops.js'
import { type DType, dtypeBytes, isFloat, isInteger } from '../../core/dtype.js'
import { DtypeError } from '../../core/errors.js'
import type { Tensor } from '../../core/tensor.js'
import { bind1 } from '../../core/trace.js'
import { whileLoop } from '../../program/control.js'
import {
  abs,
  add,
  bitwiseAnd,
  divide,
  equal,
  floorDivide,
  greater,
  isinf,
  isnan,
  less,
  logaddexp,
  logicalOr,
  maximum,
  minimum,
  multiply,
  notEqual,
  remainder,
  rightShift,
  sin,
  sqrt,
  square,
  stopGradient,
  subtract,
} from './elementwise.js'
import { convert, promoteFloats, promoteOperands, toFloat, toTensor } from '../operand.js'
import { any } from '../reduce/reduce.js'
import { broadcastArrays } from '../shape/join.js'
import { where } from './where.js'

type Unary = (x: TensorLike) => Tensor
type Binary = (x: TensorLike, y: TensorLike) => Tensor

/** x to the power y in floating point, also for integers. */
export const floatPower: Binary = (x, y) => bind1('pow', promoteFloats('floatPower', [x, y]), null)

/** The remainder with the dividend's sign, as C's `%`. */
export const fmod: Binary = (x, y) => {
  const operands = promoteOperands('fmod', [x, y])
  if (operands[0]!.dtype === 'bool')
    throw new DtypeError("fmod: does not accept bool operands; convert with astype('int32')")
  return bind1('rem', operands, null)
}

/** [floorDivide(x, y), remainder(x, y)]. */
export const divmod = (x: TensorLike, y: TensorLike): [quotient: Tensor, remainder: Tensor] => [
  floorDivide(x, y),
  remainder(x, y),
]

/** The greater of two numbers; the other one where one is NaN. */
export const fmax: Binary = (x, y) => {
  const [a, b] = promoteOperands('fmax', [x, y])
  return where(isFloat(a!.dtype) ? logicalOr(greater(a!, b!), isnan(b!)) : greater(a!, b!), a!, b!)
}

/** The lesser of two numbers; the other one where one is NaN. */
export const fmin: Binary = (x, y) => {
  const [a, b] = promoteOperands('fmin', [x, y])
  return where(isFloat(a!.dtype) ? logicalOr(less(a!, b!), isnan(b!)) : less(a!, b!), a!, b!)
}

/** sqrt(x^2 + y^2) without overflow; infinite where either is. */
export const hypot: Binary = (x, y) => {
  const [a, b] = promoteFloats('hypot', [x, y]).map(abs)
  const [greatest, least] = [maximum(a!, b!), minimum(a!, b!)]
  const none = equal(greatest, 0)
  const ratio = divide(least, where(none, 1, greatest))
  const length = where(none, greatest, multiply(greatest, sqrt(add(1, square(ratio)))))
  return where(logicalOr(isinf(a!), isinf(b!)), Infinity, length)
}

/** log2(2^x + 2^y) without overflow. */
export const logaddexp2: Binary = (x, y) => {
  const [a, b] = promoteFloats('logaddexp2', [x, y])
  return divide(logaddexp(multiply(a!, Math.LN2), multiply(b!, Math.LN2)), Math.LN2)
}

/** 0 for negative x, 1 for positive x, y where x is 0. */
export const heaviside: Binary = (x, y) => {
  const [a, b] = promoteFloats('heaviside', [x, y])
  return where(less(a!, 0), 0, where(greater(a!, 0), 1, where(isnan(a!), a!, b!)))
}

export const rad2deg: Unary = (x) => multiply(toFloat('rad2deg', x), 180 / Math.PI)
export const deg2rad: Unary = (x) => multiply(toFloat('deg2rad', x), Math.PI / 180)
/** The same as rad2deg. */
export const degrees: Unary = (x) => multiply(toFloat('degrees', x), 180 / Math.PI)
/** The same as deg2rad. */
export const radians: Unary = (x) => multiply(toFloat('radians', x), Math.PI / 180)

/** sin(pi x) / (pi x), 1 at 0. */
export const sinc: Unary = (x) => {
  const angle = multiply(toFloat('sinc', x), Math.PI)
  const zero = equal(angle, 0)
  const safe = where(zero, 1, angle)
  // The first terms of the series, so that derivatives at 0 are right.
  return where(zero, subtract(1, divide(square(angle), 6)), divide(sin(safe), safe))
}

const integers = (fn: string, x: TensorLike, y: TensorLike): readonly [Tensor, Tensor] => {
  const [a, b] = promoteOperands(fn, [x, y])
  if (!isInteger(a!.dtype)) throw new DtypeError(`${fn}: needs integers, got ${a!.dtype}; convert with astype('int32')`)
  return [abs(a!), abs(b!)]
}

/** The greatest common divisor of integers, not negative. */
export const gcd: Binary = (x, y) => {
  const [a, b] = broadcastArrays(...integers('gcd', x, y))
  const [divisor] = whileLoop(
    ([, rest]: readonly [Tensor, Tensor]) => any(notEqual(rest, 0)),
    ([greater, rest]: readonly [Tensor, Tensor]): [Tensor, Tensor] => {
      const going = notEqual(rest, 0)
      const next = bind1('rem', [greater, where(going, rest, 1)], null)
      return [where(going, rest, greater), where(going, next, 0)]
    },
    [stopGradient(a!), stopGradient(b!)] as const,
  )
  return divisor
}

/** The least common multiple of integers, not negative; 0 where one is 0. */
export const lcm: Binary = (x, y) => {
  const [a, b] = integers('lcm', x, y)
  const divisor = gcd(a, b)
  const none = equal(divisor, 0)
  return where(none, 0, multiply(a, floorDivide(b, where(none, 1, divisor))))
}

/** How many bits of an integer are 1, in its own dtype; negative numbers in two's complement. */
export const populationCount: Unary = (x) => {
  const t = toTensor('populationCount', x)
  if (!isInteger(t.dtype))
    throw new DtypeError(`populationCount: needs integers, got ${t.dtype}; convert with astype('int32')`)
  const width = 8 * dtypeBytes(t.dtype)
  const words = convert(t, 'uint32')
  const bits = width === 32 ? words : bitwiseAnd(words, 2 ** width - 1)
  // Sums of neighbouring fields of 1, 2, 4, 8 and 16 bits.
  const count = [0x55555555, 0x33333333, 0x0f0f0f0f, 0x00ff00ff, 0x0000ffff].reduce(
    (v, mask, i) => add(bitwiseAnd(v, mask), bitwiseAnd(rightShift(v, 2 ** i), mask)),
    bits,
  )
  return convert(count, t.dtype as Exclude<DType, 'key'>)
}
