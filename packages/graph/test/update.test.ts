import { array, GraphError, ones, StateError, TraceError, zeros } from '@linum/tensor'
import { withTrace } from '@linum/tensor/core'
import { FilterError } from '@linum/filters'
import { describe, expect, it } from 'vitest'
import {
  BatchStat,
  flatState,
  fromFlatState,
  Intermediate,
  List,
  Param,
  pop,
  state,
  update,
  type Variable,
  VariableState,
} from '@linum/graph'
import { Foo, Linear, numbers, StatefulLinear } from './models.js'

const value = (x: unknown): unknown => numbers(x)
const paths = (s: object): string[] => flatState(s).map(([path]) => path.join('/'))
const trace = (level: number) => ({
  level,
  dynamic: false,
  label: 'test',
  process: (): never => {
    throw new Error('no primitive runs here')
  },
})

describe('update', () => {
  it('writes values and metadata of snapshots into the same Variables', () => {
    const a = new Linear(1, 1)
    const { w } = a
    update(a, { w: new VariableState(Param, array([[5]]), { sharding: 'x' }) })
    expect(a.w).toBe(w)
    expect(value(w)).toEqual([[5]])
    expect(w.metadata).toEqual({ sharding: 'x' })
  })

  it('writes raw values without touching metadata, and leaves absent keys alone', () => {
    const a = new Linear(1, 1)
    a.w.setMetadata({ sharding: 'x' })
    update(a, { w: array([[7]]) })
    expect(value(a.w)).toEqual([[7]])
    expect(a.w.metadata).toEqual({ sharding: 'x' })
    expect(value(a.b)).toEqual([0])
  })

  it('keeps the type of the target', () => {
    const m = new Foo({ s: new BatchStat(array(0)) })
    update(m, { s: new VariableState(Param, array(3)) } as never)
    expect(m.s).toBeInstanceOf(BatchStat)
    expect(value(m.s)).toBe(3)
  })

  it('takes live Variables as sources', () => {
    const m = new Foo({ p: new Param(array(0)) })
    const source = new Param(array(3), { sharding: 'y' })
    update(m, { p: source } as never)
    expect(m.p).not.toBe(source)
    expect((m.p as Variable).metadata).toEqual({ sharding: 'y' })
  })

  it('writes through shared references', () => {
    const shared = new Param(array(1))
    const m = new Foo({ a: shared, b: shared })
    expect(paths(state(m))).toEqual(['a'])
    update(m, { a: array(2) } as never)
    expect(value(m.b)).toBe(2)
  })

  it('lets the later of several States win', () => {
    const m = new Linear(1, 1)
    update(m, { w: array([[2]]), b: array([3]) }, { w: array([[4]]) })
    expect([value(m.w), value(m.b)]).toEqual([[[4]], [3]])
  })

  it('replaces static values and bare Tensors in mutable containers', () => {
    const m = { a: { b: 1 }, t: ones([1]) }
    update(m, { a: { b: 4 }, t: zeros([1]) } as never)
    expect(m.a.b).toBe(4)
    expect(value(m.t)).toEqual([0])
  })

  it('adds missing keys, as new Variables for snapshots', () => {
    const m = new Foo({ list: [new Param(array(0))] })
    const leaf = new VariableState(Param, array(9))
    update(m, { p: leaf, list: { 1: leaf } } as never)
    expect(m.p).toBeInstanceOf(Param)
    expect(value((m.list as unknown[])[1])).toBe(9)
    expect(() => update(m, { list: { 5: leaf } } as never)).toThrow(/has no place for key '5'/)
    update(m, { list: { 2: leaf, 3: leaf } } as never)
    expect((m.list as unknown[]).length).toBe(4)
    expect(() => update(m, { p: array(7), list: { 9: leaf } } as never)).toThrow(GraphError)
    expect(value(m.p)).toBe(9)
  })

  it('refuses new keys on frozen containers', () => {
    const m = new Foo({ t: Object.freeze([new Param(array(0))]) })
    expect(() => update(m, { t: { 1: array(1) } } as never)).toThrow(
      new GraphError("Cannot set key '1' on immutable node of type Array"),
    )
    update(m, { t: { 0: array(1) } } as never)
    expect(value((m.t as unknown[])[0])).toBe(1)
  })

  it('refuses a leaf where the graph has a subgraph', () => {
    const m = new Foo({ m: new Linear(1, 1) })
    expect(() => update(m, { m: new VariableState(Param, array(1)) } as never)).toThrow(
      new GraphError("Expected a subgraph for 'm', but got: Param; at path 'm'"),
    )
  })

  it('refuses a State where the graph has a Variable, but ignores an empty one', () => {
    const m = new Linear(1, 1)
    const nested = state(new Foo({ w: new Foo({ x: new Param(array(1)) }) }))
    expect(() => update(m, nested)).toThrow(StateError)
    update(m, { w: state(new Foo()) } as never)
    expect(value(m.w)).toEqual([[1]])
  })

  it('of a lone Variable takes exactly one non-empty state', () => {
    const v = new Param(array(1))
    update(v, fromFlatState([]), new VariableState(Param, array(2)))
    expect(value(v)).toBe(2)
    expect(() => update(v, array(1), array(2))).toThrow(new StateError('Expected exactly one non-empty state, got 2'))
  })

  it('changes nothing where it throws', () => {
    const m = new Foo({ a: new Param(array(1)), z: new Linear(1, 1) })
    expect(() => update(m, { a: array(2), z: array(3) } as never)).toThrow(GraphError)
    expect(value(m.a)).toBe(1)
    withTrace(trace, () => {
      const inner = new Foo({ a: new Param(array(1)), outer: m.a })
      expect(() => update(inner, { a: array(2), outer: array(3) } as never)).toThrow(TraceError)
      expect(value(inner.a)).toBe(1)
    })
  })

  it('reads only own keys of the State', () => {
    const m = new Foo({ toString2: new Param(array(1)) })
    update(m, JSON.parse('{"__proto__": 5}') as never)
    expect(Object.getPrototypeOf(m)).toBe(Foo.prototype)
    expect(Object.hasOwn(m, '__proto__')).toBe(true)
  })

  it('with a misspelt key adds an attribute, as the reference does', () => {
    const m = new StatefulLinear(1, 1)
    update(m, { weight: new VariableState(Param, array(1)) } as never)
    expect(paths(state(m))).toEqual(['b', 'count', 'w', 'weight'])
  })
})

