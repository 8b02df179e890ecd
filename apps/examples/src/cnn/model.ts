import { Conv, Dropout, Linear, Module, nn, type Rngs, type Tensor } from 'linum'
import { classes, side } from 'digits/images'

/** How wide the layers are. */
export type CnnSizes = { readonly channels: readonly [first: number, second: number]; readonly hidden: number }

/** A convolution, relu, and the greatest of every 2 x 2 pixels. */
const stage = (conv: Conv, x: Tensor): Tensor => nn.maxPool(nn.relu(conv.forward(x)), [2, 2], { strides: 2 })

/** Reads [n, 28, 28, 1] grey levels, gives [n, 10] logits. */
export class Cnn extends Module {
  readonly conv1: Conv
  readonly conv2: Conv
  readonly dropout: Dropout
  readonly hidden: Linear
  readonly head: Linear

  constructor({ channels: [first, second], hidden }: CnnSizes, { rngs }: { readonly rngs: Rngs }) {
    super()
    this.conv1 = new Conv(1, first, [3, 3], { rngs })
    this.conv2 = new Conv(first, second, [3, 3], { rngs })
    this.dropout = new Dropout(0.25, { rngs })
    // Two stages halve both sides twice.
    this.hidden = new Linear((side / 4) ** 2 * second, hidden, { rngs })
    this.head = new Linear(hidden, classes, { rngs })
  }

  forward(x: Tensor): Tensor {
    const features = stage(this.conv2, stage(this.conv1, x))
    const flat = this.dropout.forward(features.reshape([x.shape[0]!, -1]))
    return this.head.forward(this.dropout.forward(nn.relu(this.hidden.forward(flat))))
  }
}
