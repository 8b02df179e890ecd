import { type Filter, PathContains, rest } from '@linum/filters'
import {
  flatState,
  graphdef,
  List,
  merge,
  Module,
  OptArray,
  OptState,
  OptVariable,
  Param,
  split,
  state,
  update,
  VariableState,
  withUpdates,
} from '@linum/graph'
import {
  adam,
  adamw,
  chain,
  clipByGlobalNorm,
  type GradientTransformation,
  linearSchedule,
  masked,
  Optimizer,
  scale,
  sgd,
  trace,
} from '@linum/optim'
import { array, jit, ones, type Tensor, traceCount, TraceError, zeros } from '@linum/tensor'
import { describe, expect, it } from 'vitest'
import { Linear, lossAndGrads, paths, someGrads, type Values } from './models.js'
import { expectClose, numbersOf } from './trees.js'

describe('the state', () => {
  it('has the paths of Flax', () => {
    const model = new Linear()
    expect(paths(new Optimizer(model, chain(clipByGlobalNorm(1), adamw(linearSchedule(0.1, 0, 4)))))).toEqual([
      'model/bias',
      'model/calls',
      'model/kernel',
      'optState/1/0/count',
      'optState/1/0/mu/bias',
      'optState/1/0/mu/kernel',
      'optState/1/0/nu/bias',
      'optState/1/0/nu/kernel',
      'optState/1/2/count',
      'step',
    ])
    expect(
      paths(new Optimizer(model, adam(0.1), { wrt: PathContains('kernel') })).filter((path) =>
        path.startsWith('optState'),
      ),
    ).toEqual(['optState/0/count', 'optState/0/mu/kernel', 'optState/0/nu/kernel'])
  })

  it('is made of OptVariables in the place of parameters and OptArrays elsewhere, all OptState', () => {
    const optimizer = new Optimizer(new Linear(), adam(0.1))
    const types = (filter: Filter): readonly string[] =>
      flatState(state(optimizer, filter) as object).map(([path]) => path.join('/'))
    expect(types(OptArray)).toEqual(['optState/0/count'])
    expect(types(OptVariable)).toEqual([
      'optState/0/mu/bias',
      'optState/0/mu/kernel',
      'optState/0/nu/bias',
      'optState/0/nu/kernel',
    ])
    expect(types(OptState)).toHaveLength(6)
  })

  it('takes over the metadata of parameters but not their hooks', () => {
    class Tagged extends Module {
      p = new Param(ones([2]), {
        tag: 'decoder',
        onSetValue: (_, value) => value.mul(100),
        onGetValue: (_, value) => value.mul(10),
      })
    }
    const model = new Tagged()
    const optimizer = new Optimizer(model, trace(0.9))
    const { trace: momentum } = optimizer.optState as unknown as { trace: { p: OptVariable } }
    expect(momentum.p.metadata).toEqual({ tag: 'decoder' })
    optimizer.update({ p: ones([2]) })
    expect([model.p.raw.toArray(), momentum.p.value.toArray()]).toEqual([
      [2, 2],
      [1, 1],
    ])
  })

  it('holds nothing for what a mask leaves out', () => {
    const optimizer = new Optimizer(new Linear(), masked(trace(0.9), { kernel: false, bias: true }))
    expect(paths(optimizer).filter((path) => path.startsWith('optState'))).toEqual(['optState/innerState/trace/bias'])
    optimizer.update(someGrads)
    optimizer.update(someGrads)
    expectClose(optimizer.model.bias, [2.9, 2.9, 2.9])
    expectClose(optimizer.model.kernel.value.sub(2), [0.1, -0.2, 0.3, 0.4, -0.5, 0.6])
  })
})

