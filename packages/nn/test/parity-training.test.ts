import { Module, Rngs } from '@linum/graph'
import {
  avgPool,
  Conv,
  Embed,
  gelu,
  GRUCell,
  LayerNorm,
  Linear,
  LSTMCell,
  MultiHeadAttention,
  RNN,
  type RNNCellBase,
  tanh,
} from '@linum/nn'
import * as optim from '@linum/optim'
import { stack, type Tensor } from '@linum/tensor'
import { jit, valueAndGrad } from '@linum/transforms'
import { type Encoded, guarded, load, parity, tensor } from './fixture.js'

class MLP extends Module {
  linear1: Linear
  linear2: Linear
  constructor(rngs: Rngs) {
    super()
    this.linear1 = new Linear(4, 16, { rngs })
    this.linear2 = new Linear(16, 3, { rngs })
  }
  forward(x: Tensor): Tensor {
    return this.linear2.forward(tanh(this.linear1.forward(x)))
  }
}

class CNN extends Module {
  conv1: Conv
  conv2: Conv
  linear: Linear
  constructor(rngs: Rngs) {
    super()
    this.conv1 = new Conv(1, 4, [3, 3], { rngs })
    this.conv2 = new Conv(4, 6, [3, 3], { strides: 2, rngs })
    this.linear = new Linear(24, 3, { rngs })
  }
  forward(x: Tensor): Tensor {
    const pooled = avgPool(gelu(this.conv1.forward(x)), [2, 2], { strides: [2, 2] })
    return this.linear.forward(gelu(this.conv2.forward(pooled)).reshape([x.shape[0]!, -1]))
  }
}

class Recurrent extends Module {
  rnn: RNN
  linear: Linear
  constructor(cell: RNNCellBase, rngs: Rngs) {
    super()
    this.rnn = new RNN(cell)
    this.linear = new Linear(8, 3, { rngs })
  }
  forward(x: Tensor): Tensor {
    return this.linear.forward(this.rnn.forward(x).slice(':', -1))
  }
}

class Transformer extends Module {
  embed: Embed
  norm1: LayerNorm
  attention: MultiHeadAttention
  norm2: LayerNorm
  linear1: Linear
  linear2: Linear
  constructor(rngs: Rngs) {
    super()
    this.embed = new Embed(7, 8, { rngs })
    this.norm1 = new LayerNorm(8, { rngs })
    this.attention = new MultiHeadAttention(2, 8, { rngs })
    this.norm2 = new LayerNorm(8, { rngs })
    this.linear1 = new Linear(8, 16, { rngs })
    this.linear2 = new Linear(16, 8, { rngs })
  }
  forward(tokens: Tensor): Tensor {
    const x = this.embed.forward(tokens)
    const y = x.add(this.attention.forward(this.norm1.forward(x), { isCausal: true }))
    return this.embed.attend(y.add(this.linear2.forward(gelu(this.linear1.forward(this.norm2.forward(y))))))
  }
}

type Model = Module & { forward(x: Tensor): Tensor }

const models: Readonly<Record<string, (rngs: Rngs) => Model>> = {
  MLP: (rngs) => new MLP(rngs),
  CNN: (rngs) => new CNN(rngs),
  LSTM: (rngs) => new Recurrent(new LSTMCell(3, 8, { rngs }), rngs),
  GRU: (rngs) => new Recurrent(new GRUCell(3, 8, { rngs }), rngs),
  Transformer: (rngs) => new Transformer(rngs),
}

interface TrainingCase {
  readonly fn: string
  readonly tx: readonly [name: 'adam' | 'sgd', ...args: readonly unknown[]]
  readonly x: Encoded
  readonly labels: Encoded
  readonly losses: Encoded
}

const steps = 100

const trainingMismatch = (c: TrainingCase): Promise<string | null> =>
  guarded(async () => {
    const model = models[c.fn]!(new Rngs(0))
    const [name, ...args] = c.tx
    const tx = (optim[name] as (...args: readonly unknown[]) => optim.GradientTransformation)(...args)
    const optimizer = new optim.Optimizer(model, tx)
    const step = jit((m: Model, o: typeof optimizer, x: Tensor, labels: Tensor): Tensor => {
      const lossOf = (layer: Model): Tensor =>
        optim.softmaxCrossEntropyWithIntegerLabels(layer.forward(x), labels).mean()
      const [loss, grads] = valueAndGrad(lossOf)(m)
      o.update(m, grads as never)
      return loss
    })
    const [x, labels] = [tensor(c.x), tensor(c.labels)]
    const losses = await stack(Array.from({ length: steps }, () => step(model, optimizer, x, labels))).data()
    const wrong = c.losses.data.findIndex((expected, k) => {
      return !(Math.abs(Number(losses[k]) / Number(expected) - 1) <= (k === 0 ? 1e-5 : 1e-3))
    })
    return wrong < 0 && c.losses.data.length === steps
      ? null
      : `loss ${wrong} of ${c.losses.data.length} is ${Number(losses[wrong])}, expected ${c.losses.data[wrong]}`
  })

parity('training', load<TrainingCase>(import.meta.url, 'training'), trainingMismatch)
