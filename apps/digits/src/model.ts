import { BatchNorm, Dropout, Linear, Module, nn, Param, state, tree, type Rngs, type Tensor } from 'linum'
import { classes, pixels } from './dataset/digits.js'

const dropoutRate = 0.1

/** Linear, batch normalisation, gelu, dropout. */
class Block extends Module {
  readonly linear: Linear
  readonly norm: BatchNorm
  readonly dropout: Dropout

  constructor(din: number, dout: number, { rngs }: { readonly rngs: Rngs }) {
    super()
    this.linear = new Linear(din, dout, { rngs })
    this.norm = new BatchNorm(dout, { momentum: 0.9, rngs })
    this.dropout = new Dropout(dropoutRate, { rngs })
  }

  forward(x: Tensor): Tensor {
    return this.dropout.forward(nn.gelu(this.norm.forward(this.linear.forward(x))))
  }
}

/** Widths of all layers, from the pixels to the classes. */
export const layerWidths = (hidden: readonly number[]): readonly number[] => [pixels, ...hidden, classes]

/** Reads [n, 784] grey levels from 0 to 1, gives [n, 10] logits. */
export class Classifier extends Module {
  readonly blocks: readonly Block[]
  readonly head: Linear

  constructor(hidden: readonly number[], { rngs }: { readonly rngs: Rngs }) {
    super()
    const inputs = [pixels, ...hidden]
    this.blocks = hidden.map((width, i) => new Block(inputs[i] ?? pixels, width, { rngs }))
    this.head = new Linear(inputs.at(-1) ?? pixels, classes, { rngs })
  }

  forward(x: Tensor): Tensor {
    return this.head.forward(this.blocks.reduce((hidden, block) => block.forward(hidden), x))
  }
}

/** The number of trained values. */
export const parameterCount = (model: Classifier): number =>
  tree.leaves(state(model, Param)).reduce<number>((sum, leaf) => sum + (leaf as Tensor).size, 0)
