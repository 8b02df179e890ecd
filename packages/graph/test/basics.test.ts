import { jit, ones, type Tensor, traceCount } from '@linum/tensor'
import { FilterError } from '@linum/filters'
import { describe, expect, it } from 'vitest'
import { type GraphDef, merge, Param, Rngs, split, type StateOf, update } from '@linum/graph'
import { Count, numbers, StatefulLinear } from './models.js'

describe('the functional API', () => {
  it('passes GraphDef and State through an un-lifted jit, which traces once', () => {
    const model = new StatefulLinear(3, 5, { rngs: new Rngs(0) })
    model.forward(ones([1, 3]))
    const [graphdef, state] = split(model)
    const forward = jit((graphdef: GraphDef<StatefulLinear>, state: StateOf<StatefulLinear>, x: Tensor) => {
      const model = merge(graphdef, state)
      const y = model.forward(x)
      const [, newState] = split(model)
      return [y, newState] as const
    })
    const [y, newState] = forward(graphdef, state, ones([1, 3]))
    expect(y.shape).toEqual([1, 5])
    expect(numbers(model.count)).toBe(1)
    update(model, newState)
    expect(numbers(model.count)).toBe(2)
    forward(graphdef, split(model)[1], ones([1, 3]))
    forward(split(new StatefulLinear(3, 5))[0], split(model)[1], ones([1, 3]))
    expect(traceCount(forward)).toBe(1)
  })

  it('gives one State per filter, and refuses filters that leave something over', () => {
    const model = new StatefulLinear(3, 5, { rngs: new Rngs(0) })
    const [graphdef, params, counts] = split(model, Param, Count)
    const model2 = merge(graphdef, params, counts)
    expect(numbers(model2.w)).toEqual(numbers(model.w))
    update(model, params, counts)
    expect(() => split(model, Param)).toThrow(FilterError)
  })
})
