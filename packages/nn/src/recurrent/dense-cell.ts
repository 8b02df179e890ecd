import { type Metadata, Rngs, RngStream } from '@linum/graph'
import { type Shape, ShapeError, type Tensor, type TensorLike } from '@linum/tensor'
import { formatShape } from '@linum/tensor/core'
import { sigmoid, tanh } from '../activations.js'
import { zeros } from '../initializers/constant.js'
import type { Initializer } from '../initializers/initializer.js'
import { orthogonal } from '../initializers/orthogonal.js'
import { defaultKernelInit, type LinearOptions } from '../linear.js'
import { numberOperand } from '../operand.js'
import { checkExtent, checkFloat, checkRngs, type ParameterOptions } from '../parameter.js'
import type { FloatDType } from '../promote-dtype.js'
import { type CarryOptions, RNNCellBase } from './cell.js'

/** A function of each element. */
export type Activation = (x: Tensor) => Tensor

export interface CellOptions extends ParameterOptions {
  /** `tanh` by default. */
  readonly activationFn?: Activation
  /** For the kernels of the input; `lecunNormal()` by default. */
  readonly kernelInit?: Initializer
  /** For the kernels of the hidden state; `orthogonal()` by default. */
  readonly recurrentKernelInit?: Initializer
  /** `zeros` by default. */
  readonly biasInit?: Initializer
  /** For the carry that `initializeCarry` makes; `zeros` by default. */
  readonly carryInit?: Initializer
  readonly kernelMetadata?: Metadata<Tensor>
  readonly recurrentKernelMetadata?: Metadata<Tensor>
  readonly biasMetadata?: Metadata<Tensor>
}

export interface GatedCellOptions extends CellOptions {
  /** `sigmoid` by default. */
  readonly gateFn?: Activation
}

export const gateFnOf = ({ gateFn = sigmoid }: GatedCellOptions): Activation => gateFn

const defaultRecurrentKernelInit: Initializer = orthogonal()

const linearOptions = (options: CellOptions): LinearOptions => {
  const { rngs, paramDtype = 'float32', dtype = null, promoteDtype, biasInit = zeros, biasMetadata = {} } = options
  return { rngs, paramDtype, dtype, ...(promoteDtype && { promoteDtype }), biasInit, biasMetadata }
}

/** What the map of the inputs is made with. */
export const inputMap = (options: CellOptions): LinearOptions => ({
  ...linearOptions(options),
  kernelInit: options.kernelInit ?? defaultKernelInit,
  kernelMetadata: options.kernelMetadata ?? {},
})

/** What the map of the hidden state is made with. */
export const hiddenMap = (options: CellOptions): LinearOptions => ({
  ...linearOptions(options),
  kernelInit: options.recurrentKernelInit ?? defaultRecurrentKernelInit,
  kernelMetadata: options.recurrentKernelMetadata ?? {},
})

const checkFeatures = (fn: string, argument: string, x: TensorLike, extent: number, parameter: string): Tensor => {
  const t = numberOperand(fn, x)
  if (t.shape.at(-1) === extent) return t
  throw new ShapeError(
    `${fn}: the last axis of ${argument} must be ${extent} (${parameter}), got shape ${formatShape(t.shape)}`,
  )
}

/** A cell whose inputs are vectors and whose hidden state is one too. */
export abstract class DenseCell<Carry> extends RNNCellBase<Carry> {
  readonly inFeatures: number
  readonly hiddenFeatures: number
  readonly activationFn: Activation
  readonly carryInit: Initializer | null
  /** The dtype of the parameters, and of the carry that `initializeCarry` makes. */
  readonly paramDtype: FloatDType

  constructor(cell: string, inFeatures: number, hiddenFeatures: number, options: CellOptions) {
    super()
    checkRngs(cell, options?.rngs)
    this.inFeatures = checkExtent(cell, 'inFeatures', inFeatures)
    this.hiddenFeatures = checkExtent(cell, 'hiddenFeatures', hiddenFeatures)
    this.activationFn = options.activationFn ?? tanh
    this.carryInit = options.carryInit ?? null
    this.paramDtype = checkFloat(cell, 'paramDtype', options.paramDtype ?? 'float32')
  }

  get numFeatureAxes(): number {
    return 1
  }

  /** The inputs and the hidden state of a step. Throws ShapeError where they are not of the cell's features. */
  protected operands(fn: string, inputs: TensorLike, hidden: TensorLike): readonly [inputs: Tensor, hidden: Tensor] {
    return [
      checkFeatures(fn, 'inputs', inputs, this.inFeatures, 'inFeatures'),
      checkFeatures(fn, 'the carry', hidden, this.hiddenFeatures, 'hiddenFeatures'),
    ]
  }

  /** A function that makes one tensor of the carry after the other. Throws TypeError without random keys. */
  protected carryMaker(fn: string, inputShape: Shape, { rngs, carryInit }: CarryOptions): () => Tensor {
    if (!(rngs instanceof Rngs || rngs instanceof RngStream))
      throw new TypeError(
        `${fn}: rngs must be an Rngs or an RngStream, for the carry may be random, got ${rngs === null || rngs === undefined ? 'none' : typeof rngs}; pass { rngs: new Rngs(0) }`,
      )
    if (inputShape.length === 0)
      throw new ShapeError(`${fn}: inputShape must be [...batch, features], got ${formatShape(inputShape)}`)
    const init = carryInit ?? this.carryInit ?? zeros
    const stream = rngs instanceof Rngs ? rngs.stream('carry') : rngs
    return () => init(stream.next(), [...inputShape.slice(0, -1), this.hiddenFeatures], { dtype: this.paramDtype })
  }
}
