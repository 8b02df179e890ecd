import { type Layer, type Metadata, Module, type Param } from '@linum/graph'
import {
  add,
  convGeneralDilated,
  type ConvOptions as GeneralOptions,
  multiply,
  pad,
  type Shape,
  ShapeError,
  type Tensor,
  type TensorLike,
  type WindowPadding,
} from '@linum/tensor'
import { dilated, formatShape, sameShape } from '@linum/tensor/core'
import type { Initializer } from '../initializers/initializer.js'
import { zeros } from '../initializers/constant.js'
import { defaultKernelInit } from '../linear.js'
import { checkExtent, computation, parameterMaker, type ParameterOptions } from '../parameter.js'
import { type FloatDType, promoted, type PromoteDtype } from '../promote-dtype.js'
import {
  canonicalPadding,
  featuresLast,
  kernelExtents,
  oneBatchAxis,
  type Padding,
  type Pair,
  type PerAxis,
  perAxis,
} from './geometry.js'

/** What all layers that convolve take. */
export interface KernelOptions extends ParameterOptions {
  readonly useBias?: boolean
  /** What the kernel is multiplied by; of its shape. */
  readonly mask?: Tensor | null
  /** `lecunNormal()` by default. */
  readonly kernelInit?: Initializer
  /** `zeros` by default. */
  readonly biasInit?: Initializer
  readonly kernelMetadata?: Metadata<Tensor>
  readonly biasMetadata?: Metadata<Tensor>
  /** The dtype of sums and result; not narrower than that of the computation. */
  readonly preferredElementType?: FloatDType
}

/**
 * How a convolution reaches over the edges: not at all (`VALID`), by zeros for an output of extent / stride (`SAME`, an odd
 * one after, or `SAME_LOWER`, before), by the other end (`CIRCULAR`), mirrored (`REFLECT`), or by zeros before alone, so
 * that no output sees what comes later (`CAUSAL`, with one spatial axis).
 */
export type ConvPadding = Padding<'SAME' | 'SAME_LOWER' | 'VALID' | 'CIRCULAR' | 'REFLECT' | 'CAUSAL'>

/** A convolution with the signature of `convGeneralDilated`. */
export type ConvGeneralDilated = (
  x: Tensor,
  kernel: Tensor,
  strides: readonly number[],
  padding: WindowPadding,
  options: GeneralOptions,
) => Tensor

export interface ConvOptions extends KernelOptions {
  /** One number for all spatial axes, or one for each, as in the other options. 1 by default. */
  readonly strides?: PerAxis | null
  /** `SAME` by default. */
  readonly padding?: ConvPadding
  /** Spreads x apart, which makes a transposed convolution; needs padding by numbers. */
  readonly inputDilation?: PerAxis | null
  /** Spreads the kernel apart. */
  readonly kernelDilation?: PerAxis | null
  /** Cuts the features into groups that do not see each other. */
  readonly featureGroupCount?: number
  /** In place of the `convGeneralDilated` of tensors. */
  readonly convGeneralDilated?: ConvGeneralDilated
}

const modes = ['SAME', 'SAME_LOWER', 'VALID', 'CIRCULAR', 'REFLECT', 'CAUSAL'] as const
type Mode = (typeof modes)[number]

const checkGroups = (inFeatures: number, outFeatures: number, groups: number): number => {
  if (inFeatures % checkExtent('Conv', 'featureGroupCount', groups) === 0 && outFeatures % groups === 0) return groups
  throw new RangeError(
    `Conv: featureGroupCount must divide inFeatures and outFeatures, got ${groups} for ${inFeatures} and ${outFeatures}`,
  )
}

/** A mask for a kernel, checked to have its shape. */
export const checkMask = (layer: string, mask: Tensor | null, shape: Shape): Tensor | null => {
  if (mask === null || sameShape(mask.shape, shape)) return mask
  throw new ShapeError(
    `${layer}: mask must have the shape of the kernel, ${formatShape(shape)}, got ${formatShape(mask.shape)}`,
  )
}

/** The kernel where its mask lets it through. */
export const maskedKernel = ({
  kernel,
  mask,
}: {
  readonly kernel: Param
  readonly mask: Tensor | null
}): Param | Tensor => (mask === null ? kernel : multiply(kernel, mask))

/** A convolution (the kernel is not flipped) over the last axes but one, with the features in the last. */
export class Conv extends Module implements Layer<TensorLike, Tensor> {
  /** [...kernelSize, inFeatures / featureGroupCount, outFeatures]. */
  kernel: Param
  /** [outFeatures], or null. */
  bias: Param | null
  mask: Tensor | null
  readonly inFeatures: number
  readonly outFeatures: number
  readonly kernelSize: readonly number[]
  readonly strides: readonly number[]
  readonly padding: Mode | readonly Pair[]
  readonly inputDilation: readonly number[]
  readonly kernelDilation: readonly number[]
  readonly featureGroupCount: number
  declare readonly dtype: FloatDType | null
  declare readonly promoteDtype?: PromoteDtype
  declare readonly convGeneralDilated?: ConvGeneralDilated
  declare readonly preferredElementType?: FloatDType

