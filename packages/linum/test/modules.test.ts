import {
  BatchNorm,
  display,
  Dropout,
  flatState,
  merge,
  Module,
  nn,
  np,
  Param,
  Rngs,
  split,
  state,
  Variable,
  type Tensor,
} from 'linum'
import { describe, expect, test } from 'vitest'
import { Count, Linear, LoraLinear, LoraParam, MLP } from './models.js'
import { expectClose } from './numbers.js'

describe('a module', () => {
  const model = new Linear(2, 5, { rngs: new Rngs({ params: 0 }) })

  test('computes with its parameters', () => {
    expectClose(model.forward(np.ones([1, 2])), [[1.5643291, 0.94782424, 0.37971854, 1.0724319, 0.22112393]])
  })

  test('is displayed as a tree of its attributes', () => {
    const { text } = display(model)
    for (const word of ['Linear', 'Param', 'w', 'b', 'din', '[2, 5]', 'float32']) expect(text).toContain(word)
  })
})

test('a Variable changes in the forward pass and stays the same object', () => {
  class Counter extends Module {
    count = new Count(np.array(0, { dtype: 'int32' }))
    forward(): void {
      this.count.update((c) => c.add(1))
    }
  }
  const counter = new Counter()
  const { count } = counter
  expect(counter.count.value.item()).toBe(0)
  counter.forward()
  expect(counter.count.value.item()).toBe(1)
  expect(counter.count).toBe(count)
  expect(count).toBeInstanceOf(Variable)
})

describe('nested modules', () => {
  const make = (): { rngs: Rngs; model: MLP } => {
    const rngs = new Rngs(0)
    return { rngs, model: new MLP(2, 16, 5, { rngs }) }
  }
  const paths = (model: Module): string[] => flatState(state(model)).map(([path]) => path.join('/'))

  test('the forward pass draws a mask and averages the batch', () => {
    const { rngs, model } = make()
    expect(rngs.stream().count.value.item()).toBe(4)
    expect(model.forward(np.ones([3, 2])).shape).toEqual([3, 5])
    expect(rngs.stream().count.value.item()).toBe(5)
    expect(model.bn.mean.value.toArray()).not.toEqual(np.zeros([16]).toArray())
  })

  test('the paths of the state are the attributes, the shared Rngs at its first place', () => {
    expect(paths(make().model)).toEqual([
      'bn/bias',
      'bn/mean',
      'bn/scale',
      'bn/var',
      'dropout/rngs/default/count',
      'dropout/rngs/default/key',
      'linear1/b',
      'linear1/w',
      'linear2/b',
      'linear2/w',
    ])
  })

  test('a part of a live model can be replaced', () => {
    const { rngs, model } = make()
    model.eval()
    const x = np.ones([3, 2])
    const before = model.linear1
    model.linear1 = new LoraLinear(before, 4, rngs)
    expectClose(
      model.linear1.forward(x),
      before.forward(x).add(x.matmul(model.linear1.A).matmul(model.linear1.B)).toArray(),
    )
    expect(model.forward(x).shape).toEqual([3, 5])
    expect(paths(model)).toContain('linear1/linear/w')
    const [graphdef, lora, rest] = split(model, LoraParam, (_path, _value) => true)
    expect(flatState(lora).map(([path]) => path.join('/'))).toEqual(['linear1/A', 'linear1/B'])
    expect(flatState(state(model, Param)).length).toBe(8)
    expectClose(merge(graphdef, lora, rest).forward(x), model.forward(x).toArray())
  })

  test('evaluation is deterministic and training is not', () => {
    const { model } = make()
    const x = np.arange(6).reshape([3, 2])
    const run = (): unknown => model.forward(x).toArray()
    expect(run()).not.toEqual(run())
    model.eval()
    expect(run()).toEqual(run())
    expect(model.dropout).toBeInstanceOf(Dropout)
    expect(model.bn).toBeInstanceOf(BatchNorm)
  })

  test('activations are flat and in the namespace', () => {
    const x: Tensor = np.array([-1, 0, 1])
    expectClose(nn.gelu(x), [-0.15880796, 0, 0.841192])
  })
})
