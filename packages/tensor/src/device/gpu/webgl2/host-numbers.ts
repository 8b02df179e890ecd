import { isFloat, type StoredDType, type TypedArray } from '../../../core/dtype.js'
import { decoded, hostArray, hostOf } from '../../../core/host.js'
import { isWide } from './natives/integers.js'

/** Host elements as the numbers of their texels: a 32-bit integer is its upper and its lower half. */
export const numbersOf = (data: TypedArray, dtype: StoredDType): Float32Array => {
  if (isWide(dtype)) {
    const halves = new Float32Array(2 * data.length)
    for (let i = 0; i < data.length; i++) {
      halves[2 * i] = data[i]! >>> 16
      halves[2 * i + 1] = data[i]! & 0xffff
    }
    return halves
  }
  const numbers = isFloat(dtype) ? decoded(dtype, data) : data
  return numbers instanceof Float32Array ? numbers : Float32Array.from(numbers)
}

/** The host elements that numbers of texels stand for. */
export const elementsOf = (numbers: Float32Array, dtype: StoredDType): TypedArray => {
  if (dtype === 'float32') return numbers
  if (!isWide(dtype)) return hostOf(dtype, numbers)
  const data = hostArray(dtype, numbers.length / 2)
  for (let i = 0; i < data.length; i++) data[i] = (numbers[2 * i]! << 16) | numbers[2 * i + 1]!
  return data
}
