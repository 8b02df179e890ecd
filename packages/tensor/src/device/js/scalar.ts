import { isFloat, isInteger, isSigned, rangeOf, type StoredDType } from '../../core/dtype.js'
import type { ScalarOp } from '../../kernel/ir.js'

/** Source text of one operation on operands given as text, each written once: text that doubles grows without bound. `H` is the module of scalar functions. */
type Emit = (args: readonly string[], dtype: StoredDType, argType: StoredDType) => string

const fits: Readonly<Record<StoredDType, (text: string) => string>> = {
  bool: (x) => `(${x})`,
  uint8: (x) => `(${x} & 255)`,
  uint16: (x) => `(${x} & 65535)`,
  uint32: (x) => `(${x} >>> 0)`,
  int8: (x) => `(${x} << 24 >> 24)`,
  int16: (x) => `(${x} << 16 >> 16)`,
  int32: (x) => `(${x} | 0)`,
  bfloat16: (x) => `H.roundBFloat16(${x})`,
  float16: (x) => `H.roundFloat16(${x})`,
  float32: (x) => `Math.fround(${x})`,
  float64: (x) => `(${x})`,
}

/** Rounds or wraps a result to its dtype. The text may be a sum or product: all of it is taken. */
export const fit = (text: string, dtype: StoredDType): string => fits[dtype](isInteger(dtype) ? `(${text})` : text)

const float =
  (f: (a: string) => string): Emit =>
  ([a], dtype) =>
    fit(f(a!), dtype)
const infix =
  (op: string, onBool: string): Emit =>
  ([a, b], dtype) =>
    dtype === 'bool' ? `(${a} ${onBool} ${b})` : fit(`${a} ${op} ${b}`, dtype)
const compare =
  (op: string): Emit =>
  ([a, b]) =>
    `(${a} ${op} ${b} ? 1 : 0)`
const bits =
  (op: string): Emit =>
  ([a, b], dtype) =>
    fit(`(${a} ${op} ${b})`, dtype)
const shift =
  (op: string, fn: string): Emit =>
  ([a, b], dtype) =>
    fit(/^\d+$/.test(b!) && Number(b) < 32 ? `(${a} ${op} ${b})` : `H.${fn}(${a}, ${b})`, dtype)

const convert: Emit = ([x], dtype, from) => {
  if (dtype === 'bool') return `(${x} !== 0 ? 1 : 0)`
  if (isInteger(dtype) && isFloat(from)) return `H.saturate(${x}, ${rangeOf(dtype).join(', ')})`
  return fit(x!, dtype)
}

/** How the bits of a float and the float are told by each other. */
const bitsOf: Readonly<Partial<Record<StoredDType, readonly [to: string, from: string]>>> = {
  float16: ['H.encodeFloat16', 'H.decodeFloat16'],
  bfloat16: ['H.encodeBFloat16', 'H.decodeBFloat16'],
  float32: ['H.floatBits', 'H.bitsFloat'],
}

const bitcast: Emit = ([x], dtype, from) => {
  if (from === dtype) return x!
  const bits = bitsOf[from] === undefined ? x! : `${bitsOf[from][0]}(${x})`
  return bitsOf[dtype] === undefined ? fit(bits, dtype) : `${bitsOf[dtype][1]}(${fit(bits, unsigned(dtype))})`
}
const unsigned = (dtype: StoredDType): StoredDType => (dtype === 'float32' ? 'uint32' : 'uint16')

/** The bits of narrow signed integers, so that zeros come in from the left. */
const masks: Readonly<Partial<Record<StoredDType, number>>> = { int8: 255, int16: 65535 }

