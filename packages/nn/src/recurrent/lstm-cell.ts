import { add, multiply, type Shape, type Tensor, type TensorLike } from '@linum/tensor'
import { Linear } from '../linear.js'
import type { CarryOptions } from './cell.js'
import { type Activation, DenseCell, type GatedCellOptions, gateFnOf, hiddenMap, inputMap } from './dense-cell.js'

/** The memory c and the last output h, both [...batch, hiddenFeatures]. */
export type LSTMCarry = readonly [c: Tensor, h: Tensor]

/** The gates of an LSTM, applied: c' = f * c + i * g, and h' = o * activation(c'). */
export const lstmStep = (
  c: TensorLike,
  { i, f, g, o }: { readonly [gate in 'i' | 'f' | 'g' | 'o']: Tensor },
  activation: Activation,
): readonly [carry: LSTMCarry, output: Tensor] => {
  const nextC = add(multiply(f, c), multiply(i, g))
  const nextH = multiply(o, activation(nextC))
  return [[nextC, nextH], nextH]
}

/**
 * Long short-term memory with maps of their own for every gate: i, f and o are sigmoid(x @ ii + h @ hi + b) and so on,
 * g = tanh(x @ ig + h @ hg + b), c' = f * c + i * g and h' = o * tanh(c'). Only the maps of the hidden state have biases.
 * Hochreiter and Schmidhuber 1997.
 */
export class LSTMCell extends DenseCell<LSTMCarry> {
  readonly gateFn: Activation
  ii: Linear
  if_: Linear
  ig: Linear
  io: Linear
  hi: Linear
  hf: Linear
  hg: Linear
  ho: Linear

  constructor(inFeatures: number, hiddenFeatures: number, options: GatedCellOptions) {
    super('LSTMCell', inFeatures, hiddenFeatures, options)
    this.gateFn = gateFnOf(options)
    const input = (): Linear => new Linear(inFeatures, hiddenFeatures, { ...inputMap(options), useBias: false })
    const hidden = (): Linear => new Linear(hiddenFeatures, hiddenFeatures, hiddenMap(options))
    this.ii = input()
    this.if_ = input()
    this.ig = input()
    this.io = input()
    this.hi = hidden()
    this.hf = hidden()
    this.hg = hidden()
    this.ho = hidden()
  }

  /** Throws ShapeError where the last axis of inputs is not `inFeatures`, or that of h not `hiddenFeatures`. */
  forward([c, hidden]: readonly [c: TensorLike, h: TensorLike], inputs: TensorLike): readonly [LSTMCarry, Tensor] {
    const [x, h] = this.operands('LSTMCell.forward', inputs, hidden)
    const sum = (ofInput: Linear, ofHidden: Linear): Tensor => add(ofInput.forward(x), ofHidden.forward(h))
    const { gateFn, activationFn } = this
    const gates = {
      i: gateFn(sum(this.ii, this.hi)),
      f: gateFn(sum(this.if_, this.hf)),
      g: activationFn(sum(this.ig, this.hg)),
      o: gateFn(sum(this.io, this.ho)),
    }
    return lstmStep(c, gates, activationFn)
  }

  /** Throws TypeError without `rngs`. */
  initializeCarry(inputShape: Shape, options: CarryOptions = {}): LSTMCarry {
    const make = this.carryMaker('LSTMCell.initializeCarry', inputShape, options)
    return [make(), make()]
  }
}
