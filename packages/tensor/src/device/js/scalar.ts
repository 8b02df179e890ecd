import type { StoredDType } from '../../core/dtype.js'
import type { ScalarOp } from '../../kernel/ir.js'

/** Source text of one operation on operands given as text, each written once: text that doubles grows without bound. `H` is the module of scalar functions. */
type Emit = (args: readonly string[], dtype: StoredDType, argType: StoredDType) => string

/** Rounds or wraps a result to its dtype. */
const fit = (text: string, dtype: StoredDType): string =>
  dtype === 'float32'
    ? `Math.fround(${text})`
    : dtype === 'int32'
      ? `(${text} | 0)`
      : dtype === 'uint32'
        ? `(${text} >>> 0)`
        : `(${text})`

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
  if (dtype === 'float32') return `Math.fround(${x})`
  if (from === 'float32') return dtype === 'int32' ? `H.toInt32(${x})` : `H.toUint32(${x})`
  return fit(x!, dtype)
}

const bitcast: Emit = ([x], dtype, from) =>
  from === dtype
    ? x!
    : from === 'float32'
      ? fit(`H.floatBits(${x})`, dtype)
      : dtype === 'float32'
        ? `H.bitsFloat(${x})`
        : fit(x!, dtype)

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
  erf_inv: float((a) => `H.erfInv(${a})`),
  floor: float((a) => `Math.floor(${a})`),
  ceil: float((a) => `Math.ceil(${a})`),
  round: float((a) => `H.roundEven(${a})`),
  neg: ([a], dtype) => fit(`-${a}`, dtype),
  abs: ([a], dtype) => (dtype === 'uint32' ? a! : fit(`Math.abs(${a})`, dtype)),
  sign: ([a], dtype) => (dtype === 'uint32' ? `(${a} > 0 ? 1 : 0)` : `H.sign(${a})`),
  add: infix('+', '|'),
  sub: infix('-', '-'),
  mul: ([a, b], dtype) =>
    dtype === 'float32'
      ? `Math.fround(${a} * ${b})`
      : dtype === 'bool'
        ? `(${a} & ${b})`
        : fit(`Math.imul(${a}, ${b})`, dtype),
  div: infix('/', '/'),
  rem: infix('%', '%'),
  pow: ([a, b], dtype) => (dtype === 'float32' ? `Math.fround(H.pow(${a}, ${b}))` : fit(`H.intPow(${a}, ${b})`, dtype)),
  max: ([a, b]) => `Math.max(${a}, ${b})`,
  min: ([a, b]) => `Math.min(${a}, ${b})`,
  atan2: ([a, b], dtype) => fit(`Math.atan2(${a}, ${b})`, dtype),
  fma: ([a, b, c]) => `H.fma(${a}, ${b}, ${c})`,
  and: bits('&'),
  or: bits('|'),
  xor: bits('^'),
  not: ([a], dtype) => (dtype === 'bool' ? `(1 - ${a})` : fit(`~${a}`, dtype)),
  shift_left: shift('<<', 'shiftLeft'),
  shift_right_logical: shift('>>>', 'shiftRightLogical'),
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
