import type { ArrayOps, TensorLike } from '../core/array-ops.js'
import { type DType, dtypeCategory, isFloat, isInteger, promote, rangeOf, type StoredDType } from '../core/dtype.js'
import { DtypeError } from '../core/errors.js'
import type { Tensor } from '../core/tensor.js'
import { baseTrace, bind1 } from '../core/trace.js'

const isArrayOps = (x: unknown): x is ArrayOps =>
  typeof x === 'object' && x !== null && typeof (x as Partial<ArrayOps>).asTensor === 'function'

const refuse = (fn: string, x: unknown): never => {
  const got = Array.isArray(x) ? 'an array' : x === null ? 'null' : typeof x
  throw new TypeError(
    `${fn}: expected a tensor or a number, got ${got}${Array.isArray(x) ? '; wrap it with array(...)' : ''}`,
  )
}

/** The tensor that `x` stands for. A number is a weak float32, a boolean a bool. */
export const toTensor = (fn: string, x: TensorLike): Tensor =>
  typeof x === 'number'
    ? baseTrace().literal(x, 'float32', true)
    : typeof x === 'boolean'
      ? baseTrace().literal(x, 'bool', false)
      : isArrayOps(x)
        ? x.asTensor()
        : refuse(fn, x)

/** A number beside a tensor of `dtype`: it takes a float type, an integer type if it is integral, and else is float32. */
export const literalLike = (x: number, dtype: DType): Tensor => {
  if (isFloat(dtype)) return baseTrace().literal(x, dtype, true)
  if (isInteger(dtype) && Number.isInteger(x)) return baseTrace().literal(x, dtype, true)
  if (dtype === 'bool' && Number.isInteger(x)) return baseTrace().literal(x, 'int32', true)
  return baseTrace().literal(x, 'float32', true)
}

/** `x` as another dtype; `weak` says whether the result yields to other operands. */
export const convert = (x: Tensor, dtype: StoredDType, weak = false): Tensor =>
  x.dtype === dtype && x.weak === weak ? x : bind1('convert', [x], { dtype, weak })

/** Refuses random keys, which take part in no arithmetic. */
export const checkNoKey = (fn: string, x: Tensor): void => {
  if (x.dtype === 'key')
    throw new DtypeError(`${fn}: does not accept random keys; use random.keyData(key) for their words`)
}

/** A number that an operand's integer type can stand for: a negative one counts back from 2^32 in uint32. */
const checkRange = (fn: string, x: number, dtype: DType): number => {
  if (
    !isInteger(dtype) ||
    !Number.isInteger(x) ||
    (x >= Math.min(-(2 ** 31), rangeOf(dtype)[0]) && x <= Math.max(2 ** 31 - 1, rangeOf(dtype)[1]))
  )
    return x
  throw new RangeError(`${fn}: ${x} is out of the range of ${dtype}; convert the tensor with astype('float32')`)
}

/** Operands brought to their common type. */
export const promoteOperands = (fn: string, xs: readonly TensorLike[]): readonly Tensor[] => {
  const dtype = xs.reduce<DType | null>((d, x) => d ?? (typeof x === 'number' ? null : toTensor(fn, x).dtype), null)
  const tensors = xs.map((x) =>
    typeof x === 'number' && dtype !== null ? literalLike(checkRange(fn, x, dtype), dtype) : toTensor(fn, x),
  )
  tensors.forEach((t) => checkNoKey(fn, t))
  const type = tensors.map((t): { readonly dtype: DType; readonly weak: boolean } => t).reduce(promote)
  return tensors.map((t) => (t.dtype === type.dtype ? t : convert(t, type.dtype as StoredDType, type.weak)))
}

/** Operands brought to their common floating-point type: float32 for integers and bool. */
export const promoteFloats = (fn: string, xs: readonly TensorLike[]): readonly Tensor[] => {
  // Integers go straight to float32: their common integer type may not hold both.
  const integers = xs.every((x) => (typeof x === 'number' ? Number.isInteger(x) : !isFloat(toTensor(fn, x).dtype)))
  if (integers) return xs.map((x) => toFloat(fn, x))
  const tensors = promoteOperands(fn, xs)
  return tensors.map((t) => (isFloat(t.dtype) ? t : convert(t, 'float32', t.weak)))
}

/** One operand as floating point. */
export const toFloat = (fn: string, x: TensorLike): Tensor => {
  const t = toTensor(fn, x)
  checkNoKey(fn, t)
  return isFloat(t.dtype) ? t : convert(t, 'float32', t.weak)
}

/** One operand that is a number: bool refused with the remedy. */
export const toNumeric = (fn: string, x: TensorLike): Tensor => {
  const t = toTensor(fn, x)
  const category = dtypeCategory(t.dtype)
  if (category === 'bool' || category === 'key')
    throw new DtypeError(`${fn}: does not accept dtype ${t.dtype}; convert with x.astype('int32') first`)
  return t
}
