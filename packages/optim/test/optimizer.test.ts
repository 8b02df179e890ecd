import { All, type Filter, Not, PathContains } from '@linum/filters'
import { Param, state, toPureDict } from '@linum/graph'
import {
  adam,
  adamw,
  chain,
  clipByGlobalNorm,
  type GradientTransformation,
  linearSchedule,
  Optimizer,
  sgd,
  transformation,
} from '@linum/optim'
import { array, ones, ShapeError, StateError, type Tensor, TraceError, tree, zeros } from '@linum/tensor'
import { withTrace } from '@linum/tensor/core'
import { describe, expect, it } from 'vitest'
import { Linear, lossAndGrads, someGrads, type Values } from './models.js'
import { expectClose, numbersOf } from './trees.js'

// Flax 0.12.8 with Optax 0.2.8: losses of four steps, then kernel and bias.
const reference: readonly (readonly [string, GradientTransformation, Filter, readonly number[], readonly number[]])[] =
  [
    [
      'sgd',
      sgd(0.1),
      Param,
      [2.5268753, 0.95668405, 0.58121681, 0.46954393],
      [0.08994443, 0.19061451, 0.12758103, 0.2347315, 0.04527691, 0.24191588, 0.11085981, 0.28338665, 0.052562021],
    ],
    [
      'adam',
      adam(0.1),
      Param,
      [2.5268753, 1.6295884, 1.0197775, 0.62154806],
      [0.11050431, 0.18303987, -0.024990506, 0.089045495, -0.11387936, 0.23541567, 0.39856306, 0.38867491, 0.019318733],
    ],
    [
      'adam for the kernel alone',
      adam(0.1),
      PathContains('kernel'),
      [2.5268753, 1.7662542, 1.2387409, 0.89993751],
      [0.15336396, 0.18795538, -0.03731345, 0.13745499, -0.11032497, 0.2307443, 0, 0, 0],
    ],
    [
      'a chain with a schedule',
      chain(clipByGlobalNorm(1), adamw(linearSchedule(0.1, 0, 4))),
      Param,
      [2.5268753, 1.6295632, 1.1381443, 0.87688398],
      [
        0.060175132, 0.050079823, 0.062672295, 0.17204328, -0.24971306, 0.35250241, 0.24547283, 0.25038773,
        -0.043816939,
      ],
    ],
  ]

describe('training', () => {
  it.each(reference)('with %s is that of Flax', (_, tx, wrt, losses, after) => {
    const model = new Linear()
    const optimizer = new Optimizer(model, tx, { wrt })
    const seen = losses.map(() => {
      const [loss, grads] = lossAndGrads(model, wrt)
      optimizer.update({ ...grads })
      return loss
    })
    expectClose(
      seen.map((l) => array(l)),
      losses,
    )
    expectClose([model.kernel, model.bias], after)
    expect([optimizer.step.value.item(), optimizer.step.value.dtype]).toEqual([4, 'uint32'])
  })

  it('keeps the identity of the model, its Variables and its own', () => {
    const model = new Linear()
    const optimizer = new Optimizer(model, adam(0.1))
    const [{ kernel, bias }, { step, optState }] = [model, optimizer]
    const before = tree.leaves(optState)
    optimizer.update(someGrads)
    expect(optimizer.model).toBe(model)
    expect([
      model.kernel === kernel,
      model.bias === bias,
      optimizer.step === step,
      optimizer.optState === optState,
    ]).toEqual([true, true, true, true])
    expect(tree.leaves(optimizer.optState).every((v, i) => v === before[i])).toBe(true)
  })

  it('leaves alone what wrt does not select', () => {
    const model = new Linear()
    const optimizer = new Optimizer(model, sgd(1), { wrt: All(Param, Not(PathContains('kernel'))) })
    const { kernel, calls } = toPureDict(state(model)) as Record<string, Tensor>
    optimizer.update({ bias: ones([3]) })
    expect([model.kernel.value, model.calls.value]).toEqual([kernel, calls])
    expect(model.bias.toArray()).toEqual([-1, -1, -1])
  })

  it('returns the updates, nested as the parameters', () => {
    const updates = new Optimizer(new Linear(), sgd(0.5)).update(someGrads) as unknown as Values
    expect(Object.keys(updates)).toEqual(['bias', 'kernel'])
    expect(updates.bias!.toArray()).toEqual([-0.5, -0.5, -0.5])
  })
})

describe('both spellings', () => {
  it('do the same', () => {
    const [a, b] = [new Linear(), new Linear()]
    new Optimizer(a, adam(0.1)).update(someGrads)
    new Optimizer(b, adam(0.1)).update(b, someGrads)
    expect(numbersOf(state(a))).toEqual(numbersOf(state(b)))
  })

  it('with a model train that one', () => {
    const [a, b] = [new Linear(), new Linear()]
    const optimizer = new Optimizer(a, sgd(1))
    optimizer.update(b, someGrads)
    expect(a.bias.toArray()).toEqual([0, 0, 0])
    expect(b.bias.toArray()).toEqual([-1, -1, -1])
  })

  it('with a model leave gradients of untrained leaves alone', () => {
    const model = new Linear()
    new Optimizer(model, sgd(1), { wrt: PathContains('bias') }).update(model, someGrads)
    expectClose(model.kernel, [0.1, -0.2, 0.3, 0.4, -0.5, 0.6])
    expect(model.bias.toArray()).toEqual([-1, -1, -1])
  })

  it('hand extra arguments to the transformation, by their values', () => {
    const model = new Linear()
    let seen: unknown
    const spy = transformation('spy', {
      init: () => ({}),
      update: (updates, s: object, _, extra) => {
        seen = extra
        return [updates, s]
      },
    })
    const optimizer = new Optimizer(model, spy)
    const loss = array(3)
    optimizer.update(someGrads, { loss, state: state(model, Param), bias: model.bias, f: spy.init })
    expect(seen).toEqual({
      loss,
      state: { bias: zeros([3]), kernel: model.kernel.value.add(1) },
      bias: zeros([3]).sub(1),
      f: spy.init,
    })
    optimizer.update(model, someGrads, { loss })
    expect(seen).toEqual({ loss })
  })

  it('need gradients', () => {
    const model = new Linear()
    const optimizer = new Optimizer(model, sgd(1))
    expect(() => optimizer.update(model as never)).toThrow(
      'Optimizer.update: missing the gradients, got none; call update(gradients) or update(model, gradients)',
    )
  })
})