/** The JavaScript of every scalar operation. */
export const emitters: Readonly<Record<ScalarOp, Emit>> = {
  exp: float((a) => `Math.exp(${a})`),
  expm1: float((a) => `Math.expm1(${a})`),
  log: float((a) => `Math.log(${a})`),
  log1p: float((a) => `Math.log1p(${a})`),
  logistic: float((a) => `H.logistic(${a})`),
  sqrt: float((a) => `Math.sqrt(${a})`),
  rsqrt: float((a) => `1 / Math.sqrt(${a})`),
  sin: float((a) => `Math.sin(${a})`),
  cos: float((a) => `Math.cos(${a})`),
  tanh: float((a) => `Math.tanh(${a})`),
  erf: float((a) => `H.erf(${a})`),
  erf_inv: ([a], dtype) => fit(`H.${dtype === 'float64' ? 'erfInvDouble' : 'erfInv'}(${a})`, dtype),
  exp2: float((a) => `2 ** ${a}`),
  tan: float((a) => `Math.tan(${a})`),
  sinh: float((a) => `Math.sinh(${a})`),
  cosh: float((a) => `Math.cosh(${a})`),
  asin: float((a) => `Math.asin(${a})`),
  acos: float((a) => `Math.acos(${a})`),
  atan: float((a) => `Math.atan(${a})`),
  asinh: float((a) => `Math.asinh(${a})`),
  acosh: float((a) => `Math.acosh(${a})`),
  atanh: float((a) => `Math.atanh(${a})`),
  cbrt: float((a) => `Math.cbrt(${a})`),
  erfc: float((a) => `H.erfc(${a})`),
  floor: float((a) => `Math.floor(${a})`),
  ceil: float((a) => `Math.ceil(${a})`),
  round: float((a) => `H.roundEven(${a})`),
  neg: ([a], dtype) => fit(`-${a}`, dtype),
  abs: ([a], dtype) => (isSigned(dtype) ? fit(`Math.abs(${a})`, dtype) : a!),
  sign: ([a], dtype) => (isSigned(dtype) ? `H.sign(${a})` : `(${a} > 0 ? 1 : 0)`),
  add: infix('+', '|'),
  sub: infix('-', '-'),
  mul: ([a, b], dtype) =>
    isFloat(dtype)
      ? fit(`${a} * ${b}`, dtype)
      : dtype === 'bool'
        ? `(${a} & ${b})`
        : fit(`Math.imul(${a}, ${b})`, dtype),
  div: infix('/', '/'),
  rem: infix('%', '%'),
  pow: ([a, b], dtype) => fit(`H.${isFloat(dtype) ? 'pow' : 'intPow'}(${a}, ${b})`, dtype),
  max: ([a, b]) => `Math.max(${a}, ${b})`,
  min: ([a, b]) => `Math.min(${a}, ${b})`,
  atan2: ([a, b], dtype) => fit(`Math.atan2(${a}, ${b})`, dtype),
  fma: ([a, b, c], dtype) => (dtype === 'float64' ? `(${a} * ${b} + ${c})` : fit(`H.fma(${a}, ${b}, ${c})`, dtype)),
  and: bits('&'),
  or: bits('|'),
  xor: bits('^'),
  not: ([a], dtype) => (dtype === 'bool' ? `(1 - ${a})` : fit(`~${a}`, dtype)),
  shift_left: shift('<<', 'shiftLeft'),
  shift_right_logical: ([a, b], dtype, from) =>
    shift('>>>', 'shiftRightLogical')([masks[dtype] === undefined ? a! : `(${a} & ${masks[dtype]})`, b!], dtype, from),
  shift_right_arithmetic: shift('>>', 'shiftRightArithmetic'),
  eq: compare('==='),
  ne: compare('!=='),
  lt: compare('<'),
  le: compare('<='),
  gt: compare('>'),
  ge: compare('>='),
  is_finite: ([a]) => `(Number.isFinite(${a}) ? 1 : 0)`,
  select: ([c, a, b]) => `(${c} ? ${a} : ${b})`,
  convert,
  bitcast,
  threefry_bits: ([k0, k1, c0, c1]) => `H.threefryBits(${k0}, ${k1}, ${c0}, ${c1})`,
  threefry_word: (args) => `H.threefryWord(${args.join(', ')})`,
}
