import { isFloat, type StoredDType, type TypedArray } from '../../../core/dtype.js'
import { decoded, hostArray, hostOf } from '../../../core/host.js'

/** Host elements as the words that the device stores: four bytes each, whatever the dtype. */
export const wordsOf = (data: TypedArray, dtype: StoredDType): Uint32Array => {
  if (data.BYTES_PER_ELEMENT === 4) return new Uint32Array(data.buffer, data.byteOffset, data.length)
  // Narrow integers are extended by their sign, halves become float32.
  const wide = isFloat(dtype) ? (decoded(dtype, data) as Float32Array) : Int32Array.from(data)
  return new Uint32Array(wide.buffer, wide.byteOffset, wide.length)
}

/** The host elements that words stand for. */
export const elementsOf = (words: Uint32Array, dtype: StoredDType): TypedArray => {
  const { buffer, byteOffset, length } = words
  const wide = isFloat(dtype)
    ? new Float32Array(buffer, byteOffset, length)
    : new Int32Array(buffer, byteOffset, length)
  const host = hostArray(dtype, 0)
  if (host instanceof Float32Array) return wide
  if (host instanceof Int32Array) return wide
  if (host instanceof Uint32Array) return words
  return hostOf(dtype, wide)
}