describe('gradients', () => {
  it('may be a State, of snapshots or of tensors', () => {
    const model = new Linear()
    const optimizer = new Optimizer(model, sgd(1))
    const s = state(model, Param)
    optimizer.update(s)
    expectClose([model.kernel, model.bias], new Array<number>(9).fill(0))
    optimizer.update(tree.map((v: Tensor) => v.add(1), s))
    expectClose(model.bias, [-1, -1, -1])
  })

  it.each<readonly [string, Record<string, unknown>, RegExp]>([
    [
      'one is missing',
      { kernel: ones([2, 3]) },
      /must have exactly the parameters that the optimizer trains, 2, got 1; missing bias; give `grad` the same filter as `wrt`/,
    ],
    ['one is null', { kernel: ones([2, 3]), bias: null }, /missing bias/],
    ['one is too many', { ...someGrads, other: ones([]) }, /2, got 3; not trained other;/],
    ['one is not trained', { ...someGrads, calls: ones([]) }, /not trained calls/],
    ['one goes too deep', { ...someGrads, calls: { a: ones([]) } }, /not trained calls\/a/],
    ['all are missing', {}, /missing bias, kernel/],
  ])('are refused by name where %s', (_, gradients, message) => {
    const optimizer = new Optimizer(new Linear(), adam(0.1))
    expect(() => optimizer.update(gradients)).toThrow(StateError)
    expect(() => optimizer.update(gradients)).toThrow(message)
  })

  it('of another shape than their parameter are refused, even where they would broadcast', () => {
    const optimizer = new Optimizer(new Linear(), sgd(0.1))
    expect(() => optimizer.update({ ...someGrads, bias: ones([1]) })).toThrow(
      new ShapeError('Optimizer.update: the gradient of bias must have its shape (3,), got (1,)'),
    )
  })
})

describe('a failing update changes nothing', () => {
  const faults: readonly (readonly [string, GradientTransformation, Record<string, unknown>])[] = [
    ['the gradients do not fit', adam(0.1), { kernel: ones([2, 3]) }],
    [
      'the transformation throws',
      chain(
        adam(0.1),
        transformation('fault', {
          init: () => ({}),
          update: () => {
            throw new RangeError('fault')
          },
        }),
      ),
      someGrads,
    ],
    [
      'the state changes its structure',
      chain(
        adam(0.1),
        transformation('fault', { init: () => ({ a: zeros([]) }), update: (u) => [u, { b: zeros([]) }] }),
      ),
      someGrads,
    ],
    [
      'the state loses a tensor',
      chain(adam(0.1), transformation('fault', { init: () => [zeros([])], update: (u) => [u, [null]] })),
      someGrads,
    ],
    [
      'the state loses an entry',
      chain(adam(0.1), transformation('fault', { init: () => [zeros([])], update: (u) => [u, []] })),
      someGrads,
    ],
    [
      'the state has something for nothing',
      chain(adam(0.1), transformation('fault', { init: () => [null], update: (u) => [u, [zeros([])]] })),
      someGrads,
    ],
    [
      'the state is no tree of tensors',
      chain(adam(0.1), transformation('fault', { init: () => zeros([]), update: (u) => [u, new Date() as never] })),
      someGrads,
    ],
    [
      'the updates have another structure',
      chain(adam(0.1), transformation('fault', { init: () => ({}), update: (_, s) => [{}, s] })),
      someGrads,
    ],
  ]

  it.each(faults)('where %s', (_, tx, gradients) => {
    const model = new Linear()
    const optimizer = new Optimizer(model, tx)
    const before = numbersOf(state(optimizer))
    expect(() => optimizer.update(gradients)).toThrow()
    expect(numbersOf(state(optimizer))).toEqual(before)
    expect(optimizer.step.value.item()).toBe(0)
  })

  it('names the place where the state has another structure', () => {
    const fault = transformation('fault', {
      init: () => ({ a: [zeros([])] }),
      update: (u) => [u, { a: zeros([]) }] as const,
    })
    expect(() => new Optimizer(new Linear(), chain(fault)).update(someGrads)).toThrow(
      /another structure of state than before at optState\[0\]\['a'\], expected an array of 1/,
    )
  })

  it('where one Variable belongs to another trace', () => {
    const model = new Linear()
    const optimizer = new Optimizer(model, sgd(1))
    const label = {
      dynamic: false,
      label: 'test',
      process: (): never => {
        throw new Error('nothing runs here')
      },
    }
    const inside = withTrace(
      (level) => ({ ...label, level }),
      () => new Param(zeros([3])),
    )
    Object.assign(model, { bias: inside })
    expect(() => optimizer.update(someGrads)).toThrow(TraceError)
    expectClose(model.kernel, [0.1, -0.2, 0.3, 0.4, -0.5, 0.6])
  })
})
