import type { AxisName } from '@linum/autodiff'
import { type Layer, Module, type Param } from '@linum/graph'
import type { Tensor, TensorLike } from '@linum/tensor'
import { checkAxes } from '@linum/tensor/core'
import { checkExtent, computation, parameterMaker } from '../parameter.js'
import type { FloatDType, PromoteDtype } from '../promote-dtype.js'
import { makeScale, type ScaleOptions } from './affine.js'
import { type Axes, type MaskOptions, normalizePerExample, type NormOptions } from './per-example.js'

export interface RMSNormOptions extends ScaleOptions, NormOptions {
  /** The axes that the mean square is taken over; the last by default. */
  readonly reductionAxes?: Axes
}

/** Divides each example by the root of its mean square over the features, not centred. Zhang and Sennrich 2019. */
export class RMSNorm extends Module implements Layer<TensorLike, Tensor> {
  /** [numFeatures], or null. */
  scale: Param | null
  readonly numFeatures: number
  readonly epsilon: number
  readonly reductionAxes: Axes
  readonly featureAxes: Axes
  /** Changes nothing: without a mean to subtract there is one way to compute the variance. */
  readonly useFastVariance: boolean
  declare readonly axisName?: AxisName | null
  declare readonly dtype: FloatDType | null
  declare readonly promoteDtype?: PromoteDtype

  constructor(numFeatures: number, options: RMSNormOptions) {
    super()
    const makeParam = parameterMaker('RMSNorm', options)
    const { epsilon = 1e-6, reductionAxes = -1, featureAxes = -1, useFastVariance = true, axisName = null } = options
    this.numFeatures = checkExtent('RMSNorm', 'numFeatures', numFeatures)
    this.scale = makeScale(makeParam, numFeatures, options)
    this.epsilon = epsilon
    this.reductionAxes = reductionAxes
    this.featureAxes = featureAxes
    this.useFastVariance = useFastVariance
    Object.assign(this, computation('RMSNorm', options), axisName === null ? {} : { axisName })
  }

  /** Throws ShapeError where the feature axes of x do not hold `numFeatures`. */
  forward(x: TensorLike, { mask }: MaskOptions = {}): Tensor {
    const fn = 'RMSNorm.forward'
    return normalizePerExample(fn, this, x, mask, (t) => checkAxes(fn, this.reductionAxes, t.ndim), false)
  }
}
