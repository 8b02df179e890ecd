import { checkDType, type DType, dtypeBytes, isFloat, isInteger, rangeOf, type StoredDType } from './dtype.js'
import { DtypeError } from './errors.js'
import { fitOf } from './host.js'

/** What a floating-point dtype can represent. */
export interface FloatLimits {
  readonly dtype: DType
  readonly bits: number
  /** The distance from 1 to the next greater number. */
  readonly eps: number
  /** The distance from 1 to the next smaller number. */
  readonly epsneg: number
  readonly max: number
  readonly min: number
  /** The least positive number with full precision. */
  readonly smallestNormal: number
  /** The same as `smallestNormal`. */
  readonly tiny: number
  readonly smallestSubnormal: number
  /** Bits of the fraction, without the implied one. */
  readonly nmant: number
  /** Bits of the exponent. */
  readonly nexp: number
  /** Exponent of `smallestNormal`. */
  readonly minexp: number
  /** The least power of 2 that overflows. */
  readonly maxexp: number
  /** Decimal digits that are always right, and ten to minus that, as the dtype has it. */
  readonly precision: number
  readonly resolution: number
}

/** What an integer dtype can represent. */
export interface IntegerLimits {
  readonly dtype: DType
  readonly bits: number
  readonly min: number
  readonly max: number
}

const fractionBits = (dtype: DType): number =>
  dtype === 'bfloat16' ? 7 : dtype === 'float16' ? 10 : dtype === 'float32' ? 23 : 52

/** The limits of a floating-point dtype. Throws DtypeError for others. */
export const finfo = (dtype: DType): FloatLimits => {
  if (!isFloat(checkDType('finfo', dtype)))
    throw new DtypeError(`finfo: needs a floating-point dtype, got ${dtype}; use iinfo for integers`)
  const bits = 8 * dtypeBytes(dtype)
  const nmant = fractionBits(dtype)
  const nexp = bits - 1 - nmant
  const maxexp = 2 ** (nexp - 1)
  const minexp = 2 - maxexp
  const max = 2 ** (maxexp - 1) * (2 - 2 ** -nmant)
  const smallestNormal = 2 ** minexp
  const precision = Math.floor(nmant * Math.log10(2))
  return {
    dtype,
    bits,
    eps: 2 ** -nmant,
    epsneg: 2 ** -(nmant + 1),
    max,
    min: -max,
    smallestNormal,
    tiny: smallestNormal,
    smallestSubnormal: 2 ** (minexp - nmant),
    nmant,
    nexp,
    minexp,
    maxexp,
    precision,
    resolution: fitOf(dtype as StoredDType)(Number(`1e-${precision}`)),
  }
}

/** The limits of an integer dtype. Throws DtypeError for others. */
export const iinfo = (dtype: DType): IntegerLimits => {
  if (!isInteger(checkDType('iinfo', dtype)))
    throw new DtypeError(`iinfo: needs an integer dtype, got ${dtype}; use finfo for floating point`)
  const [min, max] = rangeOf(dtype)
  return { dtype, bits: 8 * dtypeBytes(dtype), min, max }
}
