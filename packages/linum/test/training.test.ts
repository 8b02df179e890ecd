import {
  BatchStat,
  DiffState,
  grad,
  jit,
  nn,
  np,
  optim,
  Optimizer,
  Param,
  Rngs,
  state,
  type Tensor,
  traceCount,
  TraceError,
  tree,
  valueAndGrad,
} from 'linum'
import { describe, expect, test } from 'vitest'
import { MLP } from './models.js'
import { expectClose } from './numbers.js'

const x = np.ones([5, 2])
const y = np.ones([5, 10])

const trainer = () => {
  const rngs = new Rngs(0)
  const model = new MLP(2, 16, 10, { rngs })
  const optimizer = new Optimizer(model, optim.adam(1e-3))
  let sameInside = false
  const trainStep = jit((model: MLP, optimizer: Optimizer<MLP>, x: Tensor, y: Tensor) => {
    sameInside = optimizer.model === model
    const lossFn = (model: MLP): Tensor => model.forward(x).sub(y).square().mean()
    const [loss, grads] = valueAndGrad(lossFn)(model)
    optimizer.update(grads)
    return loss
  })
  return { rngs, model, optimizer, trainStep, sameInside: () => sameInside }
}

describe('a training step', () => {
  test('gives the losses of Flax and updates the original objects, traced once', () => {
    const { rngs, model, optimizer, trainStep, sameInside } = trainer()
    const variables = [model.linear1, model.bn, model.linear2, model.dropout.rngs]
    const before = tree.leaves(state(model, Param)).map((leaf) => np.asarray(leaf as Tensor).toArray())
    const mean = model.bn.mean.value.toArray()
    const losses = Array.from({ length: 5 }, () => trainStep(model, optimizer, x, y))
    expectClose(np.stack(losses), [1.0000625, 0.9902278, 0.9814665, 0.970341, 0.961297], 1e-4)
    expect([optimizer.step.value.item(), optimizer.step.value.dtype]).toEqual([5, 'uint32'])
    expect(optimizer.model).toBe(model)
    expect(sameInside()).toBe(true)
    expect(rngs.stream().count.value.item()).toBe(9)
    expect(model.bn.mean.value.toArray()).not.toEqual(mean)
    const after = tree.leaves(state(model, Param)).map((leaf) => np.asarray(leaf as Tensor).toArray())
    after.forEach((values, i) => expect(values).not.toEqual(before[i]))
    expect([model.linear1, model.bn, model.linear2, model.dropout.rngs]).toEqual(variables)
    expect(variables[3]).toBe(rngs)
    expect(traceCount(trainStep)).toBe(1)
  })

  test('an eager step gives the same numbers as a jitted one', () => {
    const [jitted, eager] = [trainer(), trainer()]
    const eagerStep = (): Tensor => {
      const [loss, grads] = valueAndGrad((model: MLP): Tensor => model.forward(x).sub(y).square().mean())(eager.model)
      eager.optimizer.update(grads)
      return loss
    }
    for (let i = 0; i < 3; i++)
      expectClose(jitted.trainStep(jitted.model, jitted.optimizer, x, y), eagerStep().item() as number, 1e-4)
  })

  test('building the optimizer again does not retrace', () => {
    const { model, trainStep } = trainer()
    for (let i = 0; i < 3; i++) trainStep(model, new Optimizer(model, optim.adam(1e-3)), x, y)
    expect(traceCount(trainStep)).toBe(1)
  })

  test('a model captured instead of passed is refused, and left as it was', () => {
    const { model, rngs } = trainer()
    expect(() => jit((x: Tensor) => model.forward(x))(x)).toThrow(TraceError)
    expect(rngs.stream().count.value.item()).toBe(4)
  })
})

describe('gradients of layers', () => {
  const data = np.arange(12).reshape([4, 3]).div(7).sin()
  const loss = (norm: nn.BatchNorm, x: Tensor): Tensor => norm.forward(x).square().sum()

  test('the running statistics are updated, and carry no gradient', () => {
    const norm = new nn.BatchNorm(3, { momentum: 0.5, rngs: new Rngs(0) })
    const [, grads] = valueAndGrad(loss)(norm, data)
    expect(Object.keys(grads)).toEqual(['bias', 'scale'])
    expectClose(norm.mean, data.mean({ axis: 0 }).mul(0.5).toArray())
    const stats = grad(
      (norm: nn.BatchNorm, x: Tensor) => {
        norm.forward(x)
        return norm.mean.value.sum().add(norm.scale!.value.sum())
      },
      { argnums: [new DiffState(0, BatchStat), 1] as const },
    )(norm, data)
    expectClose(stats[1], np.zeros([4, 3]).toArray())
  })

  test('dropped elements have gradient 0, kept ones 1 / (1 - rate)', () => {
    const dropout = new nn.Dropout(0.5, { rngs: new Rngs(0) })
    const ones = np.ones([64])
    const [, gradient] = valueAndGrad((d: nn.Dropout, x: Tensor) => d.forward(x).sum(), { argnums: [0, 1] as const })(
      dropout,
      ones,
    )
    const kept = new nn.Dropout(0.5, { rngs: new Rngs(0) }).forward(ones)
    expectClose(gradient[1], kept.toArray())
    expect(dropout.rngs!.stream().count.value.item()).toBe(1)
  })
})