describe('models of all kinds', () => {
  it('may be a container, with shared Variables counted once', () => {
    const shared = new Linear()
    const model = new List([shared, new Linear(), shared])
    const optimizer = new Optimizer(model, sgd(1))
    optimizer.update(model, { 0: someGrads, 1: someGrads })
    expect([model[2]!.bias.toArray(), model[1]!.bias.toArray()]).toEqual([
      [-1, -1, -1],
      [-1, -1, -1],
    ])
    const layers = [new Linear(), new Linear()]
    new Optimizer(layers, sgd(1)).update(layers, { 0: someGrads, 1: someGrads })
    new Optimizer({ a: layers }, adam(1)).update({ a: [someGrads, someGrads] })
    expectClose(layers[1]!.bias, [-2, -2, -2])
  })

  it('may be one Variable', () => {
    const p = new Param(array([1, 2]))
    const optimizer = new Optimizer(p, adam(1))
    optimizer.update(new VariableState(Param, array([3, -3])))
    optimizer.update(p, ones([2]))
    expect(optimizer.step.value.item()).toBe(2)
    expect(paths(optimizer)).toEqual(['model', 'optState/0/count', 'optState/0/mu', 'optState/0/nu', 'step'])
  })

  it('may have Variables that hold trees or nothing', () => {
    class Odd extends Module {
      pair = new Param({ a: ones([2]), b: [zeros([1])] })
      none = new Param<Tensor | null>(null)
    }
    const model = new Odd()
    const optimizer = new Optimizer(model, sgd(1, { momentum: 0.5 }))
    optimizer.update(state(model, Param))
    optimizer.update({ pair: { a: ones([2]), b: [ones([1])] } })
    expect([model.pair.value.a.toArray(), model.pair.value.b[0]!.toArray(), model.none.value]).toEqual([
      [-1.5, -1.5],
      [-1],
      null,
    ])
  })

  it('may have tensors as attributes, set in place', () => {
    class Bare extends Module {
      w = ones([2])
    }
    const model = new Bare()
    new Optimizer(model, sgd(1), { wrt: rest }).update({ w: ones([2]) })
    expect(model.w.toArray()).toEqual([0, 0])
  })

  it('may train nothing', () => {
    const optimizer = new Optimizer(new Linear(), adam(1), { wrt: false })
    optimizer.update({})
    expect(optimizer.step.value.item()).toBe(1)
  })
})

describe('transforms', () => {
  it('carry an update back to the original objects', () => {
    const model = new Linear()
    const optimizer = new Optimizer(model, adam(0.1))
    const expected = new Linear()
    new Optimizer(expected, adam(0.1)).update(someGrads)
    withUpdates(
      (inner: Linear, o: Optimizer<Linear>) => {
        expect(o.model).toBe(inner)
        o.update(someGrads)
      },
      [model, optimizer] as const,
    )
    expect(optimizer.model).toBe(model)
    expect(numbersOf(state(model))).toEqual(numbersOf(state(expected)))
    expect(optimizer.step.value.item()).toBe(1)
  })

  it('jit traces the whole step once, also after the same optimizer has been built again', () => {
    const step = jit((def: ReturnType<typeof graphdef<Optimizer<Linear>>>, s: object, gradients: Values) => {
      const optimizer = merge(def, s)
      optimizer.update({ ...gradients })
      return split(optimizer)[1]
    })
    const run = (): Linear => {
      const model = new Linear()
      const optimizer = new Optimizer(model, chain(clipByGlobalNorm(1), adamw(linearSchedule(0.1, 0, 4))))
      for (let i = 0; i < 3; i++) {
        const [, gradients] = lossAndGrads(model)
        update(optimizer, step(graphdef(optimizer), state(optimizer), gradients))
      }
      return model
    }
    const jitted = run()
    expect(numbersOf(state(run()))).toEqual(numbersOf(state(jitted)))
    expect(traceCount(step)).toBe(1)

    const model = new Linear()
    const eager = new Optimizer(model, chain(clipByGlobalNorm(1), adamw(linearSchedule(0.1, 0, 4))))
    for (let i = 0; i < 3; i++) eager.update({ ...lossAndGrads(model)[1] })
    expect(numbersOf(state(jitted))).toEqual(numbersOf(state(model)))
  })

  it('refuse an optimizer that was captured instead of passed', () => {
    const model = new Linear()
    const optimizer = new Optimizer(model, adam(0.1))
    const before = numbersOf(state(optimizer))
    expect(() =>
      jit((g: typeof someGrads) => {
        optimizer.update(g)
        return g
      })(someGrads),
    ).toThrow(TraceError)
    expect(numbersOf(state(optimizer))).toEqual(before)
  })

  it('see equal optimizers as equal, and others as others', () => {
    const model = new Linear()
    const make = (tx: GradientTransformation, wrt: Filter = Param): Optimizer => new Optimizer(model, tx, { wrt })
    expect(graphdef(make(adam(0.1))).equals(graphdef(make(adam(0.1))))).toBe(true)
    expect(graphdef(make(adam(0.1))).equals(graphdef(make(adam(0.2))))).toBe(false)
    expect(graphdef(make(scale(0.1))).equals(graphdef(make(scale(0.1), rest)))).toBe(false)
  })
})

it('an Optimizer wants a transformation', () => {
  expect(() => new Optimizer(new Linear(), { init: () => ({}), update: () => [{}, {}] } as never)).toThrow(
    /Optimizer: expected a GradientTransformation, got object; use adam/,
  )
})
