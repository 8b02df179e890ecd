import {
  Embed,
  jit,
  LayerNorm,
  Linear,
  List,
  Module,
  nn,
  np,
  optim,
  Optimizer,
  Param,
  Rngs,
  type Tensor,
  valueAndGrad,
} from 'linum'
import { gptSizes } from '../specs.js'
import { type Arrays, input, load, loadLayer } from './load.js'

const { vocabulary, width, layers, heads, time } = gptSizes

class Attention extends Module {
  readonly query: Linear
  readonly key: Linear
  readonly value: Linear
  readonly out: Linear

  constructor(rngs: Rngs) {
    super()
    const linear = (): Linear => new Linear(width, width, { rngs })
    this.query = linear()
    this.key = linear()
    this.value = linear()
    this.out = linear()
  }

  forward(x: Tensor): Tensor {
    const [batch, length] = [x.shape[0]!, x.shape[1]!]
    const split = (t: Tensor): Tensor => t.reshape([batch, length, heads, width / heads])
    const q = split(this.query.forward(x)).mul(1 / Math.sqrt(width / heads))
    const scores = np.einsum('bqhd,bkhd->bhqk', q, split(this.key.forward(x)))
    const allowed = np.tril(np.ones([length, length], { dtype: 'bool' }))
    const weights = nn.softmax(np.where(allowed, scores, -1e30))
    const mixed = np.einsum('bhqk,bkhd->bqhd', weights, split(this.value.forward(x)))
    return this.out.forward(mixed.reshape([batch, length, width]))
  }
}

class Block extends Module {
  readonly norm1: LayerNorm
  readonly attention: Attention
  readonly norm2: LayerNorm
  readonly up: Linear
  readonly down: Linear

  constructor(rngs: Rngs) {
    super()
    this.norm1 = new LayerNorm(width, { epsilon: 1e-5, rngs })
    this.attention = new Attention(rngs)
    this.norm2 = new LayerNorm(width, { epsilon: 1e-5, rngs })
    this.up = new Linear(width, 4 * width, { rngs })
    this.down = new Linear(4 * width, width, { rngs })
  }

  forward(x: Tensor): Tensor {
    const y = x.add(this.attention.forward(this.norm1.forward(x)))
    return y.add(this.down.forward(nn.gelu(this.up.forward(this.norm2.forward(y)))))
  }
}

class Gpt extends Module {
  readonly token: Embed
  readonly position: Param
  readonly blocks: List<Block>
  readonly norm: LayerNorm
  readonly head: Linear

  constructor(rngs: Rngs) {
    super()
    this.token = new Embed(vocabulary, width, { rngs })
    this.position = new Param(np.zeros([time, width]))
    this.blocks = new List(Array.from({ length: layers }, () => new Block(rngs)))
    this.norm = new LayerNorm(width, { epsilon: 1e-5, rngs })
    this.head = new Linear(width, vocabulary, { useBias: false, rngs })
  }

  forward(tokens: Tensor): Tensor {
    let x = this.token.forward(tokens).add(this.position.value)
    for (const block of this.blocks) x = block.forward(x)
    return this.head.forward(this.norm.forward(x))
  }
}

const step = jit((model: Gpt, optimizer: Optimizer<Gpt>, x: Tensor, y: Tensor) => {
  const [loss, grads] = valueAndGrad((m: Gpt) => optim.softmaxCrossEntropyWithIntegerLabels(m.forward(x), y).mean())(
    model,
  )
  optimizer.update(grads)
  return loss
})

/** A training step that reads its loss. */
export const prepareGpt = (arrays: Arrays): (() => number) => {
  const model = new Gpt(new Rngs(0))
  load(model.token.embedding, arrays, 'token')
  load(model.position, arrays, 'position')
  model.blocks.forEach((b, i) => {
    for (const part of ['query', 'key', 'value', 'out'] as const)
      loadLayer(b.attention[part], arrays, `block${i}.${part}`)
    loadLayer(b.up, arrays, `block${i}.up`)
    loadLayer(b.down, arrays, `block${i}.down`)
  })
  loadLayer(model.head, arrays, 'head')
  const optimizer = new Optimizer(model, optim.adamw(1e-3, { weightDecay: 0.01 }), { wrt: Param })
  const [x, y] = [input('gpt', arrays, 'x'), input('gpt', arrays, 'y')]
  return () => step(model, optimizer, x, y).item() as number
}
