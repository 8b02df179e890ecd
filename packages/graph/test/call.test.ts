import { array, ones, type Tensor, tree } from '@linum/tensor'
import {
  Param,
  call,
  graphdef,
  List,
  merge,
  Module,
  split,
  state,
  unpack,
  map,
  mapState,
  type VariableState,
  isGraphState,
  BatchStat,
  update,
  clone,
  flatState,
} from '@linum/graph'
import { rest } from '@linum/filters'
import { describe, expect, it } from 'vitest'
import { Count, Foo, Linear, numbers, StatefulLinear } from './models.js'

describe('call', () => {
  it('runs a method on a graph that is a value and returns the graph after it', () => {
    const model = new StatefulLinear(2, 1)
    const pair = split(model)
    const [y, after] = call(pair).forward(ones([1, 2]))
    expect(numbers(y)).toEqual([[2]])
    expect(numbers(merge(...after).count)).toBe(1)
    expect(numbers(model.count)).toBe(0)
    expect(numbers(pair[1].count)).toBe(0)
    expect(numbers(merge(...call(after).forward(ones([1, 2]))[1]).count)).toBe(2)
  })

  it('reaches nodes by attribute, index and key', () => {
    const nodes = { a: new StatefulLinear(1, 1), b: new List([new StatefulLinear(1, 1)]) }
    const [, after] = call(split(nodes)).b[0]!.forward(ones([1, 1]))
    const { a, b } = merge(...after)
    expect([numbers(a.count), numbers(b[0]!.count)]).toEqual([0, 1])
  })

  it('keeps edits of the graph and takes several States', () => {
    class Growing extends Module {
      p = new Param(array(1))
      extra?: Param
      grow(): string {
        this.extra = new Param(this.p.value.add(1))
        return 'grown'
      }
    }
    const [def, params, others] = split(new Growing(), Param, rest)
    const [out, [def2, all]] = call([def, params, others]).grow()
    expect(out).toBe('grown')
    expect(Object.keys(all)).toEqual(['extra', 'p'])
    expect(def2.equals(def)).toBe(false)
  })

  it('is a method of GraphDef too', () => {
    const [def, params, counts] = split(new StatefulLinear(1, 1), Param, Count)
    const [y, after] = def.apply(params, counts).forward(ones([1, 1]))
    expect(numbers(y)).toEqual([[1]])
    expect(numbers(merge(...after).count)).toBe(1)
  })

  it('says what is no method, and is no promise', async () => {
    const pair = split(new Linear(1, 1))
    expect(() => (call(pair).din as unknown as () => void)()).toThrow(new TypeError('call: din is no method, got 1'))
    expect(() => (call(pair) as unknown as () => void)()).toThrow(/a node is called by one of its methods/)
    expect(typeof (await Promise.resolve(call(pair) as unknown))).toBe('function')
  })
})

describe('unpack', () => {
  it('gives States that carry their GraphDef', () => {
    const model = new StatefulLinear(1, 2)
    const all = unpack(model)
    expect(isGraphState(all)).toBe(true)
    expect(isGraphState(state(model))).toBe(false)
    expect(all.w.shape).toEqual([1, 2])
    expect(flatState(all).map(([path]) => path.join('/'))).toEqual(['b', 'count', 'w'])
    const copy = merge(all)
    expect(copy).toBeInstanceOf(StatefulLinear)
    expect(graphdef(copy).equals(graphdef(model))).toBe(true)
  })

  it('gives one for each filter, which merge takes together', () => {
    const model = new StatefulLinear(1, 1)
    const [params, counts] = unpack(model, Param, Count)
    expect(Object.keys(counts)).toEqual(['count'])
    expect(merge(params, counts)).toBeInstanceOf(StatefulLinear)
    expect(Object.keys(unpack(new Linear(1, 1), Param))).toEqual(['b', 'w'])
    update(model, params)
  })

  it('keeps the GraphDef through trees, and not through functions of States', () => {
    const all = unpack(new Linear(1, 1))
    const doubled = tree.map((x: Tensor) => x.mul(2), all) as unknown as typeof all
    expect(numbers(merge(doubled).w)).toEqual([[2]])
    const [, def] = tree.flatten(all)
    expect(def.equals(tree.structure(state(new Linear(1, 1))))).toBe(false)
    expect(def.equals(tree.structure(unpack(new Linear(1, 1))))).toBe(true)
    expect(isGraphState(mapState((_, x) => x, all))).toBe(false)
  })

  it('keeps the GraphDef in an attribute of a graph', () => {
    const all = unpack(new Linear(1, 1))
    const copy = clone(new Foo({ all, again: state(new Linear(1, 1)) }))
    expect([isGraphState(copy.all), isGraphState(copy.again)]).toEqual([true, false])
    expect(merge(copy.all as unknown as typeof all)).toBeInstanceOf(Linear)
  })

  it('has no State for a lone Variable', () => {
    expect(() => unpack(new Param(array(1)))).toThrow('unpack: Expected a State object')
  })
})

describe('map', () => {
  it('makes a graph of mapped snapshots, once for shared ones', () => {
    const w = new Param(array(1), { note: 'x' })
    const m = new Foo({ a: w, b: w, s: new BatchStat(array(2)), t: ones([1]) })
    const paths: string[] = []
    const out = map((path, leaf) => {
      paths.push(path.join('/'))
      return path[0] === 's' ? array(5) : leaf.add(1)
    }, m)
    expect(paths).toEqual(['a', 's', 't'])
    expect([numbers(out.a), numbers(out.s), numbers(out.t)]).toEqual([2, 5, [2]])
    expect(out.a).toBe(out.b)
    expect([out.a, out.s].map((v) => (v as Param).type)).toEqual([Param, BatchStat])
    expect((out.a as Param).metadata).toEqual({ note: 'x' })
    expect(numbers(w)).toBe(1)
    expect(map((_, v) => (v as VariableState).replace(array(3)), w).value.item()).toBe(3)
  })
})

describe('clone with arrays', () => {
  it('copies the elements, so that the original may be disposed of', () => {
    const m = new Foo({ p: new Param(array([1, 2])), both: new Param({ x: array([3]), n: 1 }), t: array([true]) })
    const copy = clone(m, { arrays: true })
    const kept = clone(m)
    ;(m.p as Param).value[Symbol.dispose]()
    ;(m.t as Tensor)[Symbol.dispose]()
    ;(m.both as Param<{ x: Tensor; n: number }>).raw.x[Symbol.dispose]()
    expect([numbers(copy.p), numbers(copy.t)]).toEqual([[1, 2], [true]])
    expect(numbers((copy.both as Param<{ x: Tensor }>).raw.x)).toEqual([3])
    expect(() => numbers(kept.p)).toThrow()
    expect(copy.p).toBeInstanceOf(Param)
  })

  it('keeps sharing, and is no use with shared Variables', () => {
    const p = new Param(array(1))
    const m = clone(new Foo({ a: p, b: p }), { arrays: true })
    expect(m.a).toBe(m.b)
    expect(() => clone(m, { arrays: true, variables: false })).toThrow(TypeError)
  })
})
