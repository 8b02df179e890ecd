import type { AxisName } from '@linum/autodiff'
import { BatchStat, type Layer, Module, type Param } from '@linum/graph'
import { add, multiply, ones, ShapeError, stopGradient, type Tensor, type TensorLike, zeros } from '@linum/tensor'
import { featureOperand } from '../operand.js'
import { checkExtent, computation, parameterMaker } from '../parameter.js'
import { computeDtype, type FloatDType, promoted, type PromoteDtype } from '../promote-dtype.js'
import { type AffineOptions, makeBias, makeScale, perFeature } from './affine.js'
import { maskOperand, normalize, statistics } from './statistics.js'

export interface BatchNormOptions extends AffineOptions {
  /** True: normalize with the running statistics and leave them alone. Null: every call must say. */
  readonly useRunningAverage?: boolean | null
  /** The axis of features; statistics are over all others. */
  readonly axis?: number
  /** How much of the running statistics stays in each call: `ra = momentum * ra + (1 - momentum) * batch`. */
  readonly momentum?: number
  readonly epsilon?: number
  /** The name of an axis of a running `vmap`, or several, that is part of the batch. */
  readonly axisName?: AxisName | null
  /** E[x²] - E[x]² in one pass (the default), instead of E[(x - E[x])²]. */
  readonly useFastVariance?: boolean
}

export interface BatchNormCallOptions {
  /** In place of the layer's. */
  readonly useRunningAverage?: boolean
  /** Elements that the statistics are taken of; broadcasts against x. */
  readonly mask?: TensorLike
}

/**
 * Normalizes each feature with the mean and the biased variance of the batch, which it also averages over the calls for
 * use in evaluation. No gradient flows into the running statistics. Ioffe and Szegedy 2015.
 */
export class BatchNorm extends Module implements Layer<TensorLike, Tensor> {
  /** [numFeatures], as are the others; null without. The statistics are float32. */
  scale: Param | null
  bias: Param | null
  mean: BatchStat
  var: BatchStat
  readonly numFeatures: number
  /** Set by `train` and `eval`. */
  useRunningAverage: boolean | null
  readonly axis: number
  readonly momentum: number
  readonly epsilon: number
  readonly useFastVariance: boolean
  declare readonly axisName?: AxisName | null
  declare readonly dtype: FloatDType | null
  declare readonly promoteDtype?: PromoteDtype

  constructor(numFeatures: number, options: BatchNormOptions) {
    super()
    const makeParam = parameterMaker('BatchNorm', options)
    const { useRunningAverage = false, axis = -1, momentum = 0.99, epsilon = 1e-5, useFastVariance = true } = options
    this.numFeatures = checkExtent('BatchNorm', 'numFeatures', numFeatures)
    this.mean = new BatchStat(zeros([numFeatures]))
    this.var = new BatchStat(ones([numFeatures]))
    this.scale = makeScale(makeParam, numFeatures, options)
    this.bias = makeBias(makeParam, numFeatures, options)
    this.useRunningAverage = useRunningAverage
    this.axis = axis
    this.momentum = momentum
    this.epsilon = epsilon
    this.useFastVariance = useFastVariance
    const { axisName = null } = options
    Object.assign(this, computation('BatchNorm', options), axisName === null ? {} : { axisName })
  }

  /** Throws ShapeError where `axis` of x is not `numFeatures`, TypeError where nothing says which statistics to use. */
  forward(x: TensorLike, options: BatchNormCallOptions = {}): Tensor {
    const useRunningAverage = options.useRunningAverage ?? this.useRunningAverage
    if (useRunningAverage === null) {
      throw new TypeError(
        'BatchNorm.forward: `useRunningAverage` was given neither to the constructor nor to the call; pass { useRunningAverage }, or call train() or eval() on the model',
      )
    }
    const fn = 'BatchNorm.forward'
    const checked = featureOperand(fn, x, this.numFeatures, 'numFeatures', this.axis)
    const feature = this.axis < 0 ? this.axis + checked.ndim : this.axis
    const [t, mean, variance, scale, bias] = promoted(fn, this, checked, this.mean, this.var, this.scale, this.bias)
    const used = useRunningAverage ? { mean, variance } : this.observe(t, feature, options.mask)
    const place = <T extends Tensor | null>(values: T): Tensor | T => perFeature(values, t, [feature])
    return normalize(
      t,
      { mean: place(used.mean), variance: place(used.variance) },
      this.epsilon,
      place(scale),
      place(bias),
      computeDtype([t, scale, bias], { dtype: this.dtype }),
    )
  }

  /** The statistics of this batch, which the running ones take in. */
  private observe(
    x: Tensor,
    feature: number,
    mask: TensorLike | undefined,
  ): { readonly mean: Tensor; readonly variance: Tensor } {
    const axis = x.shape.map((_, i) => i).filter((i) => i !== feature)
    if (axis.some((i) => x.shape[i] === 0))
      throw new ShapeError(`BatchNorm.forward: an empty batch has no statistics, got shape (${x.shape.join(', ')})`)
    const batch = statistics(x, {
      axis,
      keepdims: false,
      fast: this.useFastVariance,
      mask: maskOperand('BatchNorm.forward', mask, x),
      axisName: this.axisName,
    })
    const blend = (running: BatchStat, value: Tensor): Tensor =>
      add(multiply(this.momentum, running), multiply(1 - this.momentum, stopGradient(value))).astype(
        running.value.dtype,
      )
    const [mean, variance] = [blend(this.mean, batch.mean), blend(this.var, batch.variance)]
    this.mean.value = mean
    this.var.value = variance
    return batch
  }
}
