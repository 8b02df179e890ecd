import type { TensorLike } from '../core/array-ops.js'
import { checkDType, type DType, dtypeBytes, isFloat, isInteger, rangeOf, type StoredDType } from '../core/dtype.js'
import { DtypeError } from '../core/errors.js'
import { finfo } from '../core/limits.js'
import { checkShape, type Shape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import {
  add,
  clip,
  divide,
  erf,
  erfinv,
  greater,
  less,
  lessEqual,
  multiply,
  remainder,
  stopGradient,
  subtract,
} from '../ops/elementwise/elementwise.js'
import { neighbourOf } from '../ops/elementwise/parts.js'
import { convert, literalLike, toTensor } from '../ops/operand.js'
import { where } from '../ops/elementwise/where.js'
import {
  drawBits,
  drawExponential,
  drawNormal,
  drawShape,
  drawUniform,
  drawUnit,
  filled,
  floatType,
  parameter,
  type SampleOptions,
  scalarKey,
  type ShapedOptions,
} from './draw.js'
import { split } from './key.js'

export interface IntegerOptions {
  readonly dtype?: DType
}

const integerType = (fn: string, dtype: DType): StoredDType => {
  if (!isInteger(checkDType(`random.${fn}`, dtype)))
    throw new DtypeError(`random.${fn}: dtype must be an integer, got ${dtype}; use random.uniform for floats`)
  return dtype as StoredDType
}

/** Uniform random bits: uint32, or uint8 or uint16. */
export const bits = (key: TensorLike, shape: Shape = [], options: IntegerOptions = {}): Tensor => {
  const dtype = options.dtype ?? 'uint32'
  if (!['uint8', 'uint16', 'uint32'].includes(dtype))
    throw new DtypeError(`random.bits: dtype must be uint8, uint16 or uint32, got ${dtype}`)
  const words = drawBits(scalarKey('bits', key), checkShape('random.bits', shape))
  return convert(words, dtype as StoredDType)
}

export interface UniformOptions extends SampleOptions {
  readonly minval?: TensorLike
  readonly maxval?: TensorLike
}

/** Uniform in [minval, maxval), by default [0, 1), in steps of the dtype's precision. */
export const uniform = (key: TensorLike, shape: Shape = [], options: UniformOptions = {}): Tensor => {
  const dtype = floatType('uniform', options.dtype)
  const k = scalarKey('uniform', key)
  const [low, high] = [options.minval ?? 0, options.maxval ?? 1]
  const bounds = [low, high].map((x) => toTensor('random.uniform', x))
  return drawUniform(k, drawShape('uniform', checkShape('random.uniform', shape), ...bounds), dtype, low, high)
}

/** Standard normal. */
export const normal = (key: TensorLike, shape: Shape = [], options: SampleOptions = {}): Tensor =>
  drawNormal(scalarKey('normal', key), checkShape('random.normal', shape), floatType('normal', options.dtype))

/** Standard normal, limited to between two numbers. */
export const truncatedNormal = (
  key: TensorLike,
  lower: TensorLike,
  upper: TensorLike,
  options: ShapedOptions = {},
): Tensor => {
  const dtype = floatType('truncatedNormal', options.dtype)
  const k = scalarKey('truncatedNormal', key)
  const root = literalLike(Math.SQRT2, dtype)
  const [low, high] = [lower, upper].map((x) => parameter('truncatedNormal', x, dtype)) as [Tensor, Tensor]
  const shape = drawShape('truncatedNormal', options.shape, low, high)
  const u = drawUniform(k, shape, dtype, erf(divide(low, root)), erf(divide(high, root)))
  // Rounding must not reach the bounds.
  return clip(
    multiply(erfinv(u), root),
    neighbourOf(stopGradient(low), Infinity),
    neighbourOf(stopGradient(high), -Infinity),
  )
}

export interface BernoulliOptions {
  /** Default 0.5. */
  readonly p?: TensorLike
  readonly shape?: Shape
  /** 'high' tells probabilities below 2^-23 from 0, at twice the bits. Default 'low'. */
  readonly mode?: 'low' | 'high'
}

/** True with probability `p`. */
export const bernoulli = (key: TensorLike, options: BernoulliOptions = {}): Tensor => {
  const p = options.p ?? 0.5
  const given = toTensor('random.bernoulli', p)
  const dtype = isFloat(given.dtype) ? (given.dtype as StoredDType) : 'float32'
  const shape = drawShape('bernoulli', options.shape, given)
  const k = scalarKey('bernoulli', key)
  if (options.mode === 'high') {
    const both = drawUnit(k, [2, ...shape], dtype)
    return less(multiply(both.slice(1), 2 ** -finfo(dtype).nmant), subtract(given, both.slice(0)))
  }
  if (options.mode !== undefined && options.mode !== 'low')
    throw new RangeError(`random.bernoulli: mode must be 'low' or 'high', got '${String(options.mode)}'`)
  if (typeof p !== 'number') return less(drawUnit(k, shape, dtype), convert(given, dtype))
  // The same comparison without making floats: 23 of the bits are the fraction.
  const bound = Math.ceil(Math.fround(p) * 2 ** 23)
  return bound > 0 && bound < 2 ** 23
    ? less(drawBits(k, shape), literalLike(bound * 512, 'uint32'))
    : filled(shape, bound > 0 ? 1 : 0, 'bool')
}

/** -1 or 1 with equal probability: int32 unless a dtype is given. */
export const rademacher = (key: TensorLike, shape: Shape = [], options: IntegerOptions = {}): Tensor => {
  const dtype = checkDType('random.rademacher', options.dtype ?? 'int32')
  const up = bernoulli(scalarKey('rademacher', key), { shape: checkShape('random.rademacher', shape) })
  return where(up, literalLike(1, 'int32'), literalLike(-1, 'int32')).astype(dtype)
}

/** Offsets below a span from 64 bits each: 2^32 modulo the span weighs the high word. A span of 0 stands for 2^32. */
const offsets = (key: Tensor, shape: Shape, span: Tensor): Tensor => {
  const keys = split(key)
  const [high, low] = [0, 1].map((i) => drawBits(keys.slice(i), shape))
  const half = remainder(literalLike(65536, 'uint32'), span)
  const weight = remainder(multiply(half, half), span)
  return remainder(add(multiply(remainder(high!, span), weight), remainder(low!, span)), span)
}

/**
 * Integers from minval to before maxval; minval where that is empty. Bounds are limited to the dtype (int32 unless
 * given), whose greatest number a greater maxval includes.
 */
export const randint = (
  key: TensorLike,
  shape: Shape,
  minval: TensorLike,
  maxval: TensorLike,
  options: IntegerOptions = {},
): Tensor => {
  const dtype = integerType('randint', options.dtype ?? 'int32')
  const k = scalarKey('randint', key)
  checkShape('random.randint', shape)
  // Fewer than 32 bits are drawn as 32.
  const wide = dtypeBytes(dtype) < 4 ? 'int32' : dtype
  const [least, greatest] = rangeOf(dtype)
  if (typeof minval === 'number' && typeof maxval === 'number') {
    if (!Number.isInteger(minval) || !Number.isInteger(maxval))
      throw new TypeError(`random.randint: bounds must be integers, got ${minval} and ${maxval}`)
    const low = Math.min(Math.max(minval, least), greatest)
    const high = Math.min(Math.max(maxval, least), greatest + 1)
    const span = high <= low ? 1 : high - low
    const start = literalLike(low, wide)
    if (span === 2 ** 32) return add(drawBits(split(k).slice(1), shape).astype(wide), start)
    return add(offsets(k, shape, literalLike(span, 'uint32').astype('uint32')).astype(wide), start).astype(dtype)
  }
  const bounds = [minval, maxval].map((x) => {
    const t = typeof x === 'number' && Number.isInteger(x) ? literalLike(x, 'int32') : toTensor('random.randint', x)
    if (!isInteger(t.dtype))
      throw new DtypeError(`random.randint: bounds must be integers, got ${t.dtype}; convert with astype('int32')`)
    return t
  })
  const target = drawShape('randint', shape, ...bounds)
  const [ownLeast, ownGreatest] = rangeOf(wide)
  const inside = (t: Tensor, top: number): Tensor => {
    const [low, high] = rangeOf(t.dtype)
    return clip(t, Math.max(low, least, ownLeast), Math.min(high, top, ownGreatest)).astype(wide)
  }
  const [low, high] = [inside(bounds[0]!, greatest), inside(bounds[1]!, dtype === wide ? greatest : greatest + 1)]
  const [, most] = rangeOf(bounds[1]!.dtype)
  const beyond = most > ownGreatest ? greater(bounds[1]!, ownGreatest) : toTensor('random.randint', false)
  const plain = subtract(high, low).astype('uint32')
  const span = where(lessEqual(high, low), literalLike(1, 'uint32'), where(beyond, add(plain, 1), plain))
  return add(offsets(k, target, span).astype(wide), low).astype(dtype)
}

/** Numbers from an exponential distribution of rate 1. */
export const exponential = (key: TensorLike, shape: Shape = [], options: SampleOptions = {}): Tensor =>
  drawExponential(
    scalarKey('exponential', key),
    checkShape('random.exponential', shape),
    floatType('exponential', options.dtype),
  )
