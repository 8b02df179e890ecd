import { type Layer, type Metadata, Module, type Param } from '@linum/graph'
import { add, dotGeneral, type DotGeneralOptions, type Tensor, type TensorLike } from '@linum/tensor'
import type { Initializer } from './initializers/initializer.js'
import { zeros } from './initializers/constant.js'
import { lecunNormal } from './initializers/variance-scaling.js'
import { featureOperand } from './operand.js'
import { checkExtent, computation, parameterMaker, type ParameterOptions } from './parameter.js'
import { type FloatDType, promoted, type PromoteDtype } from './promote-dtype.js'

/** A product with the signature of `dotGeneral`. */
export type DotGeneral = (a: Tensor, b: Tensor, options: DotGeneralOptions) => Tensor

/** How a layer multiplies. */
export interface ProductOptions {
  /** In place of the `dotGeneral` of tensors. */
  readonly dotGeneral?: DotGeneral
  /** The dtype of sums and product; not narrower than that of the computation. */
  readonly preferredElementType?: FloatDType
}

export interface LinearOptions extends ParameterOptions, ProductOptions {
  readonly useBias?: boolean
  /** `lecunNormal()` by default. */
  readonly kernelInit?: Initializer
  /** `zeros` by default. */
  readonly biasInit?: Initializer
  readonly kernelMetadata?: Metadata<Tensor>
  readonly biasMetadata?: Metadata<Tensor>
}

export const defaultKernelInit: Initializer = lecunNormal()

/** The options of a product that are given, to be assigned to a layer. */
export const productOptions = ({ dotGeneral: product, preferredElementType }: ProductOptions): ProductOptions => ({
  ...(product === undefined ? {} : { dotGeneral: product }),
  ...(preferredElementType === undefined ? {} : { preferredElementType }),
})

/** The product of a layer's input and kernel, as its options want it. */
export const product = (
  layer: ProductOptions,
  a: Tensor,
  b: Tensor,
  axes: Pick<DotGeneralOptions, 'contract' | 'batch'>,
): Tensor => {
  const { dotGeneral: multiply = dotGeneral, preferredElementType } = layer
  return multiply(a, b, preferredElementType === undefined ? axes : { ...axes, preferredElementType })
}

/** `x @ kernel + bias` over the last axis of x: [..., din] becomes [..., dout]. */
export class Linear extends Module implements Layer<TensorLike, Tensor> {
  /** [din, dout]. */
  kernel: Param
  /** [dout], or null. */
  bias: Param | null
  readonly inFeatures: number
  readonly outFeatures: number
  declare readonly dtype: FloatDType | null
  declare readonly promoteDtype?: PromoteDtype
  declare readonly dotGeneral?: DotGeneral
  declare readonly preferredElementType?: FloatDType

  constructor(din: number, dout: number, options: LinearOptions) {
    super()
    const makeParam = parameterMaker('Linear', options)
    const { useBias = true, kernelInit = defaultKernelInit, biasInit = zeros } = options
    this.inFeatures = checkExtent('Linear', 'din', din)
    this.outFeatures = checkExtent('Linear', 'dout', dout)
    this.kernel = makeParam('kernelInit', kernelInit, [din, dout], options.kernelMetadata)
    this.bias = useBias ? makeParam('biasInit', biasInit, [dout], options.biasMetadata) : null
    Object.assign(this, computation('Linear', options), productOptions(options))
  }

  /** Throws ShapeError where the last axis of x is not `inFeatures`. */
  forward(x: TensorLike): Tensor {
    const fn = 'Linear.forward'
    const checked = featureOperand(fn, x, this.inFeatures, 'din')
    const [t, kernel, bias] = promoted(fn, this, checked, this.kernel, this.bias)
    const y = product(this, t, kernel, { contract: [[t.ndim - 1], [0]] })
    return bias === null ? y : add(y, bias)
  }
}
