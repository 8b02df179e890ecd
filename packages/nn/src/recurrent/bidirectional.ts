import { Module, Rngs, type RngStream } from '@linum/graph'
import { concatenate, type Tensor, type TensorLike } from '@linum/tensor'
import { type CarryRngs, carryStream, type RNNCallOptions, type RNNOutput } from './rnn.js'

/** What runs over sequences: an `RNN`, or something with its `forward`. */
export interface SequenceLayer<C = unknown> extends Module {
  forward(inputs: TensorLike, options: RNNCallOptions<C, true>): readonly [carry: C, outputs: Tensor]
}

export interface BidirectionalOptions<R extends boolean = boolean> {
  /** Makes one output of that of each direction; `concatenate` along the features by default. */
  readonly mergeFn?: (forward: Tensor, backward: Tensor) => Tensor
  /** Whether time is the first axis instead of the last before the features. */
  readonly timeMajor?: boolean
  /** Whether `forward` returns `[[forward carry, backward carry], outputs]`. */
  readonly returnCarry?: R
  /** For carries that a call does not give; true by default. */
  readonly rngs?: CarryRngs
}

export type BidirectionalCallOptions<F = unknown, B = unknown, Q extends boolean = boolean> = Pick<
  RNNCallOptions<readonly [forward: F, backward: B], Q>,
  'initialCarry' | 'seqLengths' | 'returnCarry' | 'timeMajor' | 'rngs'
>

const concatenated = (forward: Tensor, backward: Tensor): Tensor => concatenate([forward, backward], { axis: -1 })

/** Two layers over the same sequences, one in each direction, whose outputs are merged. Schuster and Paliwal 1997. */
export class Bidirectional<F = unknown, B = unknown, R extends boolean = false> extends Module {
  forwardRnn: SequenceLayer<F>
  backwardRnn: SequenceLayer<B>
  readonly mergeFn: (forward: Tensor, backward: Tensor) => Tensor
  readonly timeMajor: boolean
  readonly returnCarry: R
  rngs: RngStream | null

  constructor(forwardRnn: SequenceLayer<F>, backwardRnn: SequenceLayer<B>, options: BidirectionalOptions<R> = {}) {
    super()
    if ((forwardRnn as unknown) === backwardRnn)
      console.warn(
        'Bidirectional: forwardRnn and backwardRnn are the same object, so they share parameters; make two of them',
      )
    this.forwardRnn = forwardRnn
    this.backwardRnn = backwardRnn
    this.mergeFn = options.mergeFn ?? concatenated
    this.timeMajor = options.timeMajor ?? false
    this.returnCarry = (options.returnCarry ?? false) as R
    this.rngs = carryStream('Bidirectional', options.rngs ?? true)
  }

  /** Throws as the layers do. */
  forward<Q extends boolean = R>(
    inputs: TensorLike,
    options: BidirectionalCallOptions<F, B, Q> = {},
  ): RNNOutput<readonly [forward: F, backward: B], Q> {
    const { initialCarry = null, seqLengths = null, timeMajor = this.timeMajor } = options
    const given = options.rngs ?? this.rngs
    const rngs = given instanceof Rngs ? given.stream('carry') : given
    const shared = { rngs, seqLengths, timeMajor, returnCarry: true } as const
    const [forwardCarry, forward] = this.forwardRnn.forward(inputs, {
      ...shared,
      initialCarry: initialCarry?.[0] ?? null,
      reverse: false,
    })
    const [backwardCarry, backward] = this.backwardRnn.forward(inputs, {
      ...shared,
      initialCarry: initialCarry?.[1] ?? null,
      reverse: true,
      keepOrder: true,
    })
    const { mergeFn } = this
    const outputs = mergeFn(forward, backward)
    const returnCarry: boolean = options.returnCarry ?? this.returnCarry
    return (returnCarry ? [[forwardCarry, backwardCarry], outputs] : outputs) as RNNOutput<readonly [F, B], Q>
  }
}
