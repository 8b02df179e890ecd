import { jit, Linear, Module, np, optim, Optimizer, Param, Rngs, type Tensor, valueAndGrad } from 'linum'
import { type Arrays, input, loadLayer } from './load.js'

class Tiny extends Module {
  readonly l1: Linear
  readonly l2: Linear

  constructor(rngs: Rngs) {
    super()
    this.l1 = new Linear(2, 32, { rngs })
    this.l2 = new Linear(32, 1, { rngs })
  }

  forward(x: Tensor): Tensor {
    return this.l2.forward(np.tanh(this.l1.forward(x)))
  }
}

const step = jit((model: Tiny, optimizer: Optimizer<Tiny>, x: Tensor, y: Tensor) => {
  const [loss, grads] = valueAndGrad((m: Tiny) => np.square(m.forward(x).sub(y)).mean())(model)
  optimizer.update(grads)
  return loss
})

/** A training step that reads its loss. */
export const prepareTiny = (arrays: Arrays): (() => number) => {
  const model = new Tiny(new Rngs(0))
  loadLayer(model.l1, arrays, 'l1')
  loadLayer(model.l2, arrays, 'l2')
  const optimizer = new Optimizer(model, optim.adam(1e-3), { wrt: Param })
  const [x, y] = [input('tiny', arrays, 'x'), input('tiny', arrays, 'y')]
  return () => step(model, optimizer, x, y).item() as number
}
