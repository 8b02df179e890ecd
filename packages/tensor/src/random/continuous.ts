import type { TensorLike } from '../core/array-ops.js'
import { finfo } from '../core/limits.js'
import { checkShape, type Shape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import {
  abs,
  add,
  bitwiseNot,
  divide,
  equal,
  exp,
  greaterEqual,
  less,
  lessEqual,
  log,
  log1p,
  multiply,
  negative,
  power,
  sign,
  sqrt,
  square,
  subtract,
  tan,
} from '../ops/elementwise/elementwise.js'
import { sum } from '../ops/reduce/reduce.js'
import { where } from '../ops/elementwise/where.js'
import {
  drawBits,
  drawExponential,
  drawNormal,
  drawShape,
  drawUniform,
  drawUnit,
  floatType,
  parameter,
  type SampleOptions,
  scalarKey,
  type ShapedOptions,
} from './draw.js'
import { split } from './key.js'
import { rademacher } from './samplers.js'

export interface GumbelOptions extends SampleOptions {
  /** How far the upper tail reaches: 'low' (default) to 16 in float32, 'high' to 32 at twice the bits, 'highest' to 44. */
  readonly mode?: 'low' | 'high' | 'highest'
}

/** The extreme of -log(-log) of a fraction of 64 bits, from whichever end is nearer. */
const gumbelOf64 = (words: Tensor): Tensor => {
  const [high, low] = [words.slice(0), words.slice(1)]
  const lower = bitwiseNot(low)
  const below = less(high, 2 ** 31)
  // One minus the fraction: the two's complement.
  const mirrored = [add(bitwiseNot(high), equal(lower, 2 ** 32 - 1).astype('uint32')), add(lower, 1)]
  const [h, l] = [high, low].map((w, i) => where(below, w, mirrored[i]!).astype('float32'))
  const x = add(multiply(h!, 2 ** -32), multiply(l!, 2 ** -64))
  return where(below, negative(log(negative(log1p(negative(x))))), negative(log(negative(log(x)))))
}

/** Standard Gumbel. */
export const gumbel = (key: TensorLike, shape: Shape = [], options: GumbelOptions = {}): Tensor => {
  const dtype = floatType('gumbel', options.dtype)
  const k = scalarKey('gumbel', key)
  checkShape('random.gumbel', shape)
  const mode = options.mode ?? 'low'
  if (!['low', 'high', 'highest'].includes(mode))
    throw new RangeError(`random.gumbel: mode must be 'low', 'high' or 'highest', got '${String(mode)}'`)
  const { tiny, nmant } = finfo(dtype)
  if (mode === 'low') return negative(log(negative(log(drawUniform(k, shape, dtype, tiny, 1)))))
  if (mode === 'highest' && dtype === 'float32') return gumbelOf64(drawBits(k, [2, ...shape]))
  const both = drawUnit(k, [2, ...shape], dtype)
  const [high, low] = [both.slice(0), both.slice(1)]
  const x = where(greaterEqual(high, 0.5), high, add(add(high, multiply(low, 2 ** -nmant)), tiny))
  return negative(log(negative(log1p(negative(x)))))
}

type Standard = (key: TensorLike, shape?: Shape, options?: SampleOptions) => Tensor
type Draw = (key: Tensor, shape: Shape, dtype: ReturnType<typeof floatType>) => Tensor

const standard =
  (fn: string, draw: Draw): Standard =>
  (key, shape = [], options = {}) =>
    draw(scalarKey(fn, key), checkShape(`random.${fn}`, shape), floatType(fn, options.dtype))

/** Standard Laplace: exponential with a random sign. */
export const laplace: Standard = standard('laplace', (key, shape, dtype) => {
  const u = drawUniform(key, shape, dtype, -1 + finfo(dtype).epsneg, 1)
  return multiply(sign(u), log1p(negative(abs(u))))
})

/** Standard logistic. */
export const logistic: Standard = standard('logistic', (key, shape, dtype) => {
  const u = drawUniform(key, shape, dtype, finfo(dtype).tiny, 1)
  return subtract(log(u), log1p(negative(u)))
})

/** Standard Cauchy. */
export const cauchy: Standard = standard('cauchy', (key, shape, dtype) =>
  tan(multiply(subtract(drawUniform(key, shape, dtype, finfo(dtype).eps, 1), 0.5), Math.PI)),
)

const lengths = (key: Tensor, shape: Shape, dtype: ReturnType<typeof floatType>): Tensor =>
  sqrt(sum(square(drawNormal(key, [...shape, 3], dtype)), { axis: -1 }))

/** Maxwell: the length of a standard normal vector of three. */
export const maxwell: Standard = standard('maxwell', lengths)

/**
 * Maxwell with a random sign, scaled and moved. The shape of the parameters follows `options.shape`, so that [n] draws
 * n for each.
 */
export const doubleSidedMaxwell = (
  key: TensorLike,
  loc: TensorLike,
  scale: TensorLike,
  options: ShapedOptions = {},
): Tensor => {
  const fn = 'doubleSidedMaxwell'
  const dtype = floatType(fn, options.dtype)
  const [center, width] = [parameter(fn, loc, dtype), parameter(fn, scale, dtype)]
  const shape = [...checkShape(`random.${fn}`, options.shape ?? []), ...drawShape(fn, undefined, center, width)]
  const keys = split(scalarKey(fn, key))
  const signs = rademacher(keys.slice(1), shape, { dtype })
  return add(multiply(multiply(signs, lengths(keys.slice(0), shape, dtype)), width), center)
}

type OfOne = (key: TensorLike, parameter: TensorLike, options?: ShapedOptions) => Tensor

const ofOne =
  (fn: string, draw: (key: Tensor, p: Tensor, shape: Shape, dtype: ReturnType<typeof floatType>) => Tensor): OfOne =>
  (key, given, options = {}) => {
    const dtype = floatType(fn, options.dtype)
    const p = parameter(fn, given, dtype)
    return draw(scalarKey(fn, key), p, drawShape(fn, options.shape, p), dtype)
  }

/** Pareto of least value 1 with the shape parameter b. */
export const pareto: OfOne = ofOne('pareto', (key, b, shape, dtype) =>
  exp(divide(drawExponential(key, shape, dtype), b)),
)

/** Rayleigh of a scale. */
export const rayleigh: OfOne = ofOne('rayleigh', (key, scale, shape, dtype) =>
  multiply(scale, sqrt(multiply(log(drawUnit(key, shape, dtype)), -2))),
)

/** Wald, the inverse Gaussian of shape parameter 1, of a mean. */
export const wald: OfOne = ofOne('wald', (key, mean, shape, dtype) => {
  const keys = split(key)
  const y = square(drawNormal(keys.slice(0), shape, dtype))
  const z = drawUnit(keys.slice(1), shape, dtype)
  const mean2 = square(mean)
  const root = sqrt(add(multiply(multiply(mean, 4), y), multiply(mean2, square(y))))
  const x = subtract(add(mean, divide(multiply(mean2, y), 2)), multiply(divide(mean, 2), root))
  return where(lessEqual(z, divide(mean, add(mean, x))), x, divide(mean2, x))
})

/** exp of a normal of standard deviation `sigma` (default 1). */
export const lognormal = (key: TensorLike, options: ShapedOptions & { readonly sigma?: TensorLike } = {}): Tensor => {
  const dtype = floatType('lognormal', options.dtype)
  const sigma = parameter('lognormal', options.sigma ?? 1, dtype)
  const shape = drawShape('lognormal', options.shape, sigma)
  return exp(multiply(drawNormal(scalarKey('lognormal', key), shape, dtype), sigma))
}

/** Weibull of least value 0. */
export const weibullMin = (
  key: TensorLike,
  scale: TensorLike,
  concentration: TensorLike,
  options: ShapedOptions = {},
): Tensor => {
  const dtype = floatType('weibullMin', options.dtype)
  const [width, k] = [scale, concentration].map((x) => parameter('weibullMin', x, dtype)) as [Tensor, Tensor]
  const shape = drawShape('weibullMin', options.shape, width, k)
  return multiply(power(drawExponential(scalarKey('weibullMin', key), shape, dtype), divide(1, k)), width)
}

/** Triangular between `left` and `right` with its peak at `mode`. */
export const triangular = (
  key: TensorLike,
  left: TensorLike,
  mode: TensorLike,
  right: TensorLike,
  options: ShapedOptions = {},
): Tensor => {
  const dtype = floatType('triangular', options.dtype)
  const [a, c, b] = [left, mode, right].map((x) => parameter('triangular', x, dtype)) as [Tensor, Tensor, Tensor]
  const shape = drawShape('triangular', options.shape, a, c, b)
  const u = drawUnit(scalarKey('triangular', key), shape, dtype)
  const [width, before, after] = [subtract(b, a), subtract(c, a), subtract(b, c)]
  const low = add(a, sqrt(multiply(multiply(u, width), before)))
  const high = subtract(b, sqrt(multiply(multiply(subtract(1, u), width), after)))
  return where(less(u, divide(before, width)), low, high)
}
