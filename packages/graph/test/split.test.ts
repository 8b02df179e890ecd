import { array, GraphError, ones, Tensor, tree, zeros } from '@linum/tensor'
import { FilterError, rest } from '@linum/filters'
import { describe, expect, it } from 'vitest'
import {
  BatchStat,
  clone,
  Dict,
  flatState,
  graphdef,
  isState,
  List,
  LoRAParam,
  merge,
  Module,
  Param,
  split,
  state,
  VariableState,
} from '@linum/graph'
import { Foo, Linear, numbers, StatefulLinear } from './models.js'

const paths = (s: object): string[] => flatState(s).map(([path]) => path.join('/'))
const param = (x = 0): Param => new Param(array(x))

describe('split', () => {
  it('numbers nodes and Variables by first visit in sorted order and writes later visits as references', () => {
    const s = param()
    const model = new Foo({ b: s, a: new Foo({ x: s }), l: [param(), s, [param(), 'k']], d: { y: param(), x: 1 } })
    const [def, st] = split(model)
    expect(
      def.nodes.map((n) =>
        n.kind === 'ref' ? `ref ${n.index}` : n.kind === 'leaf' ? 'leaf' : `${n.type.name} ${n.index ?? '-'}`,
      ),
    ).toEqual([
      'Foo 0',
      'Foo 1',
      'Param 2',
      'ref 2',
      'Object -',
      'Param 3',
      'Array -',
      'Param 4',
      'ref 2',
      'Array -',
      'Param 5',
    ])
    expect(paths(st)).toEqual(['a/x', 'd/y', 'l/0', 'l/2/0'])
    expect(def.numLeaves).toBe(4)
  })

  it('visits integer keys by value before strings, and strings by code point', () => {
    const model = new Foo({
      list: Array.from({ length: 11 }, () => param()),
      d: { '\u{10000}': param(), '\uffff': param(), Z: param(), a: param(), '10': param(), '9': param() },
    })
    expect(paths(state(model))).toEqual([
      'd/9',
      'd/10',
      'd/Z',
      'd/a',
      'd/\uffff',
      'd/\u{10000}',
      ...Array.from({ length: 11 }, (_, i) => `list/${i}`),
    ])
  })

  it('keeps cycles', () => {
    const m = new Foo({ p: param(3) })
    m.me = m
    const [def, st] = split(m)
    expect(def.nodes.map((n) => n.kind)).toEqual(['node', 'ref', 'variable'])
    const m2 = merge(def, st)
    expect(m2.me).toBe(m2)
    expect(m2).not.toBe(m)
    expect(numbers(m2.p)).toBe(3)
  })

  it('keeps cycles that go through arrays and Maps', () => {
    const m = new Foo({ p: param() })
    m.list = [m]
    m.map = new Map<string, unknown>([['self', m]])
    const m2 = clone(m)
    expect((m2.list as unknown[])[0]).toBe(m2)
    expect((m2.map as Map<string, unknown>).get('self')).toBe(m2)
  })

  it('throws for an array that contains itself, which has no identity', () => {
    const list: unknown[] = []
    list.push(list)
    expect(() => split(new Foo({ list }))).toThrow(
      new GraphError('flatten: an array contains itself, but has no identity in the graph; use List or Dict'),
    )
  })

  it('copies plain containers on merge but not the Variables that they share', () => {
    const a = { a: 1, b: param() }
    const g = merge(...split([a, 3, a, param()] as const))
    expect(g[0]).not.toBe(g[2])
    expect(g[0].b).toBe(g[2].b)
    expect(g[1]).toBe(3)
  })

  it('keeps the identity of Dict and List', () => {
    const a = new Dict({ a: 1, b: param() })
    const g = new List<unknown>([a, 3, a, param()])
    const [def, st] = split(g)
    expect(def.numLeaves).toBe(2)
    const g2 = merge(def, st)
    expect(g2).toBeInstanceOf(List)
    expect(g2[0]).toBe(g2[2])
    expect(g2[0]).toBeInstanceOf(Dict)
    expect(g2.length).toBe(4)
  })

  it('sends each leaf to the first filter that matches', () => {
    const m = new Foo({ a: param(), b: new LoRAParam(array(1)), c: new BatchStat(array(2)) })
    expect(
      split(m, Param, LoRAParam, rest)
        .slice(1)
        .map((s) => paths(s as object)),
    ).toEqual([['a', 'b'], [], ['c']])
    expect(
      split(m, LoRAParam, Param, true)
        .slice(1)
        .map((s) => paths(s as object)),
    ).toEqual([['b'], ['a'], ['c']])
  })

  it('throws for leaves that no filter matches, naming their paths', () => {
    const model = new StatefulLinear(3, 5)
    expect(() => split(model, Param)).toThrow(
      new FilterError(
        'Non-exhaustive filters, got a non-empty remainder: count.\nUse `rest` to match all remaining elements.',
      ),
    )
    expect(() => split(model, rest, Param)).toThrow(FilterError)
  })

  it('takes bare Tensors as leaves without identity, matched by their class', () => {
    const t = ones([2])
    const m = new Foo({ a: t, b: t, p: param() })
    const [, tensors, others] = split(m, Tensor, rest)
    expect(paths(tensors as object)).toEqual(['a', 'b'])
    expect(paths(others as object)).toEqual(['p'])
    expect((state(m) as Record<string, unknown>).a).toBe(t)
  })

  it('of a lone Variable gives its leaf, and empty States for the other filters', () => {
    const v = param(4)
    const [def, a, b, c] = split(v, BatchStat, Param, rest)
    expect(paths(a)).toEqual([])
    expect(b).toBeInstanceOf(VariableState)
    expect(paths(c as object)).toEqual([])
    const v2 = merge(def, a, b as object, c as object)
    expect(v2).toBeInstanceOf(Param)
    expect(v2).not.toBe(v)
    expect(numbers(v2)).toBe(4)
  })

  it('of a lone Tensor gives the Tensor', () => {
    const t = ones([2])
    const [def, leaf] = split(t)
    expect(leaf).toBe(t)
    expect(merge(def, leaf)).toBe(t)
  })

  it('refuses values that are no nodes', () => {
    expect(() => split(3)).toThrow(
      'flatten: expected a graph node, got 3; pass a Module, a Variable, a Tensor, or an array or object of these',
    )
    expect(() => split(new Date(0))).toThrow(/got an instance of Date/)
  })

  it('refuses a Module whose forward is an own property, and says why', () => {
    class Bad extends Module {
      forward = (x: Tensor): Tensor => x
    }
    expect(() => split(new Foo({ inner: new Bad() }))).toThrow(GraphError)
    expect(() => split(new Bad())).toThrow(
      /^Bad: `forward` is an attribute of the instance, got a property of its own; write it as a method/,
    )
  })

  it('treats numbers, strings, functions, dates, typed arrays, null and undefined as static', () => {
    const f = (): void => {}
    const date = new Date(0)
    const data = new Float32Array(2)
    const m = new Foo({ n: 1, s: 'x', f, date, data, none: null, missing: undefined, flag: true, p: param() })
    const [def, st] = split(m)
    expect(paths(st)).toEqual(['p'])
    const m2 = merge(def, st)
    expect({ ...m2, p: 0 }).toEqual({ n: 1, s: 'x', f, date, data, none: null, missing: undefined, flag: true, p: 0 })
    expect(m2.f).toBe(f)
    expect(Object.keys(m2)).toContain('missing')
  })

  it('follows Maps, objects without prototype, and subclasses of Array', () => {
    class Stack<T> extends Array<T> {}
    const stack = new Stack<Param>()
    stack.push(param(1))
    const bare = Object.assign(Object.create(null) as Record<string, unknown>, { p: param(2) })
    const m = new Foo({
      stack,
      bare,
      map: new Map<string | number, Param>([
        ['b', param(3)],
        [1, param(4)],
        ['0', param(5)],
      ]),
    })
    expect(paths(state(m))).toEqual(['bare/p', 'map/0', 'map/1', 'map/b', 'stack/0'])
    const m2 = clone(m)
    expect(m2.stack).toBeInstanceOf(Stack)
    expect(Object.getPrototypeOf(m2.bare as object)).toBeNull()
    expect([...(m2.map as Map<unknown, unknown>).keys()]).toEqual(['0', 1, 'b'])
  })

  it('refuses Map keys that are no strings or indices, or that meet', () => {
    expect(() => split(new Foo({ m: new Map([[{}, 1]]) }))).toThrow(/Unsupported key type/)
    expect(() => split(new Foo({ m: new Map([[-1, 1]]) }))).toThrow(/Unsupported key type/)
    expect(() =>
      split(
        new Foo({
          m: new Map<string | number, number>([
            [1, 1],
            ['1', 1],
          ]),
        }),
      ),
    ).toThrow(/both 1 and '1'/)
  })

  it('handles hostile keys as data', () => {
    const d = JSON.parse('{"__proto__": null, "constructor": null, "toString": null}') as Record<string, unknown>
    for (const key of Object.keys(d))
      Object.defineProperty(d, key, { value: param(1), enumerable: true, writable: true, configurable: true })
    const m = new Foo({ d })
    expect(paths(state(m))).toEqual(['d/__proto__', 'd/constructor', 'd/toString'])
    const d2 = clone(m).d as object
    expect(Object.keys(d2)).toEqual(['__proto__', 'constructor', 'toString'])
    expect(Object.getPrototypeOf(d2)).toBe(Object.prototype)
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  it('snapshots: later writes do not reach a State', () => {
    const m = new Linear(2, 2)
    const [def, before] = split(m)
    m.w.value = zeros([2, 2])
    expect(numbers(before.w)).toEqual([
      [1, 1],
      [1, 1],
    ])
    expect(merge(def, before).w).not.toBe(m.w)
  })

  it('the same structure gives the same GraphDef object, a changed one does not', () => {
    const m = new Linear(2, 3)
    const first = graphdef(m)
    m.w.value = zeros([2, 3])
    expect(graphdef(m)).toBe(first)
    expect(graphdef(new Linear(2, 3))).toBe(first)
    const other = graphdef(new Linear(2, 4))
    expect(other.equals(first)).toBe(false)
    m.w.setMetadata({ sharding: 'x' })
    expect(graphdef(m).equals(first)).toBe(false)
  })

  it('passes through trees: a GraphDef has no leaves, a State those of its values', () => {
    const [def, st] = split(new Linear(2, 3))
    expect(tree.leaves([def, st]).length).toBe(2)
    const doubled = tree.map((x: Tensor) => x.mul(2), st) as unknown as typeof st
    expect(isState(doubled)).toBe(true)
    expect(doubled.w).toBeInstanceOf(VariableState)
    expect(doubled.w.type).toBe(Param)
    expect(numbers(doubled.w)).toEqual([
      [2, 2, 2],
      [2, 2, 2],
    ])
    expect(tree.map((x: unknown) => x, def)).toBe(def)
  })
})
