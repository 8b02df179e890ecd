import { isFloat, isSigned, type StoredDType } from '../../../../core/dtype.js'
import { DeviceError } from '../../../../core/errors.js'
import type { ScalarOp } from '../../../../kernel/ir.js'
import { bitcastText, convertText, fitText, type Use } from './conversion-text.js'

type Emit = (args: readonly string[], dtype: StoredDType, argType: StoredDType, use: Use) => string

type LibraryOp<Suffix extends string> = {
  [Name in Parameters<Use>[0]]: Name extends `${infer Op}_${Suffix}` ? Op : never
}[Parameters<Use>[0]]

/** A function of floats in the library. */
const library =
  (op: LibraryOp<'float32'>): Emit =>
  (args, dtype, _argType, use) =>
    fitText(`${use(`${op}_float32`)}(${args.join(', ')})`, dtype, use)
/** One that gives what its dtype holds. */
const exact =
  (op: LibraryOp<'float32'>): Emit =>
  (args, _dtype, _argType, use) =>
    `${use(`${op}_float32`)}(${args.join(', ')})`
const ofIntegers =
  (op: LibraryOp<'int32'> & LibraryOp<'uint32'>): Emit =>
  (args, dtype, _argType, use) =>
    fitText(`${use(isSigned(dtype) ? `${op}_int32` : `${op}_uint32`)}(${args.join(', ')})`, dtype, use)

const infix =
  (op: string, onBool: string): Emit =>
  ([a, b], dtype, _argType, use) =>
    dtype === 'bool' ? `(${a} ${onBool} ${b})` : fitText(`(${a} ${op} ${b})`, dtype, use)
const builtin =
  (name: string): Emit =>
  ([a], dtype, _argType, use) =>
    fitText(`${name}(${a})`, dtype, use)
/** A builtin whose result its dtype holds. */
const whole =
  (name: string): Emit =>
  ([a]) =>
    `${name}(${a})`

const byCategory =
  (onFloat: Emit, onInteger: Emit, onBool = onInteger): Emit =>
  (args, dtype, argType, use) =>
    (isFloat(argType) ? onFloat : argType === 'bool' ? onBool : onInteger)(args, dtype, argType, use)

const extreme = (op: 'max' | 'min', onBool: string): Emit =>
  byCategory(
    exact(op),
    ([a, b]) => `${op}(${a}, ${b})`,
    ([a, b]) => `(${a} ${onBool} ${b})`,
  )

/** On floats by a function that may take the operands in the other order, on bool by their bits. */
const compare = (op: string, onFloat: Emit, onBool: (a: string, b: string) => string): Emit =>
  byCategory(
    onFloat,
    ([a, b]) => `(${a} ${op} ${b})`,
    ([a, b]) => onBool(a!, b!),
  )
const swapped =
  (emit: Emit): Emit =>
  ([a, b], ...rest) =>
    emit([b!, a!], ...rest)

/** The bits of narrow signed integers, so that zeros come in from the left. */
const masks: Readonly<Partial<Record<StoredDType, string>>> = { int8: '255i', int16: '65535i' }

const emitters: Readonly<Record<ScalarOp, Emit>> = {
  exp: library('exp'),
  expm1: library('expm1'),
  log: library('log'),
  log1p: library('log1p'),
  logistic: library('logistic'),
  sqrt: builtin('sqrt'),
  rsqrt: ([a], dtype, _argType, use) => fitText(`(1f / sqrt(${a}))`, dtype, use),
  sin: library('sin'),
  cos: library('cos'),
  tanh: library('tanh'),
  erf: library('erf'),
  erf_inv: library('erf_inv'),
  exp2: library('exp2'),
  tan: library('tan'),
  sinh: library('sinh'),
  cosh: library('cosh'),
  asin: library('asin'),
  acos: library('acos'),
  atan: library('atan'),
  asinh: library('asinh'),
  acosh: library('acosh'),
  atanh: library('atanh'),
  cbrt: library('cbrt'),
  erfc: library('erfc'),
  floor: whole('floor'),
  ceil: whole('ceil'),
  round: whole('round'),
  neg: byCategory(
    ([a]) => `(-(${a}))`,
    ([a], dtype, _argType, use) => fitText(isSigned(dtype) ? `(-(${a}))` : `(0u - ${a})`, dtype, use),
  ),
  abs: byCategory(whole('abs'), ([a], dtype, _argType, use) =>
    isSigned(dtype) ? fitText(`abs(${a})`, dtype, use) : a!,
  ),
  sign: byCategory(exact('sign'), ([a], dtype) => (isSigned(dtype) ? `sign(${a})` : `min(${a}, 1u)`)),
  add: infix('+', '|'),
  sub: infix('-', '!='),
  mul: infix('*', '&'),
  div: byCategory(infix('/', '&'), ofIntegers('div')),
  rem: byCategory(library('rem'), ofIntegers('rem')),
  pow: byCategory(library('pow'), ofIntegers('pow')),
  max: extreme('max', '|'),
  min: extreme('min', '&'),
  atan2: library('atan2'),
  fma: library('fma'),
  and: infix('&', '&'),
  or: infix('|', '|'),
  xor: infix('^', '!='),
  not: ([a], dtype, _argType, use) => (dtype === 'bool' ? `(!${a})` : fitText(`(~${a})`, dtype, use)),
  shift_left: ofIntegers('shift_left'),
  shift_right_logical: ([a, b], dtype, argType, use) => {
    const bits = masks[dtype] === undefined ? a! : `(${a} & ${masks[dtype]})`
    return ofIntegers('shift_right_logical')([bits, b!], dtype, argType, use)
  },
  shift_right_arithmetic: ofIntegers('shift_right_arithmetic'),
  eq: compare('==', exact('eq'), (a, b) => `(${a} == ${b})`),
  ne: compare('!=', exact('ne'), (a, b) => `(${a} != ${b})`),
  lt: compare('<', exact('lt'), (a, b) => `(!${a} & ${b})`),
  le: compare('<=', exact('le'), (a, b) => `(!${a} | ${b})`),
  gt: compare('>', swapped(exact('lt')), (a, b) => `(${a} & !${b})`),
  ge: compare('>=', swapped(exact('le')), (a, b) => `(${a} | !${b})`),
  is_finite: ([a], _dtype, _argType, use) => `(${use('magnitude')}(${a}) < 0x7f800000u)`,
  select: ([c, a, b]) => `select(${b}, ${a}, ${c})`,
  convert: ([x], dtype, from, use) => convertText(x!, dtype, from, use),
  bitcast: ([x], dtype, from, use) => bitcastText(x!, dtype, from, use),
  threefry_bits: (args, _dtype, _argType, use) => `${use('threefry_bits')}(${args.join(', ')})`,
  threefry_word: (args, _dtype, _argType, use) => `${use('threefry_word')}(${args.join(', ')})`,
}

/**
 * The WGSL of an operation on operands in their registers, of which each is a name, or a text in parentheses or of one
 * call. `dtype` is the result's and `argType` the first operand's; `use` is told the functions that the text calls.
 * Throws DeviceError for float64, which WGSL lacks.
 */
export const scalarText = (
  op: ScalarOp,
  args: readonly string[],
  dtype: StoredDType,
  argType: StoredDType,
  use: Use,
): string => {
  if (dtype === 'float64' || argType === 'float64')
    throw new DeviceError(
      `${op}: the gpu has no float64; convert with x.astype('float32') or use device 'wasm' or 'js'`,
    )
  return emitters[op](args, dtype, argType, use)
}
