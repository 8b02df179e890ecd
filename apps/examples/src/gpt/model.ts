import { Embed, LayerNorm, Linear, Module, MultiHeadAttention, nn, np, type Rngs, type Tensor } from 'linum'

/** How many characters there are, how many the model sees at once, and how wide and deep it is. */
export type GptSizes = {
  readonly vocabulary: number
  readonly time: number
  readonly width: number
  readonly heads: number
  readonly depth: number
}

/** Attention, then a perceptron, each added to what it reads. */
class Block extends Module {
  readonly norm1: LayerNorm
  readonly attention: MultiHeadAttention
  readonly norm2: LayerNorm
  readonly up: Linear
  readonly down: Linear

  constructor({ width, heads }: GptSizes, { rngs }: { readonly rngs: Rngs }) {
    super()
    this.norm1 = new LayerNorm(width, { rngs })
    this.attention = new MultiHeadAttention(heads, width, { rngs })
    this.norm2 = new LayerNorm(width, { rngs })
    this.up = new Linear(width, 4 * width, { rngs })
    this.down = new Linear(4 * width, width, { rngs })
  }

  forward(x: Tensor, decode: boolean): Tensor {
    // A step of decoding sees what the cache holds, which is the past.
    const seen = x.add(this.attention.forward(this.norm1.forward(x), { decode, isCausal: !decode }))
    return seen.add(this.down.forward(nn.gelu(this.up.forward(this.norm2.forward(seen)))))
  }
}

/** A transformer that says which character comes next. Radford et al. 2019. */
export class Gpt extends Module {
  readonly sizes: GptSizes
  readonly token: Embed
  readonly position: Embed
  readonly blocks: readonly Block[]
  readonly norm: LayerNorm
  readonly head: Linear

  constructor(sizes: GptSizes, { rngs }: { readonly rngs: Rngs }) {
    super()
    const { vocabulary, time, width, depth } = sizes
    this.sizes = sizes
    this.token = new Embed(vocabulary, width, { rngs })
    this.position = new Embed(time, width, { rngs })
    this.blocks = Array.from({ length: depth }, () => new Block(sizes, { rngs }))
    this.norm = new LayerNorm(width, { rngs })
    this.head = new Linear(width, vocabulary, { useBias: false, rngs })
  }

  /** Of characters [n, length] the logits of what follows each: [n, length, vocabulary]. */
  forward(tokens: Tensor): Tensor {
    return this.read(tokens, np.arange(tokens.shape[1]!), false)
  }

  /** Of one character at a position, after those before it, the logits of the next: [vocabulary]. */
  next(token: Tensor, position: Tensor): Tensor {
    return this.read(token.reshape([1, 1]), position.reshape([1]), true).reshape([-1])
  }

  /** Forgets what `next` has read. */
  startReading(): void {
    const { time, width } = this.sizes
    for (const { attention } of this.blocks) attention.initCache([1, time, width])
  }

  private read(tokens: Tensor, positions: Tensor, decode: boolean): Tensor {
    const x = this.token.forward(tokens).add(this.position.forward(positions))
    return this.head.forward(this.norm.forward(this.blocks.reduce((h, block) => block.forward(h, decode), x)))
  }
}
