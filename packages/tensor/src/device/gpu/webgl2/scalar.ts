import { isFloat, isHalf, isInteger, isSigned, type StoredDType } from '../../../core/dtype.js'
import type { ScalarOp } from '../../../kernel/ir.js'
import { isWide } from './natives/integers.js'

/** Text of one operation on registers given by name. */
type Emit = (args: readonly string[], dtype: StoredDType, from: StoredDType) => string

/** Rounds a float32 result to a half. */
const rounded = (text: string, dtype: StoredDType): string => (isHalf(dtype) ? `l_round_${dtype}(${text})` : text)

const call = (name: string, args: readonly string[]): string => `l_${name}(${args.join(', ')})`

const float =
  (name: string): Emit =>
  (args, dtype) =>
    rounded(call(name, args), dtype)
/** One that gives a number of the same dtype for one of it. */
const exact =
  (name: string): Emit =>
  (args) =>
    call(name, args)
const byType =
  (name: string, onFloat: Emit, onBool: Emit = onFloat): Emit =>
  (args, dtype, from) =>
    isFloat(from)
      ? onFloat(args, dtype, from)
      : from === 'bool'
        ? onBool(args, dtype, from)
        : call(`${name}_${from}`, args)
const infix =
  (op: string): Emit =>
  ([a, b], dtype) =>
    rounded(`${a} ${op} ${b}`, dtype)
const compare = (name: string): Emit => byType(name, exact(name))
const bits = (name: string, onBool: Emit): Emit => byType(name, onBool, onBool)

const refused = (): string => {
  throw new Error('webgl2: an operation reached the emitter on a dtype that it does not take')
}

/** Conversions of values; integers saturate from floats, and wrap from wider integers. */
const convert: Emit = ([x], dtype, from) => {
  if (dtype === from) return x!
  if (dtype === 'bool') return isWide(from) ? `l_bool_of_pair(${x})` : `l_to_bool(${x})`
  if (isFloat(dtype)) return rounded(isWide(from) ? `l_float_of_${from}(${x})` : x!, dtype)
  if (isFloat(from)) return `l_${dtype}_of_float(${x})`
  if (from === 'bool') return isWide(dtype) ? `l_pair_of_bool(${x})` : x!
  return `l_${dtype}_of_${from}(${x})`
}

/** Bits of dtypes of one width, through a 32-bit integer. */
const bitcast: Emit = ([x], dtype, from) => {
  if (dtype === from || (isWide(dtype) && isWide(from))) return x!
  if (from === 'float32') return `l_pair_of_float_bits(${x})`
  if (dtype === 'float32') return `l_float_of_pair_bits(${x})`
  const word = isHalf(from) ? `l_bits_of_${from}(${x})` : `l_int_of_${from}(${x})`
  return isHalf(dtype) ? `l_${dtype}_of_bits(${word})` : `l_${dtype}_of_int(${word})`
}

const emitters: Readonly<Record<ScalarOp, Emit>> = {
  exp: float('exp'),
  expm1: float('expm1'),
  log: float('log'),
  log1p: float('log1p'),
  logistic: float('logistic'),
  sqrt: float('sqrt'),
  rsqrt: float('rsqrt'),
  sin: float('sin'),
  cos: float('cos'),
  tanh: float('tanh'),
  erf: float('erf'),
  erf_inv: float('erf_inv'),
  exp2: float('exp2'),
  tan: float('tan'),
  sinh: float('sinh'),
  cosh: float('cosh'),
  asin: float('asin'),
  acos: float('acos'),
  atan: float('atan'),
  asinh: float('asinh'),
  acosh: float('acosh'),
  atanh: float('atanh'),
  cbrt: float('cbrt'),
  erfc: float('erfc'),
  floor: exact('floor'),
  ceil: exact('ceil'),
  round: exact('round'),
  neg: byType('neg', exact('neg'), refused),
  abs: (args, dtype, from) => (isSigned(from) ? byType('abs', exact('abs'))(args, dtype, from) : args[0]!),
  sign: byType('sign', exact('sign'), exact('positive')),
  add: byType('add', infix('+'), exact('max')),
  sub: byType('sub', infix('-'), refused),
  mul: byType('mul', infix('*')),
  div: byType('div', infix('/'), refused),
  rem: byType('rem', float('rem'), refused),
  pow: byType('pow', float('pow'), refused),
  max: byType('max', exact('max')),
  min: byType('min', exact('min')),
  atan2: float('atan2'),
  fma: float('fma'),
  and: bits('and', infix('*')),
  or: bits('or', exact('max')),
  xor: bits('xor', exact('xor')),
  not: bits('not', exact('not')),
  shift_left: bits('shift_left', refused),
  shift_right_logical: bits('shift_right_logical', refused),
  shift_right_arithmetic: bits('shift_right_arithmetic', refused),
  eq: compare('eq'),
  ne: compare('ne'),
  lt: compare('lt'),
  le: compare('le'),
  gt: compare('gt'),
  ge: compare('ge'),
  is_finite: exact('is_finite'),
  select: (args, dtype) => selectText(args[0]!, args[1]!, args[2]!, dtype),
  convert,
  bitcast,
  threefry_bits: exact('threefry_bits'),
  threefry_word: exact('threefry_word'),
}

/** `onTrue` where the register `condition` is not 0. */
export const selectText = (condition: string, onTrue: string, onFalse: string, dtype: StoredDType): string =>
  call(isWide(dtype) ? 'select_pair' : 'select', [condition, onTrue, onFalse])

/** A scalar operation on registers, in the language that gpu.js compiles. */
export const scalarText = (op: ScalarOp, args: readonly string[], dtype: StoredDType, from: StoredDType): string =>
  emitters[op](args, dtype, from)

/** A register of an integer that is computed from loop counters. */
export const indexText = (x: string, dtype: StoredDType): string =>
  isFloat(dtype)
    ? rounded(`l_float_of_int(${x})`, dtype)
    : dtype === 'bool'
      ? `l_bool_of_int(${x})`
      : `l_${dtype}_of_int(${x})`

/** An integer for indices of a register. */
export const intText = (x: string, dtype: StoredDType): string => `l_int_of_${dtype}(${x})`

const single = new Float32Array(1)
const word = new Uint32Array(single.buffer)
const wordsText = (name: string, x: number): string => `l_${name}(${x >>> 16}, ${x & 0xffff})`

/** A register of a number: integers are wrapped, floats are already rounded. */
export const constantText = (value: number, dtype: StoredDType): string => {
  if (isWide(dtype)) return wordsText('pair_of_words', value >>> 0)
  const x = isFloat(dtype) || isInteger(dtype) ? Math.fround(value) : value !== 0 ? 1 : 0
  if (x > 1e-6 && x < 2 ** 24) return Number.isInteger(x) ? `${x}.0` : String(x)
  single[0] = x
  return wordsText('bits', word[0]!)
}
