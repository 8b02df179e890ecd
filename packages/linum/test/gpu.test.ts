import {
  Carry,
  grad,
  init,
  jit,
  merge,
  np,
  optim,
  Optimizer,
  random,
  Rngs,
  scan,
  setDefaultDevice,
  split,
  type Tensor,
  valueAndGrad,
  vmap,
} from 'linum'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MLP, StatefulLinear } from './models.js'

// What the other files here do on wasm, with every value awaited.
beforeAll(async () => {
  await init('gpu', { software: true })
  setDefaultDevice('gpu')
})
afterAll(() => setDefaultDevice('wasm'))

const close = async (x: Tensor, expected: readonly number[], tolerance: number): Promise<void> => {
  const got = Array.from((await x.data()) as Float32Array)
  expect(got.length).toBe(expected.length)
  got.forEach((v, i) =>
    expect(Math.abs(v - expected[i]!)).toBeLessThan(tolerance * Math.max(1, Math.abs(expected[i]!))),
  )
}

test('a training step gives the losses of Flax, jitted and eager', async () => {
  const [x, y] = [np.ones([5, 2]), np.ones([5, 10])]
  const step = (model: MLP, optimizer: Optimizer<MLP>, x: Tensor, y: Tensor): Tensor => {
    const [loss, grads] = valueAndGrad((model: MLP): Tensor => model.forward(x).sub(y).square().mean())(model)
    optimizer.update(grads)
    return loss
  }
  for (const train of [jit(step), step]) {
    const model = new MLP(2, 16, 10, { rngs: new Rngs(0) })
    const optimizer = new Optimizer(model, optim.adam(1e-3))
    const losses = Array.from({ length: 5 }, () => train(model, optimizer, x, y))
    await close(np.stack(losses), [1.0000625, 0.9902278, 0.9814665, 0.970341, 0.961297], 1e-4)
    expect(Array.from((await optimizer.step.value.data()) as Uint32Array)).toEqual([5])
  }
})

test('five models in one run one after the other, and give the numbers of Flax', async () => {
  const make = vmap((key: Tensor) => new MLP(10, 32, 10, { rngs: new Rngs(key) }), { inAxes: 0, outAxes: 0 })
  const forward = scan((model: MLP, x: Tensor) => model.forward(x), { inAxes: [0, Carry], outAxes: Carry })
  const model = make(random.split(random.key(0), 5))
  const x = random.normal(random.key(1), [16, 10])
  const loss = (model: MLP, x: Tensor): Tensor => forward(model, x).square().mean()
  const [value] = valueAndGrad(loss)(model, x)
  await close(value, [227.5271], 1e-4)
  await close(model.bn.mean.value.sum({ axis: 1 }), [0.17389533, 8.6635895, 6.5397396, 6.4277096, 5.415626], 1e-4)
})

test('a model is split, run by a pure function and merged, its state updated', async () => {
  const model = new StatefulLinear(3, 5, { rngs: new Rngs(0) })
  const x = np.ones([1, 3])
  const eager = await model.forward(x).data()
  const [graphdef, state] = split(model)
  const again = merge(graphdef, state)
  await close(jit((m: StatefulLinear, x: Tensor) => m.forward(x))(again, x), Array.from(eager as Float32Array), 1e-6)
  expect(Array.from((await again.count.value.data()) as Uint32Array)).toEqual([2])
  expect(Array.from((await model.count.value.data()) as Uint32Array)).toEqual([1])
})

test('derivatives of functions nest', async () => {
  const third = grad(grad(grad((x: Tensor) => np.tanh(x).mul(x))))
  await close(third(np.array(0.5)), [-2.4631906], 1e-4)
})
