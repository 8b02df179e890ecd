import type { TensorLike } from '../core/array-ops.js'
import type { DType } from '../core/dtype.js'
import { DtypeError, ShapeError } from '../core/errors.js'
import { checkAxis, checkShape, formatShape, type Shape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { bind, bind1 } from '../core/trace.js'
import { erf } from '../device/js/erf.js'
import { iota } from '../ops/create.js'
import {
  add,
  bitwiseOr,
  clip,
  erfinv,
  less,
  log,
  log1p,
  maximum,
  multiply,
  negative,
  remainder,
  rightShift,
  subtract,
  view,
} from '../ops/elementwise.js'
import { literalLike, toTensor } from '../ops/operand.js'
import { take } from '../ops/indexing.js'
import { checkKey, split } from './key.js'

export interface SampleOptions {
  readonly dtype?: DType
}

const needFloat = (fn: string, dtype: DType | undefined): void => {
  if (dtype !== undefined && dtype !== 'float32')
    throw new DtypeError(`random.${fn}: dtype must be a float, got ${dtype}`)
}

const scalarKey = (fn: string, key: TensorLike): Tensor => {
  const k = checkKey(fn, key)
  if (k.ndim !== 0)
    throw new ShapeError(
      `random.${fn}: takes one key, got an array of keys of shape ${formatShape(k.shape)}; use vmap for one draw per key`,
    )
  return k
}

/** Uniform random bits: uint32. */
export const bits = (key: TensorLike, shape: Shape = [], options: SampleOptions = {}): Tensor => {
  if (options.dtype !== undefined && options.dtype !== 'uint32')
    throw new DtypeError(`random.bits: dtype must be uint32, got ${options.dtype}`)
  return bind1('random_bits', [scalarKey('bits', key)], { shape: [...checkShape('random.bits', shape)] })
}

export interface UniformOptions extends SampleOptions {
  readonly minval?: number
  readonly maxval?: number
}

/** Uniform in [minval, maxval), by default [0, 1), in steps of 2^-23: 23 random bits become a float in [1, 2). */
export const uniform = (key: TensorLike, shape: Shape = [], options: UniformOptions = {}): Tensor => {
  needFloat('uniform', options.dtype)
  const mantissa = bitwiseOr(rightShift(bits(key, shape), 9), 0x3f800000)
  const unit = subtract(view(mantissa, 'float32'), 1)
  const low = Math.fround(options.minval ?? 0)
  const span = Math.fround(Math.fround(options.maxval ?? 1) - low)
  if (low === 0 && span === 1) return unit
  const scaled = bind1('fma', [unit, literalLike(span, 'float32'), literalLike(low, 'float32')], null)
  return maximum(scaled, low)
}

/** The greatest float32 below 1, which keeps erfinv finite at -1. */
const justAboveMinusOne = -0.99999994

/** Standard normal. */
export const normal = (key: TensorLike, shape: Shape = [], options: SampleOptions = {}): Tensor => {
  needFloat('normal', options.dtype)
  return multiply(erfinv(uniform(key, shape, { minval: justAboveMinusOne, maxval: 1 })), Math.fround(Math.SQRT2))
}

/** The float32 after x in a direction. */
const nextFloat = (x: number, up: boolean): number => {
  const float = Float32Array.of(x)
  const word = new Int32Array(float.buffer)
  if (x === 0) return up ? 1.401298464324817e-45 : -1.401298464324817e-45
  word[0]! += x > 0 === up ? 1 : -1
  return float[0]!
}

/** Standard normal, limited to between two numbers. */
export const truncatedNormal = (
  key: TensorLike,
  lower: number,
  upper: number,
  options: SampleOptions & { readonly shape?: Shape } = {},
): Tensor => {
  needFloat('truncatedNormal', options.dtype)
  const root = Math.fround(Math.SQRT2)
  const bound = (x: number): number => Math.fround(erf(Math.fround(Math.fround(x) / root)))
  const u = uniform(key, options.shape ?? [], { minval: bound(lower), maxval: bound(upper) })
  return clip(multiply(erfinv(u), root), nextFloat(Math.fround(lower), true), nextFloat(Math.fround(upper), false))
}

/** True with probability `p`. */
export const bernoulli = (
  key: TensorLike,
  options: { readonly p?: TensorLike; readonly shape?: Shape } = {},
): Tensor => {
  const p = options.p ?? 0.5
  const shape = options.shape ?? (typeof p === 'object' ? p.shape : [])
  return less(uniform(key, shape), p)
}

/** Integers from minval to before maxval; minval where that is empty. */
export const randint = (
  key: TensorLike,
  shape: Shape,
  minval: number,
  maxval: number,
  options: SampleOptions = {},
): Tensor => {
  const dtype = options.dtype ?? 'int32'
  if (dtype !== 'int32' && dtype !== 'uint32')
    throw new DtypeError(`random.randint: dtype must be int32 or uint32, got ${dtype}`)
  if (!Number.isInteger(minval) || !Number.isInteger(maxval))
    throw new TypeError(`random.randint: bounds must be integers, got ${minval} and ${maxval}`)
  const keys = split(scalarKey('randint', key))
  const [high, low] = [0, 1].map((i) => bits(keys.slice(i), shape))
  const span = maxval <= minval ? 1 : (maxval - minval) >>> 0
  // 2^32 modulo the span weighs the high word, so that the draw is over 64 bits.
  const half = 65536 % span
  const weight = (Math.imul(half, half) >>> 0) % span
  const s = literalLike(span, 'uint32')
  const offset = remainder(add(multiply(remainder(high!, s), literalLike(weight, 'uint32')), remainder(low!, s)), s)
  return add(offset.astype(dtype), literalLike(minval, dtype))
}

/** Numbers from an exponential distribution of rate 1. */
export const exponential = (key: TensorLike, shape: Shape = [], options: SampleOptions = {}): Tensor => {
  needFloat('exponential', options.dtype)
  return negative(log1p(negative(uniform(key, shape))))
}

/** Standard Gumbel. */
export const gumbel = (key: TensorLike, shape: Shape = [], options: SampleOptions = {}): Tensor => {
  needFloat('gumbel', options.dtype)
  return negative(log(negative(log(uniform(key, shape, { minval: 1.1754943508222875e-38, maxval: 1 })))))
}

export interface PermutationOptions {
  readonly axis?: number
  /** Shuffle every lane along the axis on its own instead of moving whole slices. */
  readonly independent?: boolean
}

/** Sorts lanes by fresh random words, often enough that equal words favour no order; 2 rounds from 1626 elements on. */
const shuffle = (key: Tensor, x: Tensor, axis: number): Tensor => {
  const rounds = Math.ceil((3 * Math.log(Math.max(1, x.size))) / Math.log(2 ** 32 - 1))
  let rest = key
  let order = x
  for (let i = 0; i < rounds; i++) {
    const keys = split(rest)
    rest = keys.slice(0)
    order = bind('sort', [bits(keys.slice(1), x.shape), order], { axis })[1]!
  }
  return order
}

/** The numbers below n, or the slices of an array along an axis, in random order. */
export const permutation = (key: TensorLike, nOrX: TensorLike, options: PermutationOptions = {}): Tensor => {
  const k = scalarKey('permutation', key)
  if (typeof nOrX === 'number') {
    if (!Number.isInteger(nOrX) || nOrX < 0)
      throw new TypeError(`random.permutation: n must be a non-negative integer, got ${nOrX}`)
    return shuffle(k, iota([nOrX], 0), 0)
  }
  const x = toTensor('random.permutation', nOrX)
  if (x.ndim === 0)
    throw new ShapeError('random.permutation: a 0-dimensional tensor has no order; give a number or an array')
  const axis = checkAxis('random.permutation', options.axis ?? 0, x.ndim)
  if (options.independent === true) return shuffle(k, x, axis)
  return take(x, shuffle(k, iota([x.shape[axis]!], 0), 0), { axis })
}
