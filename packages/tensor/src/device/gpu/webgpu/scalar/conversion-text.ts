import { dtypeBytes, isFloat, isHalf, isInteger, isSigned, rangeOf, type StoredDType } from '../../../../core/dtype.js'
import { type RegisterType, registerType } from '../words.js'
import type { WgslFunction } from './library.js'

/** Notes that a function of the library is needed, and gives its name. */
export type Use = (name: WgslFunction) => string

/** A result of 32 bits wrapped to an integer dtype, or rounded to a half; others stay as they are. */
export const fitText = (text: string, dtype: StoredDType, use: Use): string => {
  if (dtype === 'float16' || dtype === 'bfloat16') return `${use(`round_${dtype}`)}(${text})`
  const unused = 32 - 8 * dtypeBytes(dtype)
  if (!isInteger(dtype) || unused === 0) return text
  return isSigned(dtype) ? `((${text} << ${unused}u) >> ${unused}u)` : `(${text} & ${2 ** (32 - unused) - 1}u)`
}

/** An integer or bool in a register of integers. */
const toInteger = (x: string, dtype: StoredDType, from: StoredDType, use: Use): string => {
  const type = registerType(dtype)
  if (from === 'bool') return type === 'i32' ? `select(0i, 1i, ${x})` : `select(0u, 1u, ${x})`
  const [low, high] = rangeOf(dtype)
  if (isFloat(from))
    return type === 'i32'
      ? `${use('float_to_int32')}(${x}, i32(${low}), i32(${high}))`
      : `${use('float_to_uint32')}(${x}, ${high}u)`
  const whole = registerType(from) === type ? x : `bitcast<${type}>(${x})`
  const [fromLow, fromHigh] = rangeOf(from)
  return low <= fromLow && fromHigh <= high ? whole : fitText(whole, dtype, use)
}

const toFloat = (x: string, dtype: StoredDType, from: StoredDType, use: Use): string => {
  if (from === 'bool') return `select(0f, 1f, ${x})`
  if (isFloat(from)) return fitText(x, dtype, use)
  // Sixteen bits and fewer are exact.
  const number =
    dtypeBytes(from) < 4
      ? `f32(${x})`
      : `${use(registerType(from) === 'i32' ? 'int32_to_float' : 'uint32_to_float')}(${x})`
  return fitText(number, dtype, use)
}

export const convertText = (x: string, dtype: StoredDType, from: StoredDType, use: Use): string => {
  if (from === dtype) return x
  if (isFloat(dtype)) return toFloat(x, dtype, from, use)
  if (dtype !== 'bool') return toInteger(x, dtype, from, use)
  if (isFloat(from)) return `${use('float_to_bool')}(${x})`
  return `(${x} != ${registerType(from) === 'i32' ? '0i' : '0u'})`
}

const cast = (x: string, to: RegisterType, from: RegisterType): string => (to === from ? x : `bitcast<${to}>(${x})`)

/** The same bits as another dtype of the same width. */
export const bitcastText = (x: string, dtype: StoredDType, from: StoredDType, use: Use): string => {
  if (from === dtype) return x
  if (dtypeBytes(dtype) === 4) return cast(x, registerType(dtype), registerType(from))
  const bits = isHalf(from)
    ? `${use(from === 'float16' ? 'encode_float16' : 'encode_bfloat16')}(${x})`
    : cast(x, 'u32', registerType(from))
  if (!isHalf(dtype)) return fitText(cast(bits, registerType(dtype), 'u32'), dtype, use)
  return `${use(dtype === 'float16' ? 'decode_float16' : 'decode_bfloat16')}(${fitText(bits, 'uint16', use)})`
}
