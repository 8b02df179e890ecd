import { array, GraphError, ones, type Tensor, TraceError } from '@linum/tensor'
import { withTrace } from '@linum/tensor/core'
import { describe, expect, it } from 'vitest'
import { Dict, flatten, List, Param, split, unflatten, UpdateContext, type Variable, withUpdates } from '@linum/graph'
import { Foo, Linear, numbers } from './models.js'

const trace = (level: number) => ({
  level,
  dynamic: false,
  label: 'test',
  process: (): never => {
    throw new Error('no primitive runs here')
  },
})
const inTrace = (run: () => void): void => {
  withTrace(trace, run)
}
const lifted = <A extends readonly unknown[], R>(f: (...args: A) => R, ...args: A): R => withUpdates(f, args, inTrace)

describe('shared numbering', () => {
  it('several arguments share one refIndex, and merging them with one indexRef shares again', () => {
    const s = new Param(array(1))
    const [x, y] = [new Foo({ s }), new Foo({ s, x: new Foo() })]
    const context = new UpdateContext()
    const outer = context.outerSplit()
    const [dx, sx] = outer.split(x)
    const [dy, sy] = outer.split(y)
    expect(dy.numLeaves).toBe(0)
    expect(dy.nodes.map((n) => (n.kind === 'ref' ? `ref ${n.index}` : n.kind))).toEqual(['node', 'ref 1', 'node'])
    const inner = context.innerMerge()
    const [x2, y2] = [inner.merge(dx, sx), inner.merge(dy, sy)]
    expect(x2.s).toBe(y2.s)
    expect(x2.s).not.toBe(s)
  })

  it('an index used twice or not at all is an error', () => {
    const m = new Foo({ p: new Param(array(1)) })
    const { graphdef, leaves } = flatten(m)
    const indexRef = new Map<number, object>()
    unflatten(graphdef, leaves, { indexRef })
    expect(() => unflatten(graphdef, leaves, { indexRef })).toThrow(new GraphError('GraphDef index 0 already used.'))
    const refIndex = new Map<object, number>([[m, 0]])
    expect(() => unflatten(flatten(new Foo({ m }), { refIndex }).graphdef, [])).toThrow(/nothing has index 0 yet/)
  })
})

