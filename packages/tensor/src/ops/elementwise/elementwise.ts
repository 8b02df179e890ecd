import type { TensorLike } from '../../core/array-ops.js'
import { checkDType, type DType, isFloat, isHalf, isInteger, isSigned, type StoredDType } from '../../core/dtype.js'
import { DtypeError } from '../../core/errors.js'
import type { Tensor } from '../../core/tensor.js'
import { bind1 } from '../../core/trace.js'
import type { Compare, FloatUnary, LatticeBinary } from '../../primitives/elementwise.js'
import { convert, literalLike, promoteFloats, promoteOperands, toFloat, toNumeric, toTensor } from '../operand.js'

type Unary = (x: TensorLike) => Tensor
type Binary = (x: TensorLike, y: TensorLike) => Tensor

const floatUnary =
  (fn: string, primitive: FloatUnary): Unary =>
  (x) =>
    bind1(primitive, [toFloat(fn, x)], null)
const binary =
  (fn: string, primitive: LatticeBinary): Binary =>
  (x, y) =>
    bind1(primitive, promoteOperands(fn, [x, y]), null)
const compare =
  (fn: string, primitive: Compare): Binary =>
  (x, y) =>
    bind1(primitive, promoteOperands(fn, [x, y]), null)

const numericBinary =
  (fn: string, primitive: 'sub' | 'rem'): Binary =>
  (x, y) => {
    const operands = promoteOperands(fn, [x, y])
    if (operands[0]!.dtype === 'bool')
      throw new DtypeError(
        `${fn}: does not accept bool operands; use logicalXor(x, y), or convert with astype('int32')`,
      )
    return bind1(primitive, operands, null)
  }

export const add: Binary = binary('add', 'add')
export const multiply: Binary = binary('multiply', 'mul')
export const subtract: Binary = numericBinary('subtract', 'sub')
export const maximum: Binary = binary('maximum', 'max')
export const minimum: Binary = binary('minimum', 'min')
/** True division: float32 also for integers. */
export const divide: Binary = (x, y) => bind1('div', promoteFloats('divide', [x, y]), null)

/** The remainder with the divisor's sign, as Python's `%`. */
export const remainder: Binary = (x, y) => {
  const [a, b] = promoteOperands('remainder', [x, y])
  if (a!.dtype === 'bool')
    throw new DtypeError("remainder: does not accept bool operands; convert with astype('int32')")
  const r = bind1('rem', [a!, b!], null)
  if (!isSigned(a!.dtype)) return r
  const wrong = logicalAnd(notEqual(r, 0), notEqual(less(r, 0), less(b!, 0)))
  return bind1('select', [wrong, add(r, b!), r], null)
}

/** The quotient rounded towards minus infinity; integers stay integers. */
export const floorDivide: Binary = (x, y) => {
  const [a, b] = promoteOperands('floorDivide', [x, y])
  if (a!.dtype === 'bool')
    throw new DtypeError("floorDivide: does not accept bool operands; convert with astype('int32')")
  const q = bind1('div', [a!, b!], null)
  if (!isSigned(a!.dtype)) return q
  if (isInteger(a!.dtype)) {
    const down = logicalAnd(notEqual(sign(a!), sign(b!)), notEqual(bind1('rem', [a!, b!], null), 0))
    return bind1('select', [down, subtract(q, 1), q], null)
  }
  // As jnp.floor_divide: from the exact remainder, so that the quotient is not rounded up across an integer.
  const r = bind1('rem', [a!, b!], null)
  const exact = bind1('div', [subtract(a!, r), b!], null)
  const wrong = logicalAnd(notEqual(r, 0), notEqual(sign(b!), sign(r)))
  const rounded = round(bind1('select', [wrong, subtract(exact, 1), exact], null))
  return bind1('select', [equal(b!, 0), q, rounded], null)
}

/** x to the power y. Integers stay integers and wrap; a fractional number as exponent gives float32. */
export const power: Binary = (x, y) => {
  if (y === 2) return square(x)
  if (y === 1) return toTensor('power', x)
  const operands = promoteOperands('power', [x, y])
  const [base, exponent] = operands[0]!.dtype === 'bool' ? operands.map((t) => convert(t, 'int32')) : operands
  if (typeof y === 'number' && y < 0 && isInteger(base!.dtype)) {
    throw new DtypeError(
      `power: integers cannot be raised to a negative power, got ${y}; convert the base with astype('float32')`,
    )
  }
  // A whole exponent of 0 has derivative 0 everywhere, where y x^(y-1) would be 0 times infinity at 0.
  return bind1('pow', [y === 0 ? stopGradient(base!) : base!, exponent!], null)
}

