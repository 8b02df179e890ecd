import { add, multiply, type Shape, split, subtract, type Tensor, type TensorLike } from '@linum/tensor'
import { Linear } from '../linear.js'
import type { CarryOptions } from './cell.js'
import { type Activation, DenseCell, type GatedCellOptions, gateFnOf, hiddenMap, inputMap } from './dense-cell.js'

/**
 * Gated recurrent unit: r and z are sigmoid of the sums of both maps, n = tanh(x_n + r * h_n) and
 * h' = (1 - z) * n + z * h. Only the map of the inputs has a bias, so that none stands inside of r * h_n.
 * Cho et al. 2014.
 */
export class GRUCell extends DenseCell<Tensor> {
  readonly gateFn: Activation
  /** Of r, z and n together, as is `denseH`. */
  denseI: Linear
  denseH: Linear

  constructor(inFeatures: number, hiddenFeatures: number, options: GatedCellOptions) {
    super('GRUCell', inFeatures, hiddenFeatures, options)
    this.gateFn = gateFnOf(options)
    this.denseI = new Linear(inFeatures, 3 * hiddenFeatures, inputMap(options))
    this.denseH = new Linear(hiddenFeatures, 3 * hiddenFeatures, { ...hiddenMap(options), useBias: false })
  }

  /** Throws ShapeError where the last axis of inputs is not `inFeatures`, or that of the carry not `hiddenFeatures`. */
  forward(carry: TensorLike, inputs: TensorLike): readonly [carry: Tensor, output: Tensor] {
    const [x, h] = this.operands('GRUCell.forward', inputs, carry)
    const [xr, xz, xn] = split(this.denseI.forward(x), 3, { axis: -1 }) as [Tensor, Tensor, Tensor]
    const [hr, hz, hn] = split(this.denseH.forward(h), 3, { axis: -1 }) as [Tensor, Tensor, Tensor]
    const r = this.gateFn(add(xr, hr))
    const z = this.gateFn(add(xz, hz))
    const n = this.activationFn(add(xn, multiply(r, hn)))
    const next = add(multiply(subtract(1, z), n), multiply(z, h))
    return [next, next]
  }

  /** Throws TypeError without `rngs`. */
  initializeCarry(inputShape: Shape, options: CarryOptions = {}): Tensor {
    return this.carryMaker('GRUCell.initializeCarry', inputShape, options)()
  }
}
