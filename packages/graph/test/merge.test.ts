import { array, ones, StateError, tree } from '@linum/tensor'
import { rest } from '@linum/filters'
import { describe, expect, it } from 'vitest'
import {
  clone,
  flatState,
  GraphDef,
  merge,
  Module,
  Param,
  split,
  state,
  update,
  Variable,
  variables,
} from '@linum/graph'
import { Count, Foo, Linear, numbers, StatefulLinear } from './models.js'

const paths = (s: object): string[] => flatState(s).map(([path]) => path.join('/'))
const param = (x = 0): Param => new Param(array(x))

describe('merge', () => {
  it('gives an instance of the class without running its constructor', () => {
    let made = 0
    class Once extends Module {
      p = param(2)
      constructor() {
        super()
        made++
      }
    }
    const m = merge(...split(new Once()))
    expect(m).toBeInstanceOf(Once)
    expect(made).toBe(1)
    expect(numbers(m.p)).toBe(2)
  })

  it('takes several States in any order, and nested plain objects of raw values', () => {
    const m = new StatefulLinear(1, 1)
    const [def, params, counts] = split(m, Param, Count)
    expect(numbers(merge(def, counts, params).count)).toBe(0)
    const m2 = merge(def, { w: array([[5]]), b: array([6]), count: array(7, { dtype: 'uint32' }) })
    expect(m2.w).toBeInstanceOf(Param)
    expect(numbers(m2.w)).toEqual([[5]])
    expect(numbers(m2.count)).toBe(7)
  })

  it('throws where leaves are missing, too many or misnamed, and says which', () => {
    const m = new StatefulLinear(1, 1)
    const [def, params] = split(m, Param, rest)
    expect(() => merge(def)).toThrow("merge() missing 1 required positional argument: 'state'")
    expect(() => merge(def, {})).toThrow(
      new StateError('Incorrect number of leaves, expected 3 leaves, but got 0. Missing: b, count, w.'),
    )
    expect(() => merge(def, params)).toThrow(
      new StateError('Incorrect number of leaves, expected 3 leaves, but got 2. Missing: count.'),
    )
    expect(() => merge(def, params, { count: array(0), z: array(1) })).toThrow(
      /expected 3 leaves, but got 4\. Not in the graph: z\./,
    )
    expect(() => merge(def, params, { cnt: array(0) })).toThrow(/Missing: count\. Not in the graph: cnt\./)
    expect(() => merge(3 as never, params)).toThrow(
      'Expected a GraphDef or GraphState object, got: 3; pass what `split` or `unpack` returned',
    )
  })

  it('ignores empty levels', () => {
    const m = new Foo({ a: new Foo({ p: param(1) }), e: new Foo() })
    const [def, st] = split(m)
    expect(numbers((merge(def, st, { e: {}, a: {} }).a as Foo).p)).toBe(1)
  })
})

describe('state', () => {
  it('needs no exhaustive filters and gives one State for one filter', () => {
    const m = new StatefulLinear(2, 2)
    expect(paths(state(m))).toEqual(['b', 'count', 'w'])
    expect(paths(state(m, Count))).toEqual(['count'])
    expect(state(m, Count, Param).map(paths)).toEqual([['count'], ['b', 'w']])
    expect(variables).toBe(state)
  })

  it('is frozen at every level', () => {
    const st = state(new Foo({ a: new Foo({ p: param() }) })) as Record<string, Record<string, unknown>>
    expect(() => {
      st.b = {}
    }).toThrow(TypeError)
    expect(() => {
      st.a!.p = 1
    }).toThrow(TypeError)
  })
})

describe('clone', () => {
  it('copies Variables, keeps sharing, and shares nothing with the original', () => {
    const shared = new Linear(1, 1)
    const m = new Foo({ a: shared, b: shared })
    const c = clone(m)
    expect(c.a).toBe(c.b)
    expect(c.a).not.toBe(m.a)
    ;(c.a as Linear).w.value = array([[9]])
    expect(numbers(shared.w)).toEqual([[1]])
  })

  it('with variables: false makes new nodes around the same Variables', () => {
    const m = new Foo({ a: new Linear(1, 1) })
    const c = clone(m, { variables: false })
    expect(c.a).not.toBe(m.a)
    expect((c.a as Linear).w).toBe((m.a as Linear).w)
  })
})

describe('the functional cycle', () => {
  it('state goes through a pure function and back into the same object', () => {
    const model = new StatefulLinear(3, 5)
    const { count } = model
    model.forward(ones([1, 3]))
    const [def, st] = split(model)
    const inner = merge(def, st)
    inner.forward(ones([1, 3]))
    const [, newState] = split(inner)
    expect(numbers(model.count)).toBe(1)
    update(model, newState)
    expect(numbers(model.count)).toBe(2)
    expect(model.count).toBe(count)
    expect(def).toBeInstanceOf(GraphDef)
    expect(model.count).toBeInstanceOf(Variable)
  })

  it('sharing belongs to the GraphDef: two States hold w and b once each', () => {
    class Pair extends Module {
      a: Linear
      b: Linear
      constructor(l: Linear) {
        super()
        this.a = l
        this.b = l
      }
    }
    const l = new Linear(2, 2)
    const p = new Pair(l)
    expect(tree.leaves([split(p)[1], split(l)[1]]).length).toBe(4)
    const p2 = merge(...split(p))
    expect(p2.a).toBe(p2.b)
  })
})
