import { type Layer, Module, type Param } from '@linum/graph'
import { ShapeError, type Tensor, type TensorLike } from '@linum/tensor'
import { checkAxes, formatShape } from '@linum/tensor/core'
import { floatOperand } from '../operand.js'
import { checkExtent, parameterMaker } from '../parameter.js'
import { type AffineOptions, makeBias, makeScale, perFeature } from './affine.js'
import { maskOperand, normalize, statistics } from './statistics.js'

export interface LayerNormOptions extends AffineOptions {
  readonly epsilon?: number
  /** The axes that the statistics are taken over; the last by default. */
  readonly reductionAxes?: number | readonly number[]
  /** The axes that scale and bias have one value for; the last by default. */
  readonly featureAxes?: number | readonly number[]
  /** E[x²] - E[x]² in one pass (the default), instead of E[(x - E[x])²]. */
  readonly useFastVariance?: boolean
}

export interface MaskOptions {
  /** Elements that the statistics are taken of; broadcasts against x. */
  readonly mask?: TensorLike
}

/** Axes of x, checked to have the extent that scale and bias are made for. */
export const featureAxesOf = (
  fn: string,
  x: Tensor,
  axes: number | readonly number[],
  numFeatures: number,
): readonly number[] => {
  const found = checkAxes(fn, axes, x.ndim)
  if (found.reduce((n, axis) => n * x.shape[axis]!, 1) !== numFeatures) {
    const which = axes === -1 ? 'the last axis' : `axes ${JSON.stringify(axes)}`
    throw new ShapeError(`${fn}: ${which} of x must be ${numFeatures} (numFeatures), got shape ${formatShape(x.shape)}`)
  }
  return found
}

/** Normalizes each example by its own mean and variance over the features. Ba et al. 2016. */
export class LayerNorm extends Module implements Layer<TensorLike, Tensor> {
  /** [numFeatures], or null. */
  scale: Param | null
  /** [numFeatures], or null. */
  bias: Param | null
  readonly numFeatures: number
  readonly epsilon: number
  readonly reductionAxes: number | readonly number[]
  readonly featureAxes: number | readonly number[]
  readonly useFastVariance: boolean

  constructor(numFeatures: number, options: LayerNormOptions) {
    super()
    const makeParam = parameterMaker('LayerNorm', options)
    const { epsilon = 1e-6, reductionAxes = -1, featureAxes = -1, useFastVariance = true } = options
    this.numFeatures = checkExtent('LayerNorm', 'numFeatures', numFeatures)
    this.scale = makeScale(makeParam, numFeatures, options)
    this.bias = makeBias(makeParam, numFeatures, options)
    this.epsilon = epsilon
    this.reductionAxes = reductionAxes
    this.featureAxes = featureAxes
    this.useFastVariance = useFastVariance
  }

  /** Throws ShapeError where the feature axes of x do not hold `numFeatures`. */
  forward(x: TensorLike, { mask }: MaskOptions = {}): Tensor {
    const t = floatOperand('LayerNorm.forward', x)
    const features = featureAxesOf('LayerNorm.forward', t, this.featureAxes, this.numFeatures)
    const axis = checkAxes('LayerNorm.forward', this.reductionAxes, t.ndim)
    const own = statistics(t, {
      axis,
      keepdims: true,
      fast: this.useFastVariance,
      mask: maskOperand('LayerNorm.forward', mask, t),
    })
    return normalize(t, own, this.epsilon, perFeature(this.scale, t, features), perFeature(this.bias, t, features))
  }
}
