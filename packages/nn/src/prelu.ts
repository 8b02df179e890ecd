import { type Layer, type Metadata, Module, Param } from '@linum/graph'
import { full, greaterEqual, multiply, type Tensor, type TensorLike, where } from '@linum/tensor'
import { toTensor } from '@linum/tensor/core'
import { floatOperand } from './operand.js'
import { checkFloat, computation, type ComputationOptions } from './parameter.js'
import { type FloatDType, promoted, type PromoteDtype } from './promote-dtype.js'

export interface PReLUOptions extends ComputationOptions {
  readonly negativeSlopeMetadata?: Metadata<Tensor>
}

/** x from 0 on, else a learned slope times x. Without a `dtype` the result has that of x. He et al. 2015. */
export class PReLU extends Module implements Layer<TensorLike, Tensor> {
  /** A scalar. */
  negativeSlope: Param
  declare readonly dtype: FloatDType | null
  declare readonly promoteDtype?: PromoteDtype

  constructor(negativeSlopeInit = 0.01, options: PReLUOptions = {}) {
    super()
    const dtype = checkFloat('PReLU', 'paramDtype', options.paramDtype ?? 'float32')
    if (typeof negativeSlopeInit !== 'number')
      throw new TypeError(`PReLU: negativeSlopeInit must be a number, got ${typeof negativeSlopeInit}`)
    this.negativeSlope = new Param(full([], negativeSlopeInit, { dtype }), options.negativeSlopeMetadata)
    Object.assign(this, computation('PReLU', options))
  }

  forward(x: TensorLike): Tensor {
    const fn = 'PReLU.forward'
    const own = floatOperand(fn, x)
    const [t, slope] =
      this.dtype === null
        ? [own, toTensor(fn, this.negativeSlope).astype(own.dtype)]
        : promoted(fn, this, own, this.negativeSlope)
    return where(greaterEqual(t, 0), t, multiply(slope, t))
  }
}
