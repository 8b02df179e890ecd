import { DtypeError } from './errors.js'

/** Element types. `'key'` is a random key: logically a scalar, stored as two uint32 words. */
export type DType =
  | 'bool'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'bfloat16'
  | 'float16'
  | 'float32'
  | 'float64'
  | 'key'

/** The element types that devices store. */
export type StoredDType = Exclude<DType, 'key'>

/** What reads give: bool as 0 and 1 in bytes, float16 and bfloat16 widened to float32, keys as pairs of words. */
export type TypedArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array

/** Shape, element type and whether the type yields to the other operand's (`weak`, as Python scalars in JAX). */
export interface Aval {
  readonly shape: readonly number[]
  readonly dtype: DType
  readonly weak: boolean
}

type Category = 'bool' | 'integer' | 'float' | 'key'

interface DTypeInfo {
  readonly category: Category
  readonly bytes: number
  /** As JAX abbreviates it in printed programs. */
  readonly short: string
  readonly signed: boolean
}

const info = (category: Category, bytes: number, short: string, signed: boolean): DTypeInfo => ({
  category,
  bytes,
  short,
  signed,
})

const table: Readonly<Record<DType, DTypeInfo>> = {
  bool: info('bool', 1, 'bool', false),
  uint8: info('integer', 1, 'u8', false),
  uint16: info('integer', 2, 'u16', false),
  uint32: info('integer', 4, 'u32', false),
  int8: info('integer', 1, 'i8', true),
  int16: info('integer', 2, 'i16', true),
  int32: info('integer', 4, 'i32', true),
  bfloat16: info('float', 2, 'bf16', true),
  float16: info('float', 2, 'f16', true),
  float32: info('float', 4, 'f32', true),
  float64: info('float', 8, 'f64', true),
  key: info('key', 8, 'key', false),
}

/** Every dtype, in the order in which promotion climbs. */
export const dtypes: readonly DType[] = Object.keys(table) as DType[]

export const isDType = (x: unknown): x is DType => typeof x === 'string' && Object.hasOwn(table, x)

/** `dtype`, checked. Throws DtypeError naming `fn` and what exists. */
export const checkDType = (fn: string, dtype: unknown): DType => {
  if (isDType(dtype)) return dtype
  throw new DtypeError(
    `${fn}: unknown dtype, got ${JSON.stringify(dtype) ?? String(dtype)}; use one of ${dtypes.join(', ')}`,
  )
}

export const dtypeCategory = (dtype: DType): Category => table[dtype].category
export const dtypeBytes = (dtype: DType): number => table[dtype].bytes
export const dtypeShort = (dtype: DType): string => table[dtype].short
export const isFloat = (dtype: DType): boolean => table[dtype].category === 'float'
export const isInteger = (dtype: DType): boolean => table[dtype].category === 'integer'
/** Whether a dtype has negative numbers. */
export const isSigned = (dtype: DType): boolean => table[dtype].signed
/** float16 and bfloat16: stored in 16 bits, computed in float32, rounded after every operation. */
export const isHalf = (dtype: DType): boolean => dtype === 'float16' || dtype === 'bfloat16'

/** The least and the greatest number of a dtype: infinities for floats. */
export const rangeOf = (dtype: DType): readonly [low: number, high: number] => {
  const { category, bytes, signed } = table[dtype]
  if (category === 'float') return [-Infinity, Infinity]
  if (category === 'bool') return [0, 1]
  return signed ? [-(2 ** (8 * bytes - 1)), 2 ** (8 * bytes - 1) - 1] : [0, 2 ** (8 * bytes) - 1]
}

export type Typed = Pick<Aval, 'dtype' | 'weak'>

const rank: Readonly<Record<Category, number>> = { bool: 0, integer: 1, float: 2, key: 3 }

/** The narrowest integer type that holds both, where there is one; int32 for uint32 with a signed type. */
const commonInteger = (a: DType, b: DType): DType => {
  const [x, y] = [table[a], table[b]]
  if (x.signed === y.signed) return x.bytes > y.bytes ? a : b
  const [unsigned, signed] = x.signed ? [b, a] : [a, b]
  if (dtypeBytes(signed) > dtypeBytes(unsigned)) return signed
  return dtypeBytes(unsigned) === 1 ? 'int16' : 'int32'
}

const commonFloat = (a: DType, b: DType): DType =>
  isHalf(a) && isHalf(b) ? 'float32' : dtypeBytes(a) > dtypeBytes(b) ? a : b

/**
 * The type of a result whose operands have types `a` and `b`: JAX's promotion table with 64-bit integers off
 * (so uint32 with int32 gives int32), where a weak operand yields to a strong one of its category. float64 with
 * anything is float64.
 */
export const promote = (a: Typed, b: Typed): Typed => {
  if (a.dtype === b.dtype) return { dtype: a.dtype, weak: a.weak && b.weak }
  const ra = rank[dtypeCategory(a.dtype)]
  const rb = rank[dtypeCategory(b.dtype)]
  if (ra === 3 || rb === 3)
    throw new DtypeError(
      `promote: no common dtype, got ${a.dtype} and ${b.dtype}; random keys take part in no arithmetic`,
    )
  if (ra !== rb) return ra > rb ? { dtype: a.dtype, weak: a.weak } : { dtype: b.dtype, weak: b.weak }
  if (a.weak !== b.weak) return a.weak ? { dtype: b.dtype, weak: false } : { dtype: a.dtype, weak: false }
  const dtype = ra === 1 ? commonInteger(a.dtype, b.dtype) : commonFloat(a.dtype, b.dtype)
  return { dtype, weak: a.weak && b.weak }
}