export const arctan2: Binary = (x, y) => bind1('atan2', promoteFloats('arctan2', [x, y]), null)
/** log(exp(x) + exp(y)) without overflow. */
export const logaddexp: Binary = (x, y) => {
  const [a, b] = promoteFloats('logaddexp', [x, y])
  const top = maximum(a!, b!)
  // Infinities are shifted by nothing: inf - inf would be NaN.
  const shift = stopGradient(bind1('select', [isfinite(top), top, literalLike(0, top.dtype)], null))
  const [p, q] = [subtract(a!, shift), subtract(b!, shift)]
  // exp(p) + exp(q) - 1 with no digit lost. Both ways have the same derivatives, so all orders are right where a = b.
  const excess = bind1('select', [greaterEqual(a!, b!), add(expm1(p), exp(q)), add(exp(p), expm1(q))], null)
  return add(log1p(excess), shift)
}

export const negative: Unary = (x) => bind1('neg', [toNumeric('negative', x)], null)
export const abs: Unary = (x) => {
  const t = toTensor('abs', x)
  return t.dtype === 'bool' ? t : bind1('abs', [toNumeric('abs', t)], null)
}
/** -1, 0 or 1; keeps -0 and NaN. */
export const sign: Unary = (x) => bind1('sign', [toNumeric('sign', x)], null)
export const exp: Unary = floatUnary('exp', 'exp')
/** exp(x) - 1, accurate near 0. */
export const expm1: Unary = floatUnary('expm1', 'expm1')
export const exp2: Unary = floatUnary('exp2', 'exp2')
export const log: Unary = floatUnary('log', 'log')
/** log(1 + x), accurate near 0. */
export const log1p: Unary = floatUnary('log1p', 'log1p')
export const log2: Unary = (x) => divide(log(x), Math.LN2)
export const log10: Unary = (x) => divide(log(x), Math.LN10)
export const sqrt: Unary = floatUnary('sqrt', 'sqrt')
/** 1 / sqrt(x). */
export const rsqrt: Unary = floatUnary('rsqrt', 'rsqrt')
export const square: Unary = (x) => {
  const t = toTensor('square', x)
  const n = t.dtype === 'bool' ? convert(t, 'int32') : t
  return multiply(n, n)
}
export const reciprocal: Unary = (x) => divide(1, toFloat('reciprocal', x))
export const sin: Unary = floatUnary('sin', 'sin')
export const cos: Unary = floatUnary('cos', 'cos')
export const tan: Unary = floatUnary('tan', 'tan')
export const arcsin: Unary = floatUnary('arcsin', 'asin')
export const arccos: Unary = floatUnary('arccos', 'acos')
export const arctan: Unary = floatUnary('arctan', 'atan')
export const sinh: Unary = floatUnary('sinh', 'sinh')
export const cosh: Unary = floatUnary('cosh', 'cosh')
export const tanh: Unary = floatUnary('tanh', 'tanh')
export const arcsinh: Unary = floatUnary('arcsinh', 'asinh')
export const arccosh: Unary = floatUnary('arccosh', 'acosh')
export const arctanh: Unary = floatUnary('arctanh', 'atanh')
/** The cube root, also of negative numbers. */
export const cbrt: Unary = floatUnary('cbrt', 'cbrt')
/** 1 / (1 + exp(-x)). */
export const sigmoid: Unary = floatUnary('sigmoid', 'logistic')
export const erf: Unary = floatUnary('erf', 'erf')
/** The x whose erf is given: infinite at -1 and 1, NaN beyond. */
export const erfinv: Unary = floatUnary('erfinv', 'erf_inv')

const rounding =
  (fn: string, primitive: 'floor' | 'ceil' | 'round'): Unary =>
  (x) => {
    const t = toTensor(fn, x)
    return isInteger(t.dtype) ? t : bind1(primitive, [toFloat(fn, t)], null)
  }
export const floor: Unary = rounding('floor', 'floor')
export const ceil: Unary = rounding('ceil', 'ceil')
/** To the nearest integer, halves to even. */
export const round = (x: TensorLike, options: RoundOptions = {}): Tensor => {
  const decimals = options.decimals ?? 0
  if (!Number.isInteger(decimals)) throw new RangeError(`round: decimals must be an integer, got ${decimals}`)
  const t = toTensor('round', x)
  if (decimals === 0) return nearest(t)
  if (isInteger(t.dtype)) {
    if (decimals > 0) return t
    throw new DtypeError(
      `round: integers cannot be rounded to ${decimals} decimals; convert with astype('float32') first`,
    )
  }
  const own = toFloat('round', t)
  // A half would lose digits to the factor.
  const wide = isHalf(own.dtype) ? convert(own, 'float32') : own
  const rounded = divide(nearest(multiply(wide, 10 ** decimals)), 10 ** decimals)
  return isHalf(own.dtype) ? convert(rounded, own.dtype as StoredDType) : rounded
}
const nearest: Unary = rounding('round', 'round')

