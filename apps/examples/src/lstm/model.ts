import { classes, side } from 'digits/dataset'
import { Linear, type LSTMCarry, Module, OptimizedLSTMCell, RNN, type Rngs, type Tensor } from 'linum'

/** Reads [n, 28, 28] grey levels row by row, from the top, gives [n, 10] logits. */
export class RowReader extends Module {
  readonly rnn: RNN<LSTMCarry, true>
  readonly head: Linear

  constructor(hidden: number, { rngs }: { readonly rngs: Rngs }) {
    super()
    this.rnn = new RNN(new OptimizedLSTMCell(side, hidden, { rngs }), { returnCarry: true, rngs })
    this.head = new Linear(hidden, classes, { rngs })
  }

  forward(rows: Tensor): Tensor {
    // What the cell remembers after the last row.
    const [[, h]] = this.rnn.forward(rows)
    return this.head.forward(h)
  }
}