  constructor(inFeatures: number, outFeatures: number, kernelSize: PerAxis, options: ConvOptions) {
    super()
    const makeParam = parameterMaker('Conv', options)
    const { useBias = true, kernelInit = defaultKernelInit, biasInit = zeros, mask = null } = options
    const { strides = 1, padding = 'SAME', inputDilation = 1, kernelDilation = 1, featureGroupCount = 1 } = options
    const { convGeneralDilated: convolve, preferredElementType } = options
    this.inFeatures = checkExtent('Conv', 'inFeatures', inFeatures)
    this.outFeatures = checkExtent('Conv', 'outFeatures', outFeatures)
    this.kernelSize = kernelExtents('Conv', kernelSize)
    const spatial = this.kernelSize.length
    this.strides = perAxis('Conv', 'strides', strides, spatial)
    this.padding = canonicalPadding('Conv', modes, padding, spatial)
    this.inputDilation = perAxis('Conv', 'inputDilation', inputDilation, spatial)
    this.kernelDilation = perAxis('Conv', 'kernelDilation', kernelDilation, spatial)
    this.featureGroupCount = checkGroups(inFeatures, outFeatures, featureGroupCount)
    if (typeof this.padding === 'string' && this.inputDilation.some((d) => d !== 1))
      throw new RangeError(
        `Conv: padding '${this.padding}' has no meaning with inputDilation [${this.inputDilation.join(', ')}]; give numbers, or use ConvTranspose`,
      )
    if (this.padding === 'CAUSAL' && spatial !== 1)
      throw new RangeError(
        `Conv: Causal padding is only implemented for 1D convolutions, got kernelSize [${this.kernelSize.join(', ')}]`,
      )
    const kernelShape = [...this.kernelSize, inFeatures / featureGroupCount, outFeatures]
    this.mask = checkMask('Conv', mask, kernelShape)
    this.kernel = makeParam('kernelInit', kernelInit, kernelShape, options.kernelMetadata)
    this.bias = useBias ? makeParam('biasInit', biasInit, [outFeatures], options.biasMetadata) : null
    Object.assign(
      this,
      computation('Conv', options),
      convolve === undefined ? {} : { convGeneralDilated: convolve },
      preferredElementType === undefined ? {} : { preferredElementType },
    )
  }

  /**
   * x is [...batch, ...spatial, inFeatures], with any number of batch axes; so is the result. Throws ShapeError where it
   * is not.
   */
  forward(x: TensorLike): Tensor {
    const fn = 'Conv.forward'
    const spatial = this.kernelSize.length
    const [flat, restore] = oneBatchAxis(fn, x, spatial, this.inFeatures)
    const [t, kernel, bias] = promoted(fn, this, flat, maskedKernel(this), this.bias)
    const [padded, padding] = this.pad(fn, t)
    const { convGeneralDilated: convolve = convGeneralDilated, preferredElementType } = this
    const y = convolve(padded, kernel, this.strides, padding, {
      lhsDilation: this.inputDilation,
      rhsDilation: this.kernelDilation,
      dimensionNumbers: featuresLast(spatial),
      groups: this.featureGroupCount,
      ...(preferredElementType === undefined ? {} : { preferredElementType }),
    })
    return restore(bias === null ? y : add(y, bias))
  }

  /** x with the padding that a convolution cannot do by itself, and the padding that is left to it. */
  private pad(fn: string, x: Tensor): readonly [Tensor, WindowPadding] {
    const reach = this.kernelSize.map((k, i) => dilated(k, this.kernelDilation[i]!))
    const { padding } = this
    if (padding === 'CAUSAL') return [x, reach.map((k): Pair => [k - 1, 0])]
    if (padding !== 'CIRCULAR' && padding !== 'REFLECT') return [x, padding]
    const around = reach.map((k): Pair => [(k - 1) >> 1, k >> 1])
    if (x.shape.slice(1, -1).includes(0))
      throw new ShapeError(
        `${fn}: padding '${padding}' needs elements along all spatial axes, got shape ${formatShape(x.shape)}`,
      )
    const widths: readonly Pair[] = [[0, 0], ...around, [0, 0]]
    return [pad(x, widths, { mode: padding === 'CIRCULAR' ? 'wrap' : 'reflect' }), 'VALID']
  }
}
