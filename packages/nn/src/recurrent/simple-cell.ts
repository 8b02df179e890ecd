import { add, type Shape, type Tensor, type TensorLike } from '@linum/tensor'
import { Linear } from '../linear.js'
import type { CarryOptions } from './cell.js'
import { type CellOptions, DenseCell, hiddenMap, inputMap } from './dense-cell.js'

export interface SimpleCellOptions extends CellOptions {
  /** Whether the carry is added before the activation; false by default. */
  readonly residual?: boolean
}

/** The plain recurrence h' = tanh(x @ denseI + b + h @ denseH), with `residual` h' = tanh(... + h). Elman 1990. */
export class SimpleCell extends DenseCell<Tensor> {
  readonly residual: boolean
  denseH: Linear
  denseI: Linear

  /** Unlike the other cells it computes in float32 unless told otherwise. */
  constructor(inFeatures: number, hiddenFeatures: number, options: SimpleCellOptions) {
    super('SimpleCell', inFeatures, hiddenFeatures, options)
    const typed = { ...options, dtype: options.dtype === undefined ? ('float32' as const) : options.dtype }
    this.residual = options.residual ?? false
    this.denseH = new Linear(hiddenFeatures, hiddenFeatures, { ...hiddenMap(typed), useBias: false })
    this.denseI = new Linear(inFeatures, hiddenFeatures, inputMap(typed))
  }

  /** Throws ShapeError where the last axis of inputs is not `inFeatures`, or that of the carry not `hiddenFeatures`. */
  forward(carry: TensorLike, inputs: TensorLike): readonly [carry: Tensor, output: Tensor] {
    const [x, h] = this.operands('SimpleCell.forward', inputs, carry)
    const sum = add(this.denseI.forward(x), this.denseH.forward(h))
    const next = this.activationFn(this.residual ? add(sum, h) : sum)
    return [next, next]
  }

  /** Throws TypeError without `rngs`. */
  initializeCarry(inputShape: Shape, options: CarryOptions = {}): Tensor {
    return this.carryMaker('SimpleCell.initializeCarry', inputShape, options)()
  }
}
