import { isFloat, isSigned, type StoredDType } from '../../../core/dtype.js'

/** The WGSL type in which shaders compute with a dtype. */
export type RegisterType = 'f32' | 'i32' | 'u32' | 'bool'

export const registerType = (dtype: StoredDType): RegisterType =>
  dtype === 'bool' ? 'bool' : isFloat(dtype) ? 'f32' : isSigned(dtype) ? 'i32' : 'u32'

/** A stored word, as text of type u32, in its register. */
export const loadText = (word: string, dtype: StoredDType): string => {
  const type = registerType(dtype)
  return type === 'u32' ? word : type === 'bool' ? `(${word} != 0u)` : `bitcast<${type}>(${word})`
}

/** A register's value as the word to store. */
export const storeText = (value: string, dtype: StoredDType): string => {
  const type = registerType(dtype)
  return type === 'u32' ? value : type === 'bool' ? `select(0u, 1u, ${value})` : `bitcast<u32>(${value})`
}
