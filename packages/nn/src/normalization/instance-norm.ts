import type { AxisName } from '@linum/autodiff'
import { type Layer, Module, type Param } from '@linum/graph'
import { ShapeError, type Tensor, type TensorLike } from '@linum/tensor'
import { formatShape } from '@linum/tensor/core'
import { checkExtent, computation, parameterMaker } from '../parameter.js'
import type { FloatDType, PromoteDtype } from '../promote-dtype.js'
import { makeBias, makeScale } from './affine.js'
import { type Axes, type CenteredNormOptions, type MaskOptions, normalizePerExample } from './per-example.js'

export type InstanceNormOptions = CenteredNormOptions

/**
 * Normalizes each feature of each example by its mean and variance over all other axes but the first, which is the batch.
 * Ulyanov et al. 2016.
 */
export class InstanceNorm extends Module implements Layer<TensorLike, Tensor> {
  /** [numFeatures], or null. */
  scale: Param | null
  /** [numFeatures], or null. */
  bias: Param | null
  readonly numFeatures: number
  readonly epsilon: number
  readonly featureAxes: Axes
  readonly useFastVariance: boolean
  declare readonly axisName?: AxisName | null
  declare readonly dtype: FloatDType | null
  declare readonly promoteDtype?: PromoteDtype

  constructor(numFeatures: number, options: InstanceNormOptions) {
    super()
    const makeParam = parameterMaker('InstanceNorm', options)
    const { epsilon = 1e-6, featureAxes = -1, useFastVariance = true, axisName = null } = options
    this.numFeatures = checkExtent('InstanceNorm', 'numFeatures', numFeatures)
    this.scale = makeScale(makeParam, numFeatures, options)
    this.bias = makeBias(makeParam, numFeatures, options)
    this.epsilon = epsilon
    this.featureAxes = featureAxes
    this.useFastVariance = useFastVariance
    Object.assign(this, computation('InstanceNorm', options), axisName === null ? {} : { axisName })
  }

  /** Throws ShapeError where the feature axes of x do not hold `numFeatures`, or are the batch. */
  forward(x: TensorLike, { mask }: MaskOptions = {}): Tensor {
    const fn = 'InstanceNorm.forward'
    const others = (t: Tensor, features: readonly number[]): readonly number[] => {
      if (features.includes(0))
        throw new ShapeError(
          `${fn}: featureAxes cannot include the first axis, which is the batch, got ${JSON.stringify(this.featureAxes)} for shape ${formatShape(t.shape)}`,
        )
      return t.shape.map((_, i) => i).filter((i) => i !== 0 && !features.includes(i))
    }
    return normalizePerExample(fn, this, x, mask, others, true)
  }
}
