import * as autodiff from '@linum/autodiff'
import { jit as pureJit, ones, type Tensor, tree } from '@linum/tensor'
import { type GraphDef, merge, Module, Param, Rngs, split, state, type StateOf, update } from '@linum/graph'
import { rest } from '@linum/filters'
import { grad, jit, traceCount } from '@linum/transforms'
import { describe, expect, it } from 'vitest'
import { Count, Linear, Net, numbers, StatefulLinear } from './models.js'

class Pair extends Module {
  a: Linear
  b: Linear
  constructor(l: Linear) {
    super()
    this.a = l
    this.b = l
  }
}

describe('the jit of tensors with split and merge', () => {
  const make = (): StatefulLinear => new StatefulLinear(3, 5, { rngs: new Rngs(0) })

  it('takes a GraphDef as a static node and a State as a tree; update brings the new state back', () => {
    const model = make()
    const { count, w } = model
    model.forward(ones([1, 3]))
    expect(numbers(count)).toBe(1)
    const [graphdef, before] = split(model)
    const forward = pureJit((graphdef: GraphDef<StatefulLinear>, state: StateOf<StatefulLinear>, x: Tensor) => {
      const model = merge(graphdef, state)
      const y = model.forward(x)
      const [, newState] = split(model)
      return [y, newState] as const
    })
    const [y, newState] = forward(graphdef, before, ones([1, 3]))
    expect(numbers(count)).toBe(1)
    update(model, newState)
    expect([numbers(model.count), model.count === count, model.w === w]).toEqual([2, true, true])
    expect(y.toArray()).toEqual(
      make()
        .forward(ones([1, 3]))
        .toArray(),
    )

    for (let i = 3; i < 6; i++) {
      const [, next] = forward(...split(model), ones([1, 3]))
      update(model, next)
      expect(numbers(model.count)).toBe(i)
    }
    forward(...split(make()), ones([1, 3]))
    expect(traceCount(forward)).toBe(1)
  })

  it('gives the same numbers as the jit of Modules', () => {
    const [one, two] = [new Net({ rngs: new Rngs(0) }), new Net({ rngs: new Rngs(0) })]
    const lifted = jit((net: Net, x: Tensor) => net.forward(x))
    const pure = pureJit((graphdef: GraphDef<Net>, state: StateOf<Net>, x: Tensor) => {
      const net = merge(graphdef, state)
      return [net.forward(x), split(net)[1]] as const
    })
    for (let i = 0; i < 3; i++) {
      const a = lifted(one, ones([2, 3]))
      const [b, next] = pure(...split(two), ones([2, 3]))
      update(two, next)
      expect(b.toArray()).toEqual(a.toArray())
    }
    expect(tree.map((t: Tensor) => (t.dtype === 'key' ? 0 : t.toArray()), state(two))).toEqual(
      tree.map((t: Tensor) => (t.dtype === 'key' ? 0 : t.toArray()), state(one)),
    )
  })

  it('differentiates by the groups of a split', () => {
    const model = make()
    const [graphdef, params, counts] = split(model, Param, Count)
    const loss = (params: object, x: Tensor): Tensor => merge(graphdef, params, counts).forward(x).square().sum()
    const pure = autodiff.grad(loss)(params, ones([1, 3])) as unknown as StateOf<StatefulLinear, Param>
    const lifted = grad((m: StatefulLinear, x: Tensor) => m.forward(x).square().sum())(model, ones([1, 3]))
    expect(numbers(pure.w)).toEqual(numbers(lifted.w))
    expect(numbers(pure.b)).toEqual(numbers(lifted.b))
    expect([numbers(model.count), numbers(counts.count)]).toEqual([1, 0])
  })

  it('a loop over groups of state', () => {
    const model = make()
    const step = pureJit((graphdef: GraphDef<StatefulLinear>, params: object, others: object) => {
      const m = merge(graphdef, params, others)
      m.forward(ones([1, 3]))
      m.b.update((b) => b.add(1))
      const [, p, o] = split(m, Param, rest)
      return [p, o] as const
    })
    const [graphdef, ...groups] = split(model, Param, rest)
    let [params, others]: readonly [object, object] = groups
    for (let i = 0; i < 4; i++) [params, others] = step(graphdef, params, others)
    update(model, params as never, others as never)
    expect([numbers(model.count), numbers(model.b), traceCount(step)]).toEqual([4, [4, 4, 4, 4, 4], 1])
  })
})

describe('why Modules are not just trees', () => {
  it('sharing survives a lifted transform, and is what the GraphDef remembers', () => {
    const l = new Linear(2, 2)
    const p = new Pair(l)
    expect(
      jit((q: Pair, m: Linear) => {
        q.b.w.update((w) => w.mul(2))
        return q.a === m
      })(p, l),
    ).toBe(true)
    expect(numbers(l.w)).toEqual([
      [2, 2],
      [2, 2],
    ])
    expect([p.a === l, p.b === l]).toEqual([true, true])
    expect(tree.leaves([split(p)[1], split(l)[1]]).length).toBe(4)
  })

  it('a State remembers no sharing with another', () => {
    const l = new Linear(2, 2)
    const [p, q] = [split(new Pair(l)), split(l)]
    const [a, b] = [merge(...p), merge(...q)]
    expect(a.a).toBe(a.b)
    expect(a.a).not.toBe(b)
  })
})