describe('the update protocol', () => {
  it('carries new values to the same Variables', () => {
    const m = new Linear(1, 1)
    const { w } = m
    lifted((m) => {
      m.w.value = array([[5]])
    }, m)
    expect(m.w).toBe(w)
    expect(numbers(w)).toEqual([[5]])
  })

  it('returns the same outer object for an argument, or a part of one', () => {
    const m = new Foo({ a: new Linear(1, 1) })
    expect(lifted((m) => m, m)).toBe(m)
    expect(lifted((m) => m.a, m)).toBe(m.a)
    expect(lifted((m) => (m.a as Linear).w, m)).toBe((m.a as Linear).w)
  })

  it('carries added, deleted and swapped attributes, static changes, metadata and self references', () => {
    const [a, b] = [new Linear(1, 1), new Linear(2, 2)]
    const m = new Foo({ a, b, gone: new Param(array(3)), rate: 1 })
    const { gone } = m
    lifted((m) => {
      ;[m.a, m.b] = [m.b, m.a]
      delete m.gone
      m.rate = 2
      m.added = new Linear(3, 3)
      m.me = m
      ;(m.a as Linear).w.setMetadata({ sharding: 'x' })
    }, m)
    expect(m.a).toBe(b)
    expect(m.b).toBe(a)
    expect(Object.keys(m).sort()).toEqual(['a', 'added', 'b', 'me', 'rate'])
    expect(m.rate).toBe(2)
    expect(m.me).toBe(m)
    expect((m.added as Linear).din).toBe(3)
    expect(b.w.metadata).toEqual({ sharding: 'x' })
    expect(numbers(gone)).toBe(3)
  })

  it('keeps Lists, Dicts and, where they say the same, plain containers', () => {
    const list = new List<unknown>([new Param(array(0)), 1])
    const dict = new Dict<Record<string, unknown>>({ p: new Param(array(0)) })
    const layers = [new Linear(1, 1), { deep: new Linear(1, 1) }] as const
    const m = new Foo({ list, dict, layers, sizes: [1, 2] })
    const { sizes } = m
    lifted((m) => {
      ;(m.list as List<unknown>).push(2)
      ;(m.dict as Record<string, unknown>).q = 3
      ;(m.layers as typeof layers)[0].w.value = array([[7]])
      m.sizes = [1, 3]
    }, m)
    expect(m.list).toBe(list)
    expect([...list].slice(1)).toEqual([1, 2])
    expect(m.dict).toBe(dict)
    expect(dict.q).toBe(3)
    expect(m.layers).toBe(layers)
    expect(numbers(layers[0].w)).toEqual([[7]])
    expect(m.sizes).not.toBe(sizes)
    expect(m.sizes).toEqual([1, 3])
    lifted((m) => {
      ;(m.list as List<unknown>).length = 1
    }, m)
    expect(list.length).toBe(1)
  })

  it('replaces only the containers that changed', () => {
    const m = new Foo({ tree: { a: [new Linear(1, 1)], b: { n: 1 } } })
    const { tree } = m as unknown as { tree: { a: unknown[]; b: { n: number } } }
    const { a, b } = tree
    lifted((m) => {
      ;(m.tree as typeof tree).b.n = 2
    }, m)
    const after = m.tree as typeof tree
    expect(after).not.toBe(tree)
    expect(after.a).toBe(a)
    expect(after.b).not.toBe(b)
    expect(after.b.n).toBe(2)
  })

  it('sharing between arguments survives', () => {
    const l = new Linear(2, 2)
    const p = new Foo({ a: l, b: l })
    const same = lifted(
      (q, m) => {
        ;(q.b as Linear).w.update((w) => w.mul(2))
        return q.a === m
      },
      p,
      l,
    )
    expect(same).toBe(true)
    expect(numbers(l.w)).toEqual([
      [2, 2],
      [2, 2],
    ])
    expect([p.a, p.b]).toEqual([l, l])
    expect(p.a).toBe(l)
  })

  it('bare Tensors are written back', () => {
    const m = new Foo({ t: ones([1]) })
    lifted((m) => {
      m.t = (m.t as Tensor).add(1)
    }, m)
    expect(numbers(m.t)).toEqual([2])
  })

  it('an exception in the body leaves everything as it was', () => {
    const m = new Foo({ p: new Param(array(1)), rate: 1 })
    expect(() =>
      lifted((m) => {
        ;(m.p as Param).value = array(2)
        m.rate = 2
        throw new RangeError('no')
      }, m),
    ).toThrow(RangeError)
    expect([numbers(m.p), m.rate]).toEqual([1, 1])
  })

  it('two nested levels compose', () => {
    const m = new Foo({ p: new Param(array(1)) })
    const out = lifted((m) => {
      const inner = lifted((m) => {
        ;(m.p as Variable).update((x) => (x as Tensor).add(1))
        m.me = m
        return m
      }, m)
      expect(inner).toBe(m)
      return inner
    }, m)
    expect(out).toBe(m)
    expect(m.me).toBe(m)
    expect(numbers(m.p)).toBe(2)
  })

  it('a captured Variable cannot be returned', () => {
    const captured = new Linear(1, 1)
    expect(() => lifted(() => captured)).toThrow(
      new TraceError(
        'Cannot extract graph node from different trace level, got Param; pass the object that holds it to the transformed function as an argument',
      ),
    )
  })

  it('the inner split says which outer object each node is', () => {
    const m = new Foo({ p: new Param(array(1)) })
    const context = new UpdateContext()
    const [d, s] = context.outerSplit().split(m)
    const inner = context.innerMerge().merge(d, s)
    inner.q = new Param(array(2))
    const { graphdef } = context.innerSplit().flatten(inner)
    expect(graphdef.nodes.map((n) => ('outerIndex' in n ? n.outerIndex : undefined))).toEqual([0, 1, null])
    expect(graphdef.equals(split(inner)[0])).toBe(false)
  })

  it('throws before it changes anything where an outer object has another class', () => {
    const m = new Foo({ p: new Param(array(1)), rate: 1 })
    const { graphdef, leaves } = flatten(m, {
      outerIndex: new Map([
        [m.p as object, 0],
        [m as object, 1],
      ]),
    })
    const target = new Foo({ rate: 5 })
    expect(() =>
      unflatten(graphdef, leaves, {
        outerRefs: new Map<number, object>([
          [0, new Foo()],
          [1, target],
        ]),
      }),
    ).toThrow(/Expected a node of type Param for index 1, but got a node of type Foo\./)
    expect(target).toEqual(new Foo({ rate: 5 }))
  })
})
