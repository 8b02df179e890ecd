import { divide, full, multiply, random, type Shape, ShapeError, sqrt, type Tensor } from '@linum/tensor'
import { checkAxes, formatShape, sizeOf } from '@linum/tensor/core'
import type { Initializer, InitializerOptions } from './initializer.js'

/** What the variance is divided by: the number of inputs, of outputs, or their arithmetic or geometric mean. */
export type FanMode = 'fan_in' | 'fan_out' | 'fan_avg' | 'fan_geo_avg'

export type Distribution = 'truncated_normal' | 'normal' | 'uniform'

type Axes = number | readonly number[]

/** Which axes of the weights are which; those not named are the receptive field of a convolution. */
export interface FanOptions extends InitializerOptions {
  readonly inAxis?: Axes
  readonly outAxis?: Axes
  /** Axes of independent weights, which count for nothing. */
  readonly batchAxis?: Axes
}

const fans = (
  shape: Shape,
  { inAxis = -2, outAxis = -1, batchAxis = [] }: FanOptions,
): readonly [fanIn: number, fanOut: number] => {
  if (shape.length < 2 && inAxis === -2) {
    throw new ShapeError(
      `varianceScaling: the default inAxis needs weights of at least two axes, got shape ${formatShape(shape)}; give { inAxis, outAxis }`,
    )
  }
  if (sizeOf(shape) === 0)
    throw new ShapeError(`varianceScaling: weights without elements have no fan, got shape ${formatShape(shape)}`)
  const along = (axes: Axes): number =>
    checkAxes('varianceScaling', axes, shape.length).reduce((n, axis) => n * shape[axis]!, 1)
  const [inputs, outputs] = [along(inAxis), along(outAxis)]
  const receptiveField = sizeOf(shape) / inputs / outputs / along(batchAxis)
  return [inputs * receptiveField, outputs * receptiveField]
}

const denominators: Readonly<Record<FanMode, (fanIn: number, fanOut: number) => number>> = {
  fan_in: (fanIn) => fanIn,
  fan_out: (_, fanOut) => fanOut,
  fan_avg: (fanIn, fanOut) => (fanIn + fanOut) / 2,
  fan_geo_avg: (fanIn, fanOut) => Math.sqrt(fanIn * fanOut),
}

/** The standard deviation of a standard normal cut at -2 and 2. */
const truncatedDeviation = 0.87962566103423978

// Every step is rounded to the dtype of the weights.
const samplers: Readonly<Record<Distribution, (variance: Tensor) => Initializer>> = {
  truncated_normal: (variance) => (key, shape, options) =>
    multiply(
      random.truncatedNormal(key, -2, 2, { shape, ...options }),
      divide(sqrt(variance), full([], truncatedDeviation, options)),
    ),
  normal: (variance) => (key, shape, options) => multiply(random.normal(key, shape, options), sqrt(variance)),
  uniform: (variance) => (key, shape, options) =>
    multiply(random.uniform(key, shape, { minval: -1, ...options }), sqrt(multiply(3, variance))),
}

const choose = <T>(name: string, table: Readonly<Record<string, T>>, choice: string): T => {
  const found = Object.hasOwn(table, choice) ? table[choice] : undefined
  if (found === undefined)
    throw new RangeError(
      `varianceScaling: unknown ${name}, got '${choice}'; use one of ${Object.keys(table).join(', ')}`,
    )
  return found
}

/**
 * Random weights of mean 0 and variance `scale / fan`, so that activations neither grow nor shrink from layer to layer.
 * `truncated_normal` is cut at two standard deviations and scaled to have that variance after the cut.
 */
export const varianceScaling = (
  scale: number,
  mode: FanMode,
  distribution: Distribution,
  options: FanOptions = {},
): Initializer => {
  if (!(scale >= 0)) throw new RangeError(`varianceScaling: scale must not be negative, got ${scale}`)
  const denominator = choose('mode', denominators, mode)
  const sampler = choose('distribution', samplers, distribution)
  return (key, shape, call) => {
    const dtype = call?.dtype ?? options.dtype ?? 'float32'
    return sampler(full([], scale / denominator(...fans(shape, options)), { dtype }))(key, shape, { dtype })
  }
}

/** Truncated normal of variance 1 / fan_in. LeCun et al. 1998, Efficient BackProp. */
export const lecunNormal = (options?: FanOptions): Initializer =>
  varianceScaling(1, 'fan_in', 'truncated_normal', options)
/** Uniform of variance 1 / fan_in. */
export const lecunUniform = (options?: FanOptions): Initializer => varianceScaling(1, 'fan_in', 'uniform', options)

/** Truncated normal of variance 2 / (fan_in + fan_out). Glorot and Bengio 2010. */
export const glorotNormal = (options?: FanOptions): Initializer =>
  varianceScaling(1, 'fan_avg', 'truncated_normal', options)
/** Uniform of variance 2 / (fan_in + fan_out). */
export const glorotUniform = (options?: FanOptions): Initializer => varianceScaling(1, 'fan_avg', 'uniform', options)

/** Truncated normal of variance 2 / fan_in, for ReLU. He et al. 2015. */
export const heNormal = (options?: FanOptions): Initializer => varianceScaling(2, 'fan_in', 'truncated_normal', options)
/** Uniform of variance 2 / fan_in, for ReLU. */
export const heUniform = (options?: FanOptions): Initializer => varianceScaling(2, 'fan_in', 'uniform', options)

/** Another name of `glorotNormal`. */
export const xavierNormal: typeof glorotNormal = glorotNormal
/** Another name of `glorotUniform`. */
export const xavierUniform: typeof glorotUniform = glorotUniform
/** Another name of `heNormal`. */
export const kaimingNormal: typeof heNormal = heNormal
/** Another name of `heUniform`. */
export const kaimingUniform: typeof heUniform = heUniform