describe('pop', () => {
  it('removes the Variables that match and returns them', () => {
    const m = new Foo({
      a: new Param(array(1)),
      sown: new Intermediate(array(2)),
      inner: new Foo({ sown: new Intermediate(array(3)) }),
      t: ones([1]),
    })
    const popped = pop(m, Intermediate)
    expect(flatState(popped).map(([path, leaf]) => [path.join('/'), value(leaf)])).toEqual([
      ['inner/sown', 3],
      ['sown', 2],
    ])
    expect(Object.keys(m)).toEqual(['a', 'inner', 't'])
    expect(Object.keys(m.inner as object)).toEqual([])
  })

  it('gives one State per filter, and leaves bare Tensors alone', () => {
    const m = new Foo({ a: new Param(array(1)), b: new BatchStat(array(2)), t: ones([1]) })
    expect(pop(m, BatchStat, true).map(paths)).toEqual([['b'], ['a']])
    expect(Object.keys(m)).toEqual(['t'])
  })

  it('visits shared nodes once', () => {
    const shared = new Foo({ p: new Param(array(1)) })
    const m = new Foo({ a: shared, b: shared })
    expect(paths(pop(m, Param))).toEqual(['a/p'])
  })

  it('removes from arrays and Lists without leaving holes', () => {
    const m = new Foo({
      l: [new Param(array(0)), 'x', new Param(array(1))],
      n: new List<unknown>([new Param(array(2)), 'y']),
      map: new Map([['p', new Param(array(3))]]),
    })
    expect(paths(pop(m, Param))).toEqual(['l/0', 'l/2', 'map/p', 'n/0'])
    expect(m.l).toEqual(['x'])
    expect([...(m.n as List<unknown>)]).toEqual(['y'])
    expect((m.map as Map<string, unknown>).size).toBe(0)
  })

  it('needs a filter, and a container that can lose a key', () => {
    expect(() => pop(new Foo())).toThrow(new FilterError('pop: Expected at least one filter'))
    const m = new Foo({ a: new Param(array(0)), t: Object.freeze({ p: new Param(array(1)) }) })
    expect(() => pop(m, Param)).toThrow(new GraphError("Cannot pop key 'p' from node of type Object"))
    expect(Object.keys(m)).toEqual(['a', 't'])
  })
})
