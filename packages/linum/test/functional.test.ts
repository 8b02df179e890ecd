import {
  FilterError,
  flatState,
  type GraphDef,
  merge,
  np,
  Param,
  rest,
  Rngs,
  split,
  type StateOf,
  type Tensor,
  traceCount,
  update,
} from 'linum'
import { describe, expect, test } from 'vitest'
import { Count, StatefulLinear } from './models.js'
import { expectClose } from './numbers.js'

const make = (): StatefulLinear => new StatefulLinear(3, 5, { rngs: new Rngs(0) })

describe('the functional API', () => {
  test('GraphDef passes through a pure jit as a static node and State as a tree', () => {
    const model = make()
    const x = np.ones([1, 3])
    const eager = model.forward(x)
    expect(model.count.value.item()).toBe(1)
    const [graphdef, state] = split(model)
    const forward = np.jit((graphdef: GraphDef<StatefulLinear>, state: StateOf<StatefulLinear>, x: Tensor) => {
      const model = merge(graphdef, state)
      const y = model.forward(x)
      const [, newState] = split(model)
      return [y, newState] as const
    })
    const { count, w } = model
    const [y, newState] = forward(graphdef, state, x)
    expectClose(y, eager.toArray())
    expect(model.count.value.item()).toBe(1)
    update(model, newState)
    expect(model.count.value.item()).toBe(2)
    expect([model.count === count, model.w === w]).toEqual([true, true])
    forward(split(make())[0], newState, x)
    expect(traceCount(forward)).toBe(1)
  })

  test('state is taken apart by filters and put together again', () => {
    const model = make()
    const [graphdef, params, counts] = split(model, Param, Count)
    expect([flatState(params).map(([path]) => path[0]), flatState(counts).map(([path]) => path[0])]).toEqual([
      ['b', 'w'],
      ['count'],
    ])
    const model2 = merge(graphdef, params, counts)
    expect(model2).toBeInstanceOf(StatefulLinear)
    expectClose(model2.w, model.w.value.toArray())
    model2.forward(np.ones([1, 3]))
    expect([model.count.value.item(), model2.count.value.item()]).toEqual([0, 1])
    update(model, split(model2, Count, rest)[1])
    expect(model.count.value.item()).toBe(1)
    update(model, params, counts)
    expect(model.count.value.item()).toBe(0)
  })

  test('a split that leaves something over names it and the remedy', () => {
    const incomplete = (): unknown => split(make(), Param)
    expect(incomplete).toThrow(FilterError)
    expect(incomplete).toThrow(
      /Non-exhaustive filters, got a non-empty remainder: .*count.*\s.*Use `rest` to match all remaining elements\./s,
    )
  })
})
