import { jit, Linear, Module, nn, np, optim, Optimizer, Param, Rngs, type Tensor, valueAndGrad } from 'linum'
import { type Arrays, input, loadLayer } from './load.js'

class Mlp extends Module {
  readonly l1: Linear
  readonly l2: Linear
  readonly l3: Linear

  constructor(rngs: Rngs) {
    super()
    this.l1 = new Linear(784, 256, { rngs })
    this.l2 = new Linear(256, 128, { rngs })
    this.l3 = new Linear(128, 10, { rngs })
  }

  forward(x: Tensor): Tensor {
    return this.l3.forward(nn.relu(this.l2.forward(nn.relu(this.l1.forward(x)))))
  }
}

const loaded = (arrays: Arrays): Mlp => {
  const model = new Mlp(new Rngs(0))
  for (const name of ['l1', 'l2', 'l3'] as const) loadLayer(model[name], arrays, name)
  return model
}

const step = jit((model: Mlp, optimizer: Optimizer<Mlp>, x: Tensor, y: Tensor) => {
  const [loss, grads] = valueAndGrad((m: Mlp) => optim.softmaxCrossEntropyWithIntegerLabels(m.forward(x), y).mean())(
    model,
  )
  optimizer.update(grads)
  return loss
})

/** A training step that reads its loss. */
export const prepareMlp = (arrays: Arrays): (() => number) => {
  const model = loaded(arrays)
  const optimizer = new Optimizer(model, optim.adam(1e-3), { wrt: Param })
  const [x, y] = [input('mlp', arrays, 'x'), input('mlp', arrays, 'y')]
  return () => step(model, optimizer, x, y).item() as number
}

const infer = jit((model: Mlp, x: Tensor) => nn.softmax(model.forward(x)))

/** Probabilities of one row, uploaded and read; gives the first one. */
export const prepareInference = (arrays: Arrays): (() => number) => {
  const model = loaded(arrays)
  const row = arrays.get('x')!
  return () => infer(model, np.array(row).reshape([1, 784])).dataSync()[0]!
}
