import { type Aval, type DType, dtypeBytes, isFloat, isInteger, type StoredDType } from '../core/dtype.js'
import { DtypeError } from '../core/errors.js'
import { broadcastShapes } from '../core/shape.js'
import type { NoParams, RuleTable } from './primitive.js'

/** One operand, floating point, same type out. */
export type FloatUnary =
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
  | 'floor'
  | 'ceil'
  | 'round'
export type NumericUnary = 'neg' | 'abs' | 'sign'
export type NumericBinary = 'sub' | 'div' | 'rem' | 'pow'
/** Also on bool, where they mean or, and, or, and. */
export type LatticeBinary = 'add' | 'mul' | 'max' | 'min'
export type BitBinary = 'and' | 'or' | 'xor'
export type ShiftBinary = 'shift_left' | 'shift_right_logical' | 'shift_right_arithmetic'
export type Compare = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge'

/** Primitives whose every element depends on the elements at the same (broadcast) position. */
export interface ElementwiseParams extends Record<
  FloatUnary | NumericUnary | NumericBinary | LatticeBinary | BitBinary | ShiftBinary | Compare,
  NoParams
> {
  is_finite: NoParams
  not: NoParams
  atan2: NoParams
  /** x * y + z, rounded once. */
  fma: NoParams
  /** Condition, then the value where it holds, then the other. */
  select: NoParams
  convert: { readonly dtype: StoredDType; readonly weak: boolean }
  /** The same bits as another dtype of the same width. */
  bitcast: { readonly dtype: StoredDType }
  /** Identity; derivatives stop here. */
  stop_gradient: NoParams
}

const refuse = (name: string, dtype: DType): never => {
  throw new DtypeError(`${name}: does not accept dtype ${dtype}; convert with x.astype(...) first`)
}

const sameDType = (name: string, avals: readonly Aval[]): Aval => {
  const first = avals[0]!
  for (const a of avals) {
    if (a.dtype !== first.dtype)
      throw new DtypeError(`${name}: operands must have one dtype, got ${avals.map((x) => x.dtype).join(' and ')}`)
  }
  return first
}

const elementwise =
  (accepts: (dtype: DType) => boolean) =>
  (avals: readonly Aval[], _params: NoParams, name: string): readonly Aval[] => {
    const { dtype } = sameDType(name, avals)
    if (!accepts(dtype)) refuse(name, dtype)
    return [
      {
        shape: broadcastShapes(
          name,
          avals.map((a) => a.shape),
        ),
        dtype,
        weak: avals.every((a) => a.weak),
      },
    ]
  }

const floats = elementwise(isFloat)
const numbers = elementwise((d) => isFloat(d) || isInteger(d))
const lattice = elementwise((d) => d !== 'key')
const integers = elementwise(isInteger)
const bits = elementwise((d) => isInteger(d) || d === 'bool')

const predicate =
  (accepts: (dtype: DType) => boolean) =>
  (avals: readonly Aval[], _params: NoParams, name: string): readonly Aval[] => {
    const { dtype } = sameDType(name, avals)
    if (!accepts(dtype)) refuse(name, dtype)
    return [
      {
        shape: broadcastShapes(
          name,
          avals.map((a) => a.shape),
        ),
        dtype: 'bool',
        weak: false,
      },
    ]
  }
const compare = predicate((d) => d !== 'key')

export const elementwiseTypes: RuleTable<ElementwiseParams> = {
  exp: floats,
  expm1: floats,
  log: floats,
  log1p: floats,
  logistic: floats,
  sqrt: floats,
  rsqrt: floats,
  sin: floats,
  cos: floats,
  tanh: floats,
  erf: floats,
  erf_inv: floats,
  exp2: floats,
  tan: floats,
  sinh: floats,
  cosh: floats,
  asin: floats,
  acos: floats,
  atan: floats,
  asinh: floats,
  acosh: floats,
  atanh: floats,
  cbrt: floats,
  erfc: floats,
  floor: floats,
  ceil: floats,
  round: floats,
  neg: numbers,
  abs: numbers,
  sign: numbers,
  sub: numbers,
  div: numbers,
  rem: numbers,
  pow: numbers,
  add: lattice,
  mul: lattice,
  max: lattice,
  min: lattice,
  and: bits,
  or: bits,
  xor: bits,
  not: bits,
  shift_left: integers,
  shift_right_logical: integers,
  shift_right_arithmetic: integers,
  eq: compare,
  ne: compare,
  lt: compare,
  le: compare,
  gt: compare,
  ge: compare,
  is_finite: predicate(isFloat),
  atan2: floats,
  fma: floats,
  select: ([c, a, b], _params, name) => {
    if (c!.dtype !== 'bool') throw new DtypeError(`${name}: the condition must be bool, got ${c!.dtype}`)
    const { dtype } = sameDType(name, [a!, b!])
    return [{ shape: broadcastShapes(name, [c!.shape, a!.shape, b!.shape]), dtype, weak: a!.weak && b!.weak }]
  },
  convert: ([x], { dtype, weak }, name) => {
    if (x!.dtype === 'key') refuse(name, 'key')
    return [{ shape: x!.shape, dtype, weak }]
  },
  bitcast: ([x], { dtype }, name) => {
    if (x!.dtype === 'bool' || x!.dtype === 'key' || dtype === 'bool') refuse(name, x!.dtype)
    if (dtypeBytes(x!.dtype) !== dtypeBytes(dtype))
      throw new DtypeError(
        `${name}: both dtypes must have the same width, got ${x!.dtype} as ${dtype} (${8 * dtypeBytes(x!.dtype)} and ${8 * dtypeBytes(dtype)} bits)`,
      )
    return [{ shape: x!.shape, dtype, weak: false }]
  },
  stop_gradient: ([x]) => [x!],
}

/** Whether a primitive's results depend on each position alone. */
export const isElementwise = (name: string): name is keyof ElementwiseParams => Object.hasOwn(elementwiseTypes, name)
