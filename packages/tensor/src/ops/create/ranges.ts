import type { TensorLike } from '../../core/array-ops.js'
import { checkDType, type DType, type StoredDType } from '../../core/dtype.js'
import type { Shape } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import { full, linspace, zeros, zerosLike } from './create.js'
import { concatenate } from '../shape/join.js'
import { multiply, power } from '../elementwise/elementwise.js'
import { convert } from '../operand.js'

interface TypeOption {
  readonly dtype?: DType
}

/** Room for elements that are still to be written. They are zeros: memory here is never left as it was found. */
export const empty = (shape: Shape, options: TypeOption = {}): Tensor => zeros(shape, options)
/** As `empty`, with shape and dtype of another array. */
export const emptyLike = (x: TensorLike, options: TypeOption = {}): Tensor => zerosLike(x, options)

export interface SpaceOptions extends TypeOption {
  /** Default true: the last number is the end. */
  readonly endpoint?: boolean
}

const typed = (fn: string, x: Tensor, dtype: DType | undefined): Tensor =>
  dtype === undefined ? x : convert(x, checkDType(fn, dtype) as StoredDType)

/** `num` powers of `base` (10), whose exponents are evenly spaced from a to b. */
export const logspace = (
  a: number,
  b: number,
  num = 50,
  options: SpaceOptions & { readonly base?: number } = {},
): Tensor => {
  const exponents = linspace(a, b, num, { endpoint: options.endpoint ?? true })
  return typed('logspace', power(options.base ?? 10, exponents), options.dtype)
}

/** `num` numbers from a to b whose quotients are the same. Throws RangeError for 0 and for ends of different sign. */
export const geomspace = (a: number, b: number, num = 50, options: SpaceOptions = {}): Tensor => {
  if (!(a * b > 0)) throw new RangeError(`geomspace: the ends must have one sign and not be 0, got ${a} and ${b}`)
  const sign = Math.sign(a)
  const powers = logspace(Math.log10(sign * a), Math.log10(sign * b), num, { endpoint: options.endpoint ?? true })
  const inner = multiply(sign, powers)
  // The ends are exact.
  const ends = (x: Tensor): Tensor => {
    const first = full([1], a)
    if (num < 2 || options.endpoint === false) return concatenate([first, x.slice('1:')])
    return concatenate([first, x.slice('1:-1'), full([1], b)])
  }
  return typed('geomspace', num === 0 ? inner : ends(inner), options.dtype)
}
