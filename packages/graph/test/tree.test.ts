import { rest } from '@linum/filters'
import { array, GraphError, ones, StateError, type Tensor, tree } from '@linum/tensor'
import { describe, expect, it } from 'vitest'
import {
  asPure,
  BatchStat,
  Dict,
  fromTree,
  isState,
  List,
  merge,
  NodeStates,
  Param,
  prefix,
  split,
  state,
  toTree,
  type Variable,
  withVars,
} from '@linum/graph'
import { Foo, Linear, numbers } from './models.js'

describe('toTree and fromTree', () => {
  it('take arguments apart and put them together, shared as before', () => {
    const l = new Linear(1, 1)
    const x = ones([1])
    const args = [l, { pair: new Foo({ l }), w: l.w }, x, 3, null, new List([l])] as const
    const pure = toTree(args)
    expect(tree.leaves(pure).length).toBe(4)
    const [l2, { pair, w }, x2, n, none, list] = fromTree(pure) as unknown as typeof args
    expect(l2).toBeInstanceOf(Linear)
    expect(l2).not.toBe(l)
    expect([pair.l, w, list[0]]).toEqual([l2, l2.w, l2])
    expect([pair.l === l2, w === l2.w, list[0] === l2]).toEqual([true, true, true])
    expect([x2 === x, n, none]).toEqual([true, 3, null])
  })

  it('write a transform: a function of graphs from one of trees', () => {
    const twice =
      <A extends readonly unknown[]>(f: (...args: A) => unknown) =>
      (...args: A): unknown => {
        const doubled = tree.map((x: Tensor) => x.mul(2), toTree(args))
        return fromTree(toTree(f(...(fromTree(doubled) as A))))
      }
    const out = twice((l: Linear) => new Foo({ l, copy: l }))(new Linear(1, 1)) as Foo
    expect(out.l).toBe(out.copy)
    expect(numbers((out.l as Linear).w)).toEqual([[2]])
  })

  it('use the functions given for a node', () => {
    const split = (context: { split: unknown }, path: unknown, own: unknown, node: object): unknown => [
      path,
      own,
      node.constructor.name,
      typeof context.split,
    ]
    const value = { b: new Linear(1, 1), a: [new Foo()] }
    expect(toTree(value, { split, prefix: { a: 0, b: { c: 1 } } })).toEqual({
      a: [[['a', 0], 0, 'Foo', 'function']],
      b: [['b'], { c: 1 }, 'Linear', 'function'],
    })
    expect(fromTree(toTree(value), { merge: (_, path) => path.join('/') })).toEqual({ a: ['a/0'], b: 'b' })
  })

  it('refuse one Variable with two prefixes, by leaf too', () => {
    const l = new Linear(1, 1)
    const byLeaf = (path: readonly unknown[]): number => (path[0] === 'w' ? 1 : 0)
    const axes = { axisOf: (_: unknown, leaf: unknown) => ((leaf as Variable).type === Param ? 0 : 1) }
    expect(() => toTree([l, l.w, l.b], { prefix: [byLeaf, 0, 0] })).toThrow(
      new GraphError(
        'Inconsistent aliasing detected. The following nodes have different prefixes:\nNode: Param\n  w: 1\n  <root>: 0',
      ),
    )
    expect(toTree([l, l], { prefix: [axes, 0] })).toHaveLength(2)
    expect(toTree([l, l], { prefix: [0, 1], checkAliasing: false })).toHaveLength(2)
  })
})

describe('NodeStates', () => {
  it('is a tree node of its States', () => {
    const [graphdef, params, others] = split(
      new Foo({ p: new Param(array(1)), s: new BatchStat(array(2)) }),
      Param,
      rest,
    )
    const node = new NodeStates(graphdef, [params, others], 'mine')
    expect(tree.leaves(node).map(numbers)).toEqual([1, 2])
    const same = tree.map((x: unknown) => x, node) as NodeStates<Foo>
    expect([same.graphdef === graphdef, same.metadata, isState(same.states[0])]).toEqual([true, 'mine', true])
    expect(numbers(merge(same.graphdef, ...(same.states as object[])).s)).toBe(2)
    expect(tree.structure(node).equals(tree.structure(new NodeStates(graphdef, [params, others])))).toBe(false)
    expect(() => node.state).toThrow('NodeStates: Expected exactly one state, got 2; use .states')
    expect(() => new NodeStates(null, []).graphdef).toThrow(GraphError)
    expect(new NodeStates(null, [3]).state).toBe(3)
  })
})

describe('prefix', () => {
  it('has something else in the place of each leaf of the tree', () => {
    const l = new Linear(1, 1)
    const model = new Foo({ l, s: new BatchStat(array(1)) })
    const axes = prefix(
      [model, l, ones([1]), l.w],
      [
        [Param, 0],
        [BatchStat, null],
        [rest, 1],
      ],
    ) as readonly [NodeStates, NodeStates, number, NodeStates]
    expect(JSON.parse(JSON.stringify(axes.map((x) => (x instanceof NodeStates ? x.state : x))))).toEqual([
      { l: { b: 0, w: 0 }, s: null },
      {},
      1,
      {},
    ])
    const pure = toTree([model, l, ones([1]), l.w])
    expect(axes[0].graphdef.equals((pure as typeof axes)[0].graphdef)).toBe(true)
  })

  it('takes a function of path and leaf, and names the leaf that no rule takes', () => {
    const paths: string[] = []
    prefix({ m: new Linear(1, 1), x: ones([1]) }, (path) => paths.push(path.join('/')))
    expect(paths).toEqual(['m/b', 'm/w', 'x'])
    expect(() => prefix([new Foo({ s: new BatchStat(array(1)) })], [[Param, 0]])).toThrow(
      new GraphError("prefix: No filter matched leaf at path '0/s', BatchStat; add [rest, null] for all others"),
    )
  })
})

describe('asPure', () => {
  it('leaves raw values in States, trees and graphs', () => {
    const p = new Param(array(1))
    const m = new Foo({ a: p, b: p, d: new Dict({ n: new Param(3) }) })
    const pure = asPure(state(m)) as unknown as { a: Tensor }
    expect([isState(pure), numbers(pure.a), pure.a]).toEqual([true, 1, p.value])
    expect(asPure([p, { s: p.toState() }, 'x'])).toEqual([p.value, { s: p.value }, 'x'])
    const graph = asPure(m) as unknown as { a: Tensor; b: Tensor; d: { n: number } }
    expect(graph).toBeInstanceOf(Foo)
    expect([graph.a, graph.b, graph.d.n]).toEqual([p.value, p.value, 3])
    expect(m.a).toBe(p)
  })

  it('is undone by withVars', () => {
    const p = new Param(array(1), { note: 'x' })
    const m = new Foo({ a: p, b: p, l: [new BatchStat(array(2))] })
    const back = withVars(asPure(m), m)
    expect(back.a).toBe(back.b)
    expect([(back.a as Param).metadata, numbers((back.l as [BatchStat])[0])]).toEqual([{ note: 'x' }, 2])
    const s = state(m)
    const again = withVars(asPure([s]), [s])[0]!
    expect(again).toEqual(s)
    expect(withVars(array(5) as never, p).value.item()).toBe(5)
    expect(() => withVars({ a: array(1) } as never, s)).toThrow(
      new StateError("withVars: nothing at path 'l' of the pure tree; it needs every leaf of the other one"),
    )
  })
})
