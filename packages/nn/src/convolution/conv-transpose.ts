import { type Layer, Module, type Param } from '@linum/graph'
import { add, convTranspose, pad, reshape, sum, type Tensor, type TensorLike } from '@linum/tensor'
import { zeros } from '../initializers/constant.js'
import { defaultKernelInit } from '../linear.js'
import { checkExtent, computation, parameterMaker } from '../parameter.js'
import { type FloatDType, promoted, type PromoteDtype } from '../promote-dtype.js'
import { checkMask, type KernelOptions, maskedKernel } from './conv.js'
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

/**
 * The padding of the convolution that this one goes back from: `SAME` gives extents of stride times those of x, `VALID`
 * all that any window touches, `CIRCULAR` those of `SAME` with what goes over the edges coming in at the other end. Numbers
 * pad x, spread apart, as they are.
 */
export type ConvTransposePadding = Padding<'SAME' | 'VALID' | 'CIRCULAR'>

export interface ConvTransposeOptions extends KernelOptions {
  /** How far x is spread apart: one number for all spatial axes, or one for each. 1 by default. */
  readonly strides?: PerAxis | null
  /** `SAME` by default. */
  readonly padding?: ConvTransposePadding
  /** Spreads the kernel apart. */
  readonly kernelDilation?: PerAxis | null
  /** Take the kernel as the convolution has it whose gradient this is: flipped, features in and out exchanged. */
  readonly transposeKernel?: boolean
}

const modes = ['SAME', 'VALID', 'CIRCULAR'] as const

/** A transposed convolution: x is spread apart by the strides, so that its extents grow by them. */
export class ConvTranspose extends Module implements Layer<TensorLike, Tensor> {
  /** [...kernelSize, inFeatures, outFeatures]; the features exchanged with `transposeKernel`. */
  kernel: Param
  /** [outFeatures], or null. */
  bias: Param | null
  mask: Tensor | null
  readonly inFeatures: number
  readonly outFeatures: number
  readonly kernelSize: readonly number[]
  readonly strides: readonly number[]
  readonly padding: (typeof modes)[number] | readonly Pair[]
  readonly kernelDilation: readonly number[]
  readonly transposeKernel: boolean
  declare readonly dtype: FloatDType | null
  declare readonly promoteDtype?: PromoteDtype
  declare readonly preferredElementType?: FloatDType

  constructor(inFeatures: number, outFeatures: number, kernelSize: PerAxis, options: ConvTransposeOptions) {
    super()
    const layer = 'ConvTranspose'
    const makeParam = parameterMaker(layer, options)
    const { useBias = true, kernelInit = defaultKernelInit, biasInit = zeros, mask = null } = options
    const { strides = 1, padding = 'SAME', kernelDilation = 1, transposeKernel = false, preferredElementType } = options
    this.inFeatures = checkExtent(layer, 'inFeatures', inFeatures)
    this.outFeatures = checkExtent(layer, 'outFeatures', outFeatures)
    this.kernelSize = kernelExtents(layer, kernelSize)
    const spatial = this.kernelSize.length
    this.strides = perAxis(layer, 'strides', strides, spatial)
    this.padding = canonicalPadding(layer, modes, padding, spatial)
    this.kernelDilation = perAxis(layer, 'kernelDilation', kernelDilation, spatial)
    this.transposeKernel = transposeKernel
    const features = transposeKernel ? [outFeatures, inFeatures] : [inFeatures, outFeatures]
    const kernelShape = [...this.kernelSize, ...features]
    this.mask = checkMask(layer, mask, kernelShape)
    this.kernel = makeParam('kernelInit', kernelInit, kernelShape, options.kernelMetadata)
    this.bias = useBias ? makeParam('biasInit', biasInit, [outFeatures], options.biasMetadata) : null
    Object.assign(this, computation(layer, options), preferredElementType === undefined ? {} : { preferredElementType })
  }

  /**
   * x is [...batch, ...spatial, inFeatures], with any number of batch axes; so is the result. Throws ShapeError where it
   * is not.
   */
  forward(x: TensorLike): Tensor {
    const fn = 'ConvTranspose.forward'
    const spatial = this.kernelSize.length
    const [flat, restore] = oneBatchAxis(fn, x, spatial, this.inFeatures)
    const [t, kernel, bias] = promoted(fn, this, flat, maskedKernel(this), this.bias)
    const { padding, preferredElementType } = this
    const y = convTranspose(t, kernel, this.strides, padding === 'CIRCULAR' ? 'VALID' : padding, {
      rhsDilation: this.kernelDilation,
      dimensionNumbers: featuresLast(spatial),
      transposeKernel: this.transposeKernel,
      ...(preferredElementType === undefined ? {} : { preferredElementType }),
    })
    const whole = padding === 'CIRCULAR' ? this.wrap(y, t) : y
    return restore(bias === null ? whole : add(whole, bias))
  }

  /** Folds y onto the extents of x times strides, as a ring: padded to whole turns, which are added up. */
  private wrap(y: Tensor, x: Tensor): Tensor {
    const turns = this.strides.map((stride, i) => stride * x.shape[i + 1]!)
    const widths = turns.map((turn, i): Pair => {
      const over = y.shape[i + 1]! - turn
      const missing = (2 * turn - (over % (2 * turn))) % (2 * turn)
      // The odd one goes where Flax puts it, after with the kernel turned round.
      return this.transposeKernel ? [missing >> 1, (missing + 1) >> 1] : [(missing + 1) >> 1, missing >> 1]
    })
    return turns.reduce(
      (part, turn, i) => {
        const rest = part.shape.slice(i + 2)
        return sum(reshape(part, [...part.shape.slice(0, i + 1), -1, turn, ...rest]), { axis: i + 1 })
      },
      pad(y, [[0, 0], ...widths, [0, 0]]),
    )
  }
}
