import { DtypeError } from './errors.js'

/** Element types. `'key'` is a random key: logically a scalar, stored as two uint32 words. */
export type DType = 'float32' | 'int32' | 'uint32' | 'bool' | 'key'

/** The element types that devices store. */
export type StoredDType = Exclude<DType, 'key'>

/** What reads and uploads hold: bool as 0 and 1 in bytes, keys as pairs of words. */
export type TypedArray = Float32Array | Int32Array | Uint32Array | Uint8Array

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
  readonly array: (length: number) => TypedArray
}

const table: Readonly<Record<DType, DTypeInfo>> = {
  float32: { category: 'float', bytes: 4, short: 'f32', array: (n) => new Float32Array(n) },
  int32: { category: 'integer', bytes: 4, short: 'i32', array: (n) => new Int32Array(n) },
  uint32: { category: 'integer', bytes: 4, short: 'u32', array: (n) => new Uint32Array(n) },
  bool: { category: 'bool', bytes: 1, short: 'bool', array: (n) => new Uint8Array(n) },
  key: { category: 'key', bytes: 8, short: 'key', array: (n) => new Uint32Array(2 * n) },
}

/** Every dtype of this version, in the order in which promotion climbs. */
export const dtypes: readonly DType[] = ['bool', 'uint32', 'int32', 'float32', 'key']

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

/** A zero-filled host array for `length` elements of `dtype`. */
export const hostArray = (dtype: DType, length: number): TypedArray => table[dtype].array(length)

/** The dtype that a typed array carries by itself, or null for one that has no counterpart. */
export const dtypeOfArray = (data: ArrayBufferView): DType | null =>
  data instanceof Float32Array || data instanceof Float64Array
    ? 'float32'
    : data instanceof Int32Array
      ? 'int32'
      : data instanceof Uint32Array
        ? 'uint32'
        : null

export type Typed = Pick<Aval, 'dtype' | 'weak'>

const rank: Readonly<Record<Category, number>> = { bool: 0, integer: 1, float: 2, key: 3 }

/**
 * The type of a result whose operands have types `a` and `b`: JAX's promotion table with 64-bit types off
 * (so uint32 with int32 gives int32), where a weak operand yields to a strong one of its category.
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
  return { dtype: 'int32', weak: a.weak && b.weak }
}
