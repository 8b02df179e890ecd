import { array, GraphError, ones, Tensor } from '@linum/tensor'
import { describe, expect, it } from 'vitest'
import {
  BatchStat,
  findDuplicates,
  iterChildren,
  iterGraph,
  iterModuleChildren,
  iterModules,
  List,
  Module,
  Param,
  recursiveMap,
  Rngs,
} from '@linum/graph'
import { Foo, Linear } from './models.js'

class Net extends Module {
  a = new Linear(1, 1)
  b = [new Linear(1, 1), { c: new Linear(1, 1) }] as const
  list = new List([1])
  deterministic = false
  rate = 0.5
}

describe('iterGraph', () => {
  it('visits children before parents; nodes and Variables once, tensors at every path', () => {
    const [var0, var1] = [new Param(array(0)), new Param(array(1))]
    const [arr0, arr1] = [ones([1]), ones([2])]
    const child = new Foo({ a: var0, b: arr0, c: var1, d: var0, e: arr1, f: arr0 })
    const root = new Foo({ a: child, b: var1, c: arr1, d: var1, e: child, f: var0, g: arr1 })
    expect([...iterGraph(root)].map(([, value]) => value)).toEqual([
      var0,
      arr0,
      var1,
      arr1,
      arr0,
      child,
      arr1,
      arr1,
      root,
    ])
    expect([...iterGraph(root)].map(([path]) => path.join('/'))).toEqual([
      'a/a',
      'a/b',
      'a/c',
      'a/e',
      'a/f',
      'a',
      'c',
      'g',
      '',
    ])
  })

  it('ends on cycles', () => {
    const m = new Foo()
    m.me = m
    expect([...iterGraph(m)]).toEqual([[[], m]])
  })
})

describe('submodules', () => {
  it('iterModules finds each Module once, the root last', () => {
    const net = new Net()
    expect([...iterModules(net)].map(([path]) => path.join('/'))).toEqual(['a', 'b/0', 'b/1/c', ''])
  })

  it('iterChildren gives the direct graph nodes, iterModuleChildren the Modules', () => {
    const net = new Net()
    expect([...iterChildren(net)].map(([key]) => key)).toEqual(['a', 'list'])
    expect([...iterModuleChildren(net)].map(([key]) => key)).toEqual(['a'])
    expect(() => [...iterChildren(3)]).toThrow(TypeError)
  })
})

describe('modes', () => {
  it('train and eval set what exists, everywhere below', () => {
    class BN extends Module {
      useRunningAverage = false
    }
    class Model extends Module {
      net = new Net()
      bn = [new BN()]
    }
    const m = new Model()
    m.eval()
    expect([m.net.deterministic, m.bn[0]!.useRunningAverage]).toEqual([true, true])
    expect('deterministic' in m).toBe(false)
    m.train()
    expect([m.net.deterministic, m.bn[0]!.useRunningAverage]).toEqual([false, false])
  })

  it('setAttributes takes filters, and throws for an attribute that none has', () => {
    const m = new Foo({ a: new Net(), b: new Foo({ rate: 1 }) })
    m.setAttributes({ rate: 0.1 }, Net)
    expect([(m.a as Net).rate, (m.b as Foo).rate]).toEqual([0.1, 1])
    expect(() => m.setAttributes({ rate: 0.3, unknown: 1 })).toThrow(
      new GraphError("Could not find at least one instance of the following attributes: ['unknown']"),
    )
    expect((m.a as Net).rate).toBe(0.1)
  })
})

describe('recursiveMap', () => {
  it('replaces values bottom-up in a copy and keeps sharing', () => {
    const shared = new Param(array(1))
    const m = new Foo({ a: shared, b: [shared, 2], t: ones([1]) })
    const seen: string[] = []
    const mapped = recursiveMap((path, value) => {
      seen.push(path.join('/'))
      return value instanceof Param ? new BatchStat(value.value) : typeof value === 'number' ? value + 1 : value
    }, m) as Foo
    expect(mapped.a).toBeInstanceOf(BatchStat)
    expect((mapped.b as unknown[])[0]).toBe(mapped.a)
    expect((mapped.b as unknown[])[1]).toBe(3)
    expect(m.a).toBe(shared)
    expect(seen).toEqual(['a', 'b/1', 'b', 't', ''])
  })

  it('throws for a cycle, with its path', () => {
    const m = new Foo()
    m.me = m
    expect(() => recursiveMap((_, x) => x, m)).toThrow(
      new GraphError(
        "Found cycle in the graph at path 'me'. Node of type Foo has already been visited but has not been returned yet.",
      ),
    )
  })
})

describe('findDuplicates', () => {
  it('gives the paths that reach the same node or Variable', () => {
    const a = new Linear(1, 1)
    const m = new Foo({ a, c: a, b: new Linear(1, 1) })
    expect(findDuplicates(m)).toEqual([[['a'], ['c']]])
    expect(findDuplicates(new Foo({ x: a.w, y: [a.w], t: Tensor }))).toEqual([[['x'], ['y', 0]]])
    expect(findDuplicates(m, { only: Param })).toEqual([])
    expect(findDuplicates(new Foo({ rngs: new Rngs(0) }))).toEqual([])
  })
})
