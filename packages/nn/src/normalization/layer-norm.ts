import type { AxisName } from '@linum/autodiff'
import { type Layer, Module, type Param } from '@linum/graph'
import type { Tensor, TensorLike } from '@linum/tensor'
import { checkAxes } from '@linum/tensor/core'
import { checkExtent, computation, parameterMaker } from '../parameter.js'
import type { FloatDType, PromoteDtype } from '../promote-dtype.js'
import { makeBias, makeScale } from './affine.js'
import { type Axes, type CenteredNormOptions, type MaskOptions, normalizePerExample } from './per-example.js'

export interface LayerNormOptions extends CenteredNormOptions {
  /** The axes that the statistics are taken over; the last by default. */
  readonly reductionAxes?: Axes
}

/** Normalizes each example by its own mean and variance over the features. Ba et al. 2016. */
export class LayerNorm extends Module implements Layer<TensorLike, Tensor> {
  /** [numFeatures], or null. */
  scale: Param | null
  /** [numFeatures], or null. */
  bias: Param | null
  readonly numFeatures: number
  readonly epsilon: number
  readonly reductionAxes: Axes
  readonly featureAxes: Axes
  readonly useFastVariance: boolean
  declare readonly axisName?: AxisName | null
  declare readonly dtype: FloatDType | null
  declare readonly promoteDtype?: PromoteDtype

  constructor(numFeatures: number, options: LayerNormOptions) {
    super()
    const makeParam = parameterMaker('LayerNorm', options)
    const { epsilon = 1e-6, reductionAxes = -1, featureAxes = -1, useFastVariance = true, axisName = null } = options
    this.numFeatures = checkExtent('LayerNorm', 'numFeatures', numFeatures)
    this.scale = makeScale(makeParam, numFeatures, options)
    this.bias = makeBias(makeParam, numFeatures, options)
    this.epsilon = epsilon
    this.reductionAxes = reductionAxes
    this.featureAxes = featureAxes
    this.useFastVariance = useFastVariance
    Object.assign(this, computation('LayerNorm', options), axisName === null ? {} : { axisName })
  }

  /** Throws ShapeError where the feature axes of x do not hold `numFeatures`. */
  forward(x: TensorLike, { mask }: MaskOptions = {}): Tensor {
    const fn = 'LayerNorm.forward'
    return normalizePerExample(fn, this, x, mask, (t) => checkAxes(fn, this.reductionAxes, t.ndim), true)
  }
}