export interface RoundOptions {
  /** Places behind the point to keep, or with a negative number places before it to clear; 0 by default. */
  readonly decimals?: number
}

export const equal: Binary = compare('equal', 'eq')
export const notEqual: Binary = compare('notEqual', 'ne')
export const less: Binary = compare('less', 'lt')
export const lessEqual: Binary = compare('lessEqual', 'le')
export const greater: Binary = compare('greater', 'gt')
export const greaterEqual: Binary = compare('greaterEqual', 'ge')

const truth = (fn: string, x: TensorLike): Tensor => convert(toTensor(fn, x), 'bool')
export const logicalAnd: Binary = (x, y) => bind1('and', [truth('logicalAnd', x), truth('logicalAnd', y)], null)
export const logicalOr: Binary = (x, y) => bind1('or', [truth('logicalOr', x), truth('logicalOr', y)], null)
export const logicalXor: Binary = (x, y) => bind1('xor', [truth('logicalXor', x), truth('logicalXor', y)], null)
export const logicalNot: Unary = (x) => bind1('not', [truth('logicalNot', x)], null)

const bits =
  (
    fn: string,
    primitive: 'and' | 'or' | 'xor' | 'shift_left' | 'shift_right_arithmetic' | 'shift_right_logical',
  ): Binary =>
  (x, y) => {
    const operands = promoteOperands(fn, [x, y])
    if (isFloat(operands[0]!.dtype))
      throw new DtypeError(`${fn}: needs integers or bool, got ${operands[0]!.dtype}; convert with astype('int32')`)
    return bind1(primitive, operands, null)
  }
export const bitwiseAnd: Binary = bits('bitwiseAnd', 'and')
export const bitwiseOr: Binary = bits('bitwiseOr', 'or')
export const bitwiseXor: Binary = bits('bitwiseXor', 'xor')
export const bitwiseNot: Unary = (x) => {
  const t = toTensor('bitwiseNot', x)
  if (isFloat(t.dtype))
    throw new DtypeError(`bitwiseNot: needs integers or bool, got ${t.dtype}; convert with astype('int32')`)
  return bind1('not', [t], null)
}
export const leftShift: Binary = bits('leftShift', 'shift_left')
/** Keeps the sign of signed integers; fills unsigned ones with zeros. */
export const rightShift: Binary = (x, y) => {
  const operands = promoteOperands('rightShift', [x, y])
  return (
    !isSigned(operands[0]!.dtype)
      ? bits('rightShift', 'shift_right_logical')
      : bits('rightShift', 'shift_right_arithmetic')
  )(operands[0]!, operands[1]!)
}

export const isnan: Unary = (x) => {
  const t = toFloat('isnan', x)
  return notEqual(t, t)
}
export const isfinite: Unary = (x) => bind1('is_finite', [toFloat('isfinite', x)], null)
export const isinf: Unary = (x) => equal(abs(toFloat('isinf', x)), Infinity)

/** Limits each element; null leaves a side open. */
export const clip = (x: TensorLike, lo: TensorLike | null, hi: TensorLike | null): Tensor => {
  const above = lo === null ? toTensor('clip', x) : maximum(x, lo)
  return hi === null ? above : minimum(above, hi)
}

/** Another dtype: floats to integers saturate (NaN gives 0), integers wrap. */
export const astype = (x: TensorLike, dtype: DType): Tensor => {
  const t = toTensor('astype', x)
  const to = checkDType('astype', dtype)
  if (to === t.dtype && !t.weak) return t
  if (to === 'key' || t.dtype === 'key')
    throw new DtypeError(`astype: cannot convert ${t.dtype} to ${to}; use random.keyData and random.wrapKeyData`)
  return convert(t, to)
}

/** The same bits as another dtype of the same width. Throws DtypeError for another width. */
export const view = (x: TensorLike, dtype: StoredDType): Tensor => bind1('bitcast', [toTensor('view', x)], { dtype })

/** The value, through which no derivative flows. */
export const stopGradient: Unary = (x) => bind1('stop_gradient', [toTensor('stopGradient', x)], null)

export const absolute: Unary = abs
export const sub: Binary = subtract
export const mul: Binary = multiply
export const div: Binary = divide
export const floordiv: Binary = floorDivide
export const mod: Binary = remainder
export const pow: Binary = power
export const neg: Unary = negative
export const eq: Binary = equal
export const ne: Binary = notEqual
export const lt: Binary = less
export const le: Binary = lessEqual
export const gt: Binary = greater
export const ge: Binary = greaterEqual
