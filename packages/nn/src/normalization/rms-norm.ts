import { type Layer, Module, type Param } from '@linum/graph'
import { mean, square, type Tensor, type TensorLike } from '@linum/tensor'
import { checkAxes } from '@linum/tensor/core'
import { floatOperand } from '../operand.js'
import { checkExtent, parameterMaker } from '../parameter.js'
import { makeScale, perFeature, type ScaleOptions } from './affine.js'
import { featureAxesOf, type MaskOptions } from './layer-norm.js'
import { maskOperand, normalize } from './statistics.js'

export interface RMSNormOptions extends ScaleOptions {
  readonly epsilon?: number
  /** The axes that the mean square is taken over; the last by default. */
  readonly reductionAxes?: number | readonly number[]
  /** The axes that scale has one value for; the last by default. */
  readonly featureAxes?: number | readonly number[]
}

/** Divides each example by the root of its mean square over the features, not centred. Zhang and Sennrich 2019. */
export class RMSNorm extends Module implements Layer<TensorLike, Tensor> {
  /** [numFeatures], or null. */
  scale: Param | null
  readonly numFeatures: number
  readonly epsilon: number
  readonly reductionAxes: number | readonly number[]
  readonly featureAxes: number | readonly number[]

  constructor(numFeatures: number, options: RMSNormOptions) {
    super()
    const makeParam = parameterMaker('RMSNorm', options)
    const { epsilon = 1e-6, reductionAxes = -1, featureAxes = -1 } = options
    this.numFeatures = checkExtent('RMSNorm', 'numFeatures', numFeatures)
    this.scale = makeScale(makeParam, numFeatures, options)
    this.epsilon = epsilon
    this.reductionAxes = reductionAxes
    this.featureAxes = featureAxes
  }

  /** Throws ShapeError where the feature axes of x do not hold `numFeatures`. */
  forward(x: TensorLike, { mask }: MaskOptions = {}): Tensor {
    const t = floatOperand('RMSNorm.forward', x)
    const features = featureAxesOf('RMSNorm.forward', t, this.featureAxes, this.numFeatures)
    const axis = checkAxes('RMSNorm.forward', this.reductionAxes, t.ndim)
    const selected = maskOperand('RMSNorm.forward', mask, t)
    const variance = mean(square(t), { axis, keepdims: true, ...(selected && { where: selected }) })
    return normalize(t, { mean: null, variance }, this.epsilon, perFeature(this.scale, t, features), null)
  }
}
