import { checkpointPolicies } from '@linum/autodiff'
import { Rngs } from '@linum/graph'
import { array, ones, type Tensor, tree } from '@linum/tensor'
import { grad, jit, lower, remat, traceCount, valueAndGrad } from '@linum/transforms'
import { describe, expect, it } from 'vitest'
import { Foo, Linear, Net, numbers, param, thrown } from './models.js'

const loss = (net: Net, x: Tensor): Tensor => net.forward(x).square().mean()
const plain = (t: Tensor): unknown => (t.dtype === 'key' ? null : t.toArray())

describe('remat', () => {
  it('changes neither gradients nor updates, which happen once', () => {
    const [one, two] = [new Net({ rngs: new Rngs(0) }), new Net({ rngs: new Rngs(0) })]
    const x = ones([2, 3])
    const [a, ga] = valueAndGrad(loss)(one, x)
    const [b, gb] = valueAndGrad(remat(loss))(two, x)
    expect(b.toArray()).toEqual(a.toArray())
    expect(tree.map(plain, gb)).toEqual(tree.map(plain, ga))
    expect([numbers(two.calls), numbers(two.mean)]).toEqual([1, numbers(one.mean)])
  })

  it('carries edits of the graph, and returns the objects that came in', () => {
    const m = new Foo({ a: param(1) })
    const edit = remat((m: Foo) => {
      m.b = new Linear(1, 1)
      delete m.a
      return m
    })
    expect(edit(m)).toBe(m)
    expect([m.b instanceof Linear, 'a' in m]).toEqual([true, false])
  })

  it('inside jit: one checkpoint in the program, one trace', () => {
    const f = jit((net: Net, x: Tensor) => grad(remat(loss, { policy: checkpointPolicies.dotsSaveable }))(net, x))
    const net = new Net({ rngs: new Rngs(0) })
    for (let i = 0; i < 3; i++) f(net, ones([2, 3]))
    expect([traceCount(f), numbers(net.calls)]).toEqual([1, 3])
    const forward = jit((net: Net, x: Tensor) => remat(loss)(net, x))
    expect(lower(forward, net, ones([2, 3])).equations.map((e) => e.primitive)).toContain('checkpoint')
  })

  it('a captured Variable may not be written', () => {
    const captured = param(1)
    expect(thrown(() => remat(() => void captured.update((v) => v.add(1)))())).toMatch(
      /^TraceError: Cannot mutate Param/,
    )
    expect(thrown(() => remat((x: Tensor) => x, { policy: 1 as never })(array(1)))).toMatch(
      /^TypeError: checkpoint: policy/,
    )
  })
})
