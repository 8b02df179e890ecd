import { dtypeBytes, isFloat, isHalf, isSigned, type StoredDType } from '../../../../core/dtype.js'
import { declarationsOf } from '../scalar/library.js'

/** How a dtype is multiplied and summed: halves in f32, integers in u32, whose low bits are those of any integer. */
export interface ConvArithmetic {
  readonly type: 'f32' | 'u32'
  /** What a word stands for. */
  readonly load: (word: string) => string
  /** The word of a finished sum. */
  readonly store: (sum: string) => string
  readonly declarations: readonly string[]
}

const storeInteger =
  (dtype: StoredDType) =>
  (sum: string): string => {
    const unused = 32 - 8 * dtypeBytes(dtype)
    if (unused === 0) return sum
    return isSigned(dtype)
      ? `bitcast<u32>(bitcast<i32>(${sum} << ${unused}u) >> ${unused}u)`
      : `(${sum} & ${2 ** (32 - unused) - 1}u)`
  }

const integers = (dtype: StoredDType): ConvArithmetic => ({
  type: 'u32',
  load: (word) => word,
  store: storeInteger(dtype),
  declarations: [],
})

const single: ConvArithmetic = {
  type: 'f32',
  load: (word) => `bitcast<f32>(${word})`,
  store: (sum) => `bitcast<u32>(${sum})`,
  declarations: [],
}

/** Of a float dtype or an integer one. */
export const convArithmetic = (dtype: StoredDType): ConvArithmetic => {
  if (!isFloat(dtype)) return integers(dtype)
  if (!isHalf(dtype)) return single
  const round = dtype === 'float16' ? 'round_float16' : 'round_bfloat16'
  return { ...single, store: (sum) => `bitcast<u32>(${round}(${sum}))`, declarations: declarationsOf([round]) }
}

/** For sums that are not finished: nothing is rounded. */
export const partialArithmetic = (dtype: StoredDType): ConvArithmetic => (isFloat(dtype) ? single : integers('uint32'))
