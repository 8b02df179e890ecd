import { isFloat, isSigned, type StoredDType } from '../../../../core/dtype.js'
import { fitOf } from '../../../../core/host.js'
import { literal } from './functions.js'
import type { WgslFunction } from './library.js'

const word = new DataView(new ArrayBuffer(4))
const bitsOf = (x: number): number => {
  word.setFloat32(0, x)
  return word.getUint32(0)
}

/** A constant of a dtype, rounded or wrapped to it, in its register. `use` is told which function the text calls. */
export const constText = (value: number, dtype: StoredDType, use: (name: WgslFunction) => string): string => {
  const fitted = Number.isNaN(value) && isFloat(dtype) ? NaN : fitOf(dtype)(value)
  if (dtype === 'bool') return fitted === 0 ? 'false' : 'true'
  // A sign in front of the least integer's magnitude would come too late.
  if (!isFloat(dtype)) return isSigned(dtype) ? `i32(${fitted})` : `${fitted}u`
  const isLiteral = Object.is(fitted, 0) || (Number.isFinite(fitted) && Math.abs(fitted) >= 2 ** -126)
  return isLiteral ? literal(fitted) : `${use('float_of')}(${Number.isNaN(fitted) ? 0x7fc00000 : bitsOf(fitted)}u)`
}
