import { type Layer, type Metadata, Module, type Param } from '@linum/graph'
import { add, matmul, type Tensor, type TensorLike } from '@linum/tensor'
import type { Initializer } from './initializers/initializer.js'
import { zeros } from './initializers/constant.js'
import { lecunNormal } from './initializers/variance-scaling.js'
import { featureOperand } from './operand.js'
import { checkExtent, parameterMaker, type ParameterOptions } from './parameter.js'

export interface LinearOptions extends ParameterOptions {
  readonly useBias?: boolean
  /** `lecunNormal()` by default. */
  readonly kernelInit?: Initializer
  /** `zeros` by default. */
  readonly biasInit?: Initializer
  readonly kernelMetadata?: Metadata<Tensor>
  readonly biasMetadata?: Metadata<Tensor>
}

const defaultKernelInit = lecunNormal()

/** `x @ kernel + bias` over the last axis of x: [..., din] becomes [..., dout]. */
export class Linear extends Module implements Layer<TensorLike, Tensor> {
  /** [din, dout]. */
  kernel: Param
  /** [dout], or null. */
  bias: Param | null
  readonly inFeatures: number
  readonly outFeatures: number

  constructor(din: number, dout: number, options: LinearOptions) {
    super()
    const makeParam = parameterMaker('Linear', options)
    const { useBias = true, kernelInit = defaultKernelInit, biasInit = zeros } = options
    this.inFeatures = checkExtent('Linear', 'din', din)
    this.outFeatures = checkExtent('Linear', 'dout', dout)
    this.kernel = makeParam('kernelInit', kernelInit, [din, dout], options.kernelMetadata)
    this.bias = useBias ? makeParam('biasInit', biasInit, [dout], options.biasMetadata) : null
  }

  /** Throws ShapeError where the last axis of x is not `inFeatures`. */
  forward(x: TensorLike): Tensor {
    const y = matmul(featureOperand('Linear.forward', x, this.inFeatures, 'din'), this.kernel)
    return this.bias === null ? y : add(y, this.bias)
  }
}
