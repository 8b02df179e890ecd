import { dtypeBytes, isFloat, isInteger, isSigned, type StoredDType } from '../../../../core/dtype.js'
import { DeviceError } from '../../../../core/errors.js'
import { declarationsOf, type WgslFunction } from '../scalar/library.js'
import { scalarText } from '../scalar/scalar-text.js'

/** How products are computed: in f32, or in u32, whose low bits are those of any integer. */
export interface Arithmetic {
  readonly type: 'f32' | 'u32'
  readonly zero: string
  /** A word of an operand as a number, or four of them. */
  readonly load: (operand: 0 | 1, word: string) => string
  readonly loadQuad: (operand: 0 | 1, words: string) => string
  /** sum + a * b, of numbers or of vectors. */
  readonly multiplyAdd: (sum: string, a: string, b: string) => string
  readonly declarations: readonly string[]
  /** A finished sum in the register of the product's dtype. */
  readonly finish: (sum: string) => string
}

const finishInteger =
  (dtype: StoredDType) =>
  (sum: string): string => {
    if (dtype === 'bool') return `(${sum} != 0u)`
    const unused = 32 - 8 * dtypeBytes(dtype)
    if (isSigned(dtype))
      return unused === 0 ? `bitcast<i32>(${sum})` : `(bitcast<i32>(${sum} << ${unused}u) >> ${unused}u)`
    return unused === 0 ? sum : `(${sum} & ${2 ** (32 - unused) - 1}u)`
  }

const integers = (product: StoredDType): Arithmetic => ({
  type: 'u32',
  zero: '0u',
  load: (_, word) => word,
  loadQuad: (_, words) => words,
  multiplyAdd: (sum, a, b) => `${sum} + ${a} * ${b}`,
  declarations: [],
  finish: finishInteger(product),
})

const floats = (operands: readonly StoredDType[], product: StoredDType): Arithmetic => {
  const used = new Set<WgslFunction>()
  const use = (name: WgslFunction): string => {
    used.add(name)
    return name
  }
  const finish = (sum: string): string =>
    product === 'float32' ? sum : scalarText('convert', [sum], product, 'float32', use)
  // Notes what it uses, before the declarations are asked for.
  finish('x')
  const load = (type: string, as: (x: string) => string) => (operand: 0 | 1, word: string) => {
    const dtype = operands[operand]!
    return isFloat(dtype)
      ? `bitcast<${as('f32')}>(${word})`
      : isSigned(dtype)
        ? `${type}(bitcast<${as('i32')}>(${word}))`
        : `${type}(${word})`
  }
  return {
    type: 'f32',
    zero: '0.0',
    load: load('f32', (x) => x),
    loadQuad: load('vec4<f32>', (x) => `vec4<${x}>`),
    multiplyAdd: (sum, a, b) => `fma(${a}, ${b}, ${sum})`,
    declarations: declarationsOf(used),
    finish,
  }
}

/**
 * The arithmetic of a product: f32 for a float product of operands of any dtype, u32 for an integer one of integers and
 * bool. A product of bool says whether some pair of elements holds. Throws DeviceError for what else there is.
 */
export const arithmeticOf = (operands: readonly StoredDType[], product: StoredDType): Arithmetic => {
  const all = [...operands, product]
  if (all.includes('float64'))
    throw new DeviceError(
      `gpu: a product (dot_general) cannot be of float64, got ${all.join(', ')}; convert to float32 or use the wasm device`,
    )
  if (isFloat(product)) return floats(operands, product)
  if (operands.some((d) => d !== 'bool' && !(isInteger(product) && isInteger(d))))
    throw new DeviceError(
      `gpu: a product (dot_general) of ${operands.join(' and ')} cannot be ${product}; convert the operands to one dtype with astype`,
    )
  return integers(product)
}
