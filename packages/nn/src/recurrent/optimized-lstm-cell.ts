import { add, type Shape, split, type Tensor, type TensorLike } from '@linum/tensor'
import { Linear } from '../linear.js'
import type { CarryOptions } from './cell.js'
import { type Activation, DenseCell, type GatedCellOptions, gateFnOf, hiddenMap, inputMap } from './dense-cell.js'
import { type LSTMCarry, lstmStep } from './lstm-cell.js'

/** `LSTMCell` with one product for the input and one for the hidden state, each of all gates together: i, f, g, o. */
export class OptimizedLSTMCell extends DenseCell<LSTMCarry> {
  readonly gateFn: Activation
  denseI: Linear
  denseH: Linear

  constructor(inFeatures: number, hiddenFeatures: number, options: GatedCellOptions) {
    super('OptimizedLSTMCell', inFeatures, hiddenFeatures, options)
    this.gateFn = gateFnOf(options)
    this.denseI = new Linear(inFeatures, 4 * hiddenFeatures, { ...inputMap(options), useBias: false })
    this.denseH = new Linear(hiddenFeatures, 4 * hiddenFeatures, hiddenMap(options))
  }

  /** Throws ShapeError where the last axis of inputs is not `inFeatures`, or that of h not `hiddenFeatures`. */
  forward([c, hidden]: readonly [c: TensorLike, h: TensorLike], inputs: TensorLike): readonly [LSTMCarry, Tensor] {
    const [x, h] = this.operands('OptimizedLSTMCell.forward', inputs, hidden)
    const { gateFn, activationFn } = this
    const all = add(this.denseI.forward(x), this.denseH.forward(h))
    const [i, f, g, o] = split(all, 4, { axis: -1 }) as [Tensor, Tensor, Tensor, Tensor]
    return lstmStep(c, { i: gateFn(i), f: gateFn(f), g: activationFn(g), o: gateFn(o) }, activationFn)
  }

  /** Throws TypeError without `rngs`. */
  initializeCarry(inputShape: Shape, options: CarryOptions = {}): LSTMCarry {
    const make = this.carryMaker('OptimizedLSTMCell.initializeCarry', inputShape, options)
    return [make(), make()]
  }
}
