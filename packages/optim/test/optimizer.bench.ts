import { Module, Param, state } from '@linum/graph'
import { zeros } from '@linum/tensor'
import { adam, identity, Optimizer, sgd } from '@linum/optim'
import { bench, describe } from 'vitest'

class Layer extends Module {
  w = new Param(zeros([4]))
  b = new Param(zeros([4]))
}

class Net extends Module {
  layers: readonly Layer[]

  constructor(n: number) {
    super()
    this.layers = Array.from({ length: n / 2 }, () => new Layer())
  }
}

// Without a transformation what remains is the way through the graph and one addition per leaf.
describe.each([200, 800])('update of %i leaves', (n) => {
  const net = new Net(n)
  const gradients = state(net, Param)
  for (const tx of [identity(), sgd(0.1), adam(1e-3)]) {
    const optimizer = new Optimizer(net, tx)
    bench(tx.name, () => {
      optimizer.update(gradients)
    })
  }
})
