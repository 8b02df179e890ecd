import { ones, type Tensor } from '@linum/tensor'
import { Rngs } from '@linum/graph'
import { grad, jit, valueAndGrad } from '@linum/transforms'
import { bench, describe } from 'vitest'
import { Foo, Linear, Net, param } from './models.js'

const x = ones([4, 3])

describe('one call of a jitted function', () => {
  const tensors = jit((x: Tensor, y: Tensor) => x.add(y))
  bench('of two tensors', () => {
    tensors(x, x)
  })

  const linear = new Linear(3, 2)
  const forward = jit((m: Linear, x: Tensor) => m.forward(x))
  bench('of a Linear(3, 2)', () => {
    forward(linear, x)
  })

  const hundred = new Foo({ layers: Array.from({ length: 100 }, () => new Linear(1, 1)) })
  const read = jit((m: Foo) => (m.layers as readonly Linear[])[99]!.w.value)
  bench('of 200 Variables, one of them read', () => {
    read(hundred)
  })
  const write = jit((m: Foo) => {
    for (const { b } of m.layers as readonly Linear[]) b.update((v) => v.add(1))
  })
  bench('of 200 Variables, 100 of them written', () => {
    write(hundred)
  })

  const edited = new Foo({ a: new Linear(1, 1), b: new Linear(1, 1) })
  const swap = jit((m: Foo) => {
    ;[m.a, m.b] = [m.b, m.a]
  })
  bench('that edits the graph', () => {
    swap(edited)
  })
})

describe('one training step of a network of 5 Params', () => {
  const step = (net: Net, x: Tensor): Tensor => {
    const [value, grads] = valueAndGrad((net: Net) => net.forward(x).square().mean())(net)
    for (const [layer, g] of [
      [net.first, grads.first],
      [net.second, grads.second],
    ] as const) {
      layer.w.update((w) => w.sub(g.w.mul(0.01)))
      layer.b.update((b) => b.sub(g.b.mul(0.01)))
    }
    return value
  }
  const [eager, compiled] = [new Net({ rngs: new Rngs(0) }), new Net({ rngs: new Rngs(0) })]
  const jitted = jit(step)
  bench('jitted', () => {
    jitted(compiled, x)
  })
  bench('not jitted', () => {
    step(eager, x)
  })
})

describe('a gradient', () => {
  const m = new Foo({ p: param(1) })
  const square = grad((m: Foo) => (m.p as ReturnType<typeof param>).square())
  bench('of one Param, not jitted', () => {
    square(m)
  })
})

describe('tracing', () => {
  bench('the first call of a jitted training step', () => {
    const net = new Net({ rngs: new Rngs(0) })
    jit((net: Net, x: Tensor) => valueAndGrad((net: Net) => net.forward(x).square().mean())(net)[0])(net, x)
  })
})
