import { merge, Rngs, split, state, update } from '@linum/graph'
import { ones, type Tensor, zeros } from '@linum/tensor'
import { evalShape } from '@linum/transforms'
import { describe, expect, it } from 'vitest'
import { Linear, Net, numbers, thrown } from './models.js'

describe('evalShape', () => {
  it('gives a model whose Variables hold shapes, with the GraphDef of the real one', () => {
    const abstract = evalShape(() => new Net({ rngs: new Rngs(0) }))
    const real = new Net({ rngs: new Rngs(0) })
    expect(abstract).toBeInstanceOf(Net)
    expect(abstract.first.w.value).toEqual({ shape: [3, 4], dtype: 'float32', weak: false })
    expect(abstract.calls.value).toEqual({ shape: [], dtype: 'int32', weak: false })
    expect(split(abstract)[0].equals(split(real)[0])).toBe(true)
    const filled = merge(split(abstract)[0], state(real))
    expect(filled.forward(ones([1, 3])).toArray()).toEqual(real.forward(ones([1, 3])).toArray())
    update(abstract, state(real))
    expect(numbers(abstract.first.w)).toEqual(numbers(real.first.w))
  })

  it('computes nothing and updates nothing', () => {
    const net = new Net({ rngs: new Rngs(0) })
    const [y, same] = evalShape((net: Net, x: Tensor) => [net.forward(x), net] as const, net, zeros([7, 3]))
    expect(y).toEqual({ shape: [7, 2], dtype: 'float32', weak: false })
    expect([same === net, same.first.w.value, numbers(net.calls)]).toEqual([
      false,
      { shape: [3, 4], dtype: 'float32', weak: false },
      0,
    ])
  })

  it('a model of a size that no memory holds', () => {
    const { w } = evalShape(() => new Linear(40_000, 40_000))
    expect(w.value).toMatchObject({ shape: [40_000, 40_000] })
  })

  it('captured streams may not be drawn from', () => {
    const rngs = new Rngs(0)
    expect(thrown(() => evalShape(() => new Linear(2, 2, { rngs })))).toMatch(/^TraceError: Cannot mutate RngCount/)
  })
})
