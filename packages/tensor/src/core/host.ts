import { type DType, isHalf, type StoredDType, type TypedArray } from './dtype.js'
import { decodeBFloat16, decodeFloat16, encodeBFloat16, encodeFloat16, roundBFloat16, roundFloat16 } from './half.js'

type TypedArrayConstructor = {
  new (length: number): TypedArray
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): TypedArray
}

/** How elements lie in memory: the halves as their bits, bool as bytes, a key as two words. */
const constructors: Readonly<Record<DType, TypedArrayConstructor>> = {
  bool: Uint8Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  bfloat16: Uint16Array,
  float16: Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
  key: Uint32Array,
}

/** A zero-filled array for `length` elements of `dtype` as they are stored. */
export const hostArray = (dtype: DType, length: number): TypedArray =>
  new constructors[dtype](dtype === 'key' ? 2 * length : length)

/** The stored elements that lie in a part of a buffer. */
export const hostView = (dtype: StoredDType, buffer: ArrayBufferLike, offset: number, length: number): TypedArray =>
  new constructors[dtype](buffer, offset, length)

/** Whether a view has the elements of `dtype` as they are stored. */
export const isStoredForm = (dtype: StoredDType, data: ArrayBufferView): data is TypedArray =>
  data.constructor === constructors[dtype]

/** A number as it is stored: the bits of a half, else the number, which a typed array rounds or wraps by itself. */
export const storedNumber = (dtype: DType, x: number): number =>
  dtype === 'float16' ? encodeFloat16(x) : dtype === 'bfloat16' ? encodeBFloat16(x) : x

/** The number that a stored element is. */
export const numberOf = (dtype: DType, stored: number): number =>
  dtype === 'float16' ? decodeFloat16(stored) : dtype === 'bfloat16' ? decodeBFloat16(stored) : stored

/** Where the runtime has it: memory that holds rubbish. Zeros that are written over at once take as long as the copy. */
const { Buffer: rubbish } = globalThis as {
  readonly Buffer?: { readonly allocUnsafeSlow?: (bytes: number) => { readonly buffer: ArrayBuffer } }
}
/** Below this many bytes the zeros are cheaper. */
const fewestRubbish = 1 << 16

/** A copy of stored elements. Not by `slice`, which takes up to ten times as long on memory that threads share. */
export const hostCopy = <A extends TypedArray>(stored: A): A => {
  const { length, byteLength } = stored
  const from =
    byteLength < fewestRubbish || rubbish?.allocUnsafeSlow === undefined
      ? length
      : rubbish.allocUnsafeSlow(byteLength).buffer
  const copy = new (stored.constructor as new (from: number | ArrayBuffer) => A)(from)
  copy.set(stored as never)
  return copy
}

/** One number in every element. */
export const filledHost = (dtype: DType, length: number, value: number): TypedArray =>
  hostArray(dtype, length).fill(storedNumber(dtype, value))

/** Numbers as stored elements: rounded and wrapped as typed arrays do. */
export const hostOf = (dtype: StoredDType, numbers: ArrayLike<number>): TypedArray => {
  const out = hostArray(dtype, numbers.length)
  for (let i = 0; i < out.length; i++) out[i] = storedNumber(dtype, numbers[i]!)
  return out
}

/** Stored elements as numbers that arithmetic understands: the halves become a new Float32Array, others are as they are. */
export const decoded = (dtype: DType, stored: TypedArray): TypedArray => {
  if (!isHalf(dtype)) return stored
  const decode = dtype === 'float16' ? decodeFloat16 : decodeBFloat16
  const out = new Float32Array(stored.length)
  for (let i = 0; i < out.length; i++) out[i] = decode(stored[i]!)
  return out
}

/** Writes numbers into stored elements. */
export const encodeInto = (dtype: DType, stored: TypedArray, numbers: ArrayLike<number>): void => {
  for (let i = 0; i < stored.length; i++) stored[i] = storedNumber(dtype, numbers[i]!)
}

const fits: Readonly<Record<StoredDType, (x: number) => number>> = {
  bool: (x) => x,
  uint8: (x) => x & 0xff,
  uint16: (x) => x & 0xffff,
  uint32: (x) => x >>> 0,
  int8: (x) => (x << 24) >> 24,
  int16: (x) => (x << 16) >> 16,
  int32: (x) => x | 0,
  bfloat16: roundBFloat16,
  float16: roundFloat16,
  float32: Math.fround,
  float64: (x) => x,
}

/** Rounds a number to what a float dtype holds, or wraps it as an integer dtype does. */
export const fitOf = (dtype: StoredDType): ((x: number) => number) => fits[dtype]

/** The dtype that a typed array carries by itself, or null for one that has no counterpart. */
export const dtypeOfArray = (data: ArrayBufferView): DType | null => {
  if (data instanceof Float32Array || data instanceof Float64Array) return 'float32'
  if (data instanceof Int32Array) return 'int32'
  if (data instanceof Uint32Array) return 'uint32'
  if (data instanceof Int8Array) return 'int8'
  if (data instanceof Uint8Array || data instanceof Uint8ClampedArray) return 'uint8'
  if (data instanceof Int16Array) return 'int16'
  if (data instanceof Uint16Array) return 'uint16'
  // Not a global of every engine yet.
  return data.constructor.name === 'Float16Array' ? 'float16' : null
}
