import type { AxisName } from '@linum/autodiff'
import { type Layer, Module, type Param } from '@linum/graph'
import { reshape, ShapeError, type Tensor, type TensorLike } from '@linum/tensor'
import { checkAxes } from '@linum/tensor/core'
import { featureOperand } from '../operand.js'
import { checkExtent, computation, parameterMaker } from '../parameter.js'
import { computeDtype, type FloatDType, promoted, type PromoteDtype } from '../promote-dtype.js'
import { type AffineOptions, makeBias, makeScale } from './affine.js'
import type { MaskOptions } from './per-example.js'
import { maskOperand, normalize, statistics } from './statistics.js'

export interface GroupNormOptions extends AffineOptions {
  /** 32 by default; null where `groupSize` says it. */
  readonly numGroups?: number | null
  /** Features per group, instead of `numGroups`. */
  readonly groupSize?: number | null
  readonly epsilon?: number
  /** The axes that the statistics are taken over, the last among them; all but the first by default. */
  readonly reductionAxes?: readonly number[] | null
  /** The name of an axis of a running `vmap`, or several, to average the statistics over. */
  readonly axisName?: AxisName | null
  /** E[x²] - E[x]² in one pass (the default), instead of E[(x - E[x])²]. */
  readonly useFastVariance?: boolean
}

const countGroups = (numFeatures: number, numGroups: number | null, groupSize: number | null): number => {
  if ((numGroups === null) === (groupSize === null)) {
    throw new RangeError(
      `GroupNorm: Either \`numGroups\` or \`groupSize\` should be specified, got ${numGroups} and ${groupSize}. If \`groupSize\` is to be specified, pass \`numGroups: null\` to override the default of 32.`,
    )
  }
  if (groupSize !== null) {
    if (numFeatures % checkExtent('GroupNorm', 'groupSize', groupSize) === 0) return numFeatures / groupSize
    throw new RangeError(
      `GroupNorm: Number of features (${numFeatures}) is not multiple of the group size (${groupSize}).`,
    )
  }
  if (numFeatures % checkExtent('GroupNorm', 'numGroups', numGroups) === 0) return numGroups!
  throw new RangeError(
    `GroupNorm: Number of groups (${numGroups}) does not divide the number of channels (${numFeatures}).`,
  )
}

/** Normalizes each example by the mean and variance of each of its groups of features. Wu and He 2018. */
export class GroupNorm extends Module implements Layer<TensorLike, Tensor> {
  /** [numFeatures], or null. */
  scale: Param | null
  /** [numFeatures], or null. */
  bias: Param | null
  readonly numFeatures: number
  readonly numGroups: number
  readonly groupSize: number
  readonly epsilon: number
  readonly reductionAxes: readonly number[] | null
  readonly useFastVariance: boolean
  declare readonly axisName?: AxisName | null
  declare readonly dtype: FloatDType | null
  declare readonly promoteDtype?: PromoteDtype

  constructor(numFeatures: number, options: GroupNormOptions) {
    super()
    const makeParam = parameterMaker('GroupNorm', options)
    const { numGroups = 32, groupSize = null, epsilon = 1e-6, reductionAxes = null, useFastVariance = true } = options
    this.numFeatures = checkExtent('GroupNorm', 'numFeatures', numFeatures)
    this.numGroups = countGroups(numFeatures, numGroups, groupSize)
    this.groupSize = numFeatures / this.numGroups
    this.scale = makeScale(makeParam, numFeatures, options)
    this.bias = makeBias(makeParam, numFeatures, options)
    this.epsilon = epsilon
    this.reductionAxes = reductionAxes
    this.useFastVariance = useFastVariance
    const { axisName = null } = options
    Object.assign(this, computation('GroupNorm', options), axisName === null ? {} : { axisName })
  }

  /** Throws ShapeError where the last axis of x is not `numFeatures`. */
  forward(x: TensorLike, { mask }: MaskOptions = {}): Tensor {
    const fn = 'GroupNorm.forward'
    const checked = featureOperand(fn, x, this.numFeatures, 'numFeatures')
    const [t, scale, bias] = promoted(fn, this, checked, this.scale, this.bias)
    const last = t.ndim - 1
    const axes =
      this.reductionAxes === null
        ? t.shape.map((_, i) => i).filter((i) => i > 0 || i === last)
        : checkAxes(fn, this.reductionAxes, t.ndim)
    if (!axes.includes(last))
      throw new ShapeError(
        `${fn}: reductionAxes must include the last axis, got [${axes.join(', ')}] for ${t.ndim} axes`,
      )
    // The features become two axes, groups and members; members are reduced in place of features.
    const members = axes.map((axis) => (axis === last ? t.ndim : axis))
    const grouped = (y: Tensor): Tensor => reshape(y, [...y.shape.slice(0, -1), this.numGroups, this.groupSize])
    const selected = maskOperand(fn, mask, t)
    const g = grouped(t)
    const own = statistics(g, {
      axis: members,
      keepdims: true,
      fast: this.useFastVariance,
      mask: selected && groupedMask(selected, grouped),
      axisName: this.axisName,
    })
    const place = (values: Tensor | null): Tensor | null => (values === null ? null : grouped(values))
    const dtype = computeDtype([t, scale, bias], { dtype: this.dtype })
    return reshape(normalize(g, own, this.epsilon, place(scale), place(bias), dtype), t.shape)
  }
}

/** A mask that is the same for all features has one extent for groups and members alike. */
const groupedMask = (mask: Tensor, grouped: (y: Tensor) => Tensor): Tensor =>
  mask.ndim === 0 ? mask : mask.shape.at(-1) === 1 ? reshape(mask, [...mask.shape, 1]) : grouped(mask)
