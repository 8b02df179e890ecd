import { Module, type Rngs, type RngStream } from '@linum/graph'
import type { Shape, Tensor, TensorLike } from '@linum/tensor'
import type { Initializer } from '../initializers/initializer.js'

export interface CarryOptions {
  /** What the initializer draws from: the stream `carry`, or the default one. */
  readonly rngs?: Rngs | RngStream | null
  /** In place of the cell's. */
  readonly carryInit?: Initializer
}

/**
 * One step of a recurrent network: `forward(carry, inputs)` gives `[carry, output]`. The base of the cells here and of
 * one's own, which `RNN` applies to sequences.
 */
export abstract class RNNCellBase<Carry = unknown> extends Module {
  /** How many trailing axes of the inputs are features; those before are of the batch. */
  abstract get numFeatureAxes(): number

  /** The first carry, for inputs of that shape at one step: [...batch, ...features]. */
  abstract initializeCarry(inputShape: Shape, options?: CarryOptions): Carry

  // What the first carry is, is the type of all; a step may take more.
  abstract forward(carry: NoInfer<Carry>, inputs: TensorLike): readonly [carry: NoInfer<Carry>, output: Tensor]
}
