import { Conv, jit, Linear, maxPool, Module, nn, optim, Optimizer, Param, Rngs, type Tensor, valueAndGrad } from 'linum'
import { type Arrays, input, loadLayer } from './load.js'

const pool = (x: Tensor): Tensor => maxPool(x, [2, 2], { strides: [2, 2] })

class Cnn extends Module {
  readonly conv1: Conv
  readonly conv2: Conv
  readonly dense1: Linear
  readonly dense2: Linear

  constructor(rngs: Rngs) {
    super()
    this.conv1 = new Conv(1, 32, [3, 3], { rngs })
    this.conv2 = new Conv(32, 64, [3, 3], { rngs })
    this.dense1 = new Linear(3136, 128, { rngs })
    this.dense2 = new Linear(128, 10, { rngs })
  }

  forward(x: Tensor): Tensor {
    const h = pool(nn.relu(this.conv2.forward(pool(nn.relu(this.conv1.forward(x))))))
    return this.dense2.forward(nn.relu(this.dense1.forward(h.reshape([x.shape[0]!, 3136]))))
  }
}

const step = jit((model: Cnn, optimizer: Optimizer<Cnn>, x: Tensor, y: Tensor) => {
  const [loss, grads] = valueAndGrad((m: Cnn) => optim.softmaxCrossEntropyWithIntegerLabels(m.forward(x), y).mean())(
    model,
  )
  optimizer.update(grads)
  return loss
})

/** A training step that reads its loss. */
export const prepareCnn = (arrays: Arrays): (() => number) => {
  const model = new Cnn(new Rngs(0))
  for (const name of ['conv1', 'conv2', 'dense1', 'dense2'] as const) loadLayer(model[name], arrays, name)
  const optimizer = new Optimizer(model, optim.adam(1e-3), { wrt: Param })
  const [x, y] = [input('cnn', arrays, 'x'), input('cnn', arrays, 'y')]
  return () => step(model, optimizer, x, y).item() as number
}
