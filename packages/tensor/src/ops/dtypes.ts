import type { ArrayOps } from '../core/array-ops.js'
import {
  checkDType,
  type DType,
  dtypeBytes,
  dtypeCategory,
  isDType,
  isFloat,
  isInteger,
  isSigned,
  promote,
} from '../core/dtype.js'
import { finfo } from '../core/limits.js'
import { toTensor } from './operand.js'

/** The common dtype of two dtypes, by the promotion table. Throws DtypeError for keys with numbers. */
export const promoteTypes = (a: DType, b: DType): DType =>
  promote({ dtype: checkDType('promoteTypes', a), weak: false }, { dtype: checkDType('promoteTypes', b), weak: false })
    .dtype

/**
 * The dtype of an operation on all of these together: tensors, numbers, booleans and dtypes. A fractional number is a
 * weak float, an integral one takes any number's type.
 */
export const resultType = (...xs: readonly (ArrayOps | number | boolean | DType)[]): DType => {
  if (xs.length === 0) throw new TypeError('resultType: needs at least one operand, got none')
  const typed = xs.map((x) => {
    if (typeof x === 'string') return { dtype: checkDType('resultType', x), weak: false }
    if (typeof x === 'number') return { dtype: 'int32' as DType, weak: true, fractional: !Number.isInteger(x) }
    const { dtype, weak } = toTensor('resultType', x)
    return { dtype, weak }
  })
  const types = typed.map((t) =>
    'fractional' in t && t.fractional ? { dtype: 'float32' as DType, weak: true } : { dtype: t.dtype, weak: t.weak },
  )
  // Numbers alone are float32, as tensors made of them are.
  return xs.every((x) => typeof x === 'number') ? 'float32' : types.reduce(promote).dtype
}

/** Groups of dtypes, as the array API names them. */
export type DTypeKind = 'bool' | 'signed integer' | 'unsigned integer' | 'integral' | 'real floating' | 'numeric'

const kinds: Readonly<Record<DTypeKind, (dtype: DType) => boolean>> = {
  bool: (d) => d === 'bool',
  'signed integer': (d) => isInteger(d) && isSigned(d),
  'unsigned integer': (d) => isInteger(d) && !isSigned(d),
  integral: isInteger,
  'real floating': isFloat,
  numeric: (d) => isInteger(d) || isFloat(d),
}

/** Whether a dtype is one of a kind, the given dtype, or of any of several. */
export const isdtype = (dtype: DType, kind: DType | DTypeKind | readonly (DType | DTypeKind)[]): boolean => {
  const own = checkDType('isdtype', dtype)
  return [kind].flat().some((k) => {
    if (Object.hasOwn(kinds, k as string)) return kinds[k as DTypeKind](own)
    if (isDType(k)) return k === own
    throw new TypeError(
      `isdtype: unknown kind, got ${JSON.stringify(k)}; use a dtype or one of ${Object.keys(kinds).join(', ')}`,
    )
  })
}

export type Casting = 'no' | 'equiv' | 'safe' | 'same_kind' | 'unsafe'

/** Whether every number of one dtype is a number of the other. */
const isSafe = (from: DType, to: DType): boolean => {
  if (from === to || from === 'bool') return true
  if (to === 'bool') return false
  const [bytes, wider] = [dtypeBytes(from), dtypeBytes(to)]
  if (isInteger(from) && isInteger(to))
    return isSigned(from) ? isSigned(to) && wider >= bytes : isSigned(to) ? wider > bytes : wider >= bytes
  if (isInteger(from)) return finfo(to).nmant + 1 >= 8 * bytes - (isSigned(from) ? 1 : 0)
  if (isInteger(to)) return false
  return finfo(to).nmant >= finfo(from).nmant && finfo(to).nexp >= finfo(from).nexp
}

const order = ['bool', 'integer', 'float']

/** Whether a conversion is allowed by a rule: 'safe' (the default) keeps every value, 'same_kind' may lose digits of a kind. */
export const canCast = (from: DType, to: DType, options: { readonly casting?: Casting } = {}): boolean => {
  const [a, b] = [checkDType('canCast', from), checkDType('canCast', to)]
  const { casting = 'safe' } = options
  if (a === 'key' || b === 'key') return a === b
  switch (casting) {
    case 'no':
    case 'equiv':
      return a === b
    case 'safe':
      return isSafe(a, b)
    case 'same_kind':
      return isSafe(a, b) || sameKind(a, b)
    case 'unsafe':
      return true
    default:
      throw new RangeError(`canCast: casting must be one of no, equiv, safe, same_kind, unsafe, got ${String(casting)}`)
  }
}

const sameKind = (a: DType, b: DType): boolean => {
  const [x, y] = [order.indexOf(dtypeCategory(a)), order.indexOf(dtypeCategory(b))]
  // The reference lets bfloat16 go to wider floats alone, though float16 and float32 may go to it.
  if (a === 'bfloat16' && x === y) return false
  // Signed numbers fit no unsigned type, of whatever width.
  return x < y || (x === y && !(isInteger(a) && isSigned(a) && !isSigned(b)))
}
