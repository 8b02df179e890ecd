import { array, GraphError, ones, tree } from '@linum/tensor'
import { describe, expect, it } from 'vitest'
import {
  clone,
  Dict,
  flatState,
  isGraphNode,
  isModule,
  List,
  merge,
  Module,
  Param,
  Pytree,
  registerNode,
  split,
  state,
} from '@linum/graph'
import { Foo, Linear, numbers } from './models.js'

const paths = (s: object): string[] => flatState(s).map(([path]) => path.join('/'))

describe('registerNode', () => {
  it('makes a class of others a graph node whose properties are attributes', () => {
    class Point {
      x = new Param(array(1))
      label = 'p'
    }
    expect(isGraphNode(new Point())).toBe(false)
    expect(paths(state(new Foo({ a: new Point() })))).toEqual([])
    registerNode(Point)
    const p = new Point()
    const m = clone(new Foo({ a: p, b: p }))
    expect(m.a).toBeInstanceOf(Point)
    expect(m.a).toBe(m.b)
    expect(m.a).not.toBe(p)
    expect(() => registerNode(Point)).toThrow(new GraphError('Node type Point is already registered.'))
    expect(() => registerNode(Linear)).toThrow(GraphError)
  })

  it('takes the attributes from the access functions, and holds for subclasses', () => {
    class Bag {
      readonly items: Map<string, unknown>
      readonly name: string
      constructor(name: string, items: Record<string, unknown> = {}) {
        this.name = name
        this.items = new Map(Object.entries(items))
      }
    }
    class SubBag extends Bag {}
    registerNode(Bag, {
      keys: (b) => [...b.items.keys()],
      get: (b, key) => b.items.get(String(key)),
      set: (b, key, value) => {
        b.items.set(String(key), value)
      },
      remove: (b, key) => {
        b.items.delete(String(key))
      },
      metadata: (b) => b.name,
      create: (type, name) => Object.assign(Object.create(type.prototype as object) as Bag, { name, items: new Map() }),
    })
    const bag = new SubBag('mine', { z: new Param(array(1)), a: ones([1]) })
    bag.items.set('self', bag)
    const [def, st] = split(bag)
    expect(paths(st)).toEqual(['a', 'z'])
    const copy = merge(def, st as object)
    expect(copy).toBeInstanceOf(SubBag)
    expect(copy.name).toBe('mine')
    expect(copy.items.get('self')).toBe(copy)
    expect(def.equals(split(new SubBag('other', { z: new Param(array(1)), a: ones([1]) }))[0])).toBe(false)
  })
})

describe('containers with identity', () => {
  it('a List is an array whose derived arrays are plain', () => {
    const list = new List([1, 2, 3])
    expect([...list]).toEqual([1, 2, 3])
    expect(list.map((x) => x * 2)).not.toBeInstanceOf(List)
    expect(new List<number>().length).toBe(0)
    expect(new List([7]).length).toBe(1)
    expect(Array.isArray(list)).toBe(true)
  })

  it('a List sorts its keys as numbers', () => {
    const list = new List(Array.from({ length: 12 }, (_, i) => new Param(array(i))))
    expect(flatState(state(list)).map(([path, leaf]) => [path[0], numbers(leaf)])).toEqual(
      list.map((p, i) => [i, numbers(p)]),
    )
  })

  it('a Dict holds any keys as its own', () => {
    const d = new Dict(JSON.parse('{"__proto__": 1, "keys": 2}') as Record<string, unknown>)
    expect(Object.keys(d)).toEqual(['__proto__', 'keys'])
    expect(d).toBeInstanceOf(Dict)
    expect(d.constructor.name).toBe('Dict')
    expect(new Dict()).toEqual(new Dict({}))
  })

  it('Pytree and Module are nodes, and only Module is a Module', () => {
    class Data extends Pytree {
      x = new Param(array(1))
    }
    expect([isGraphNode(new Data()), isModule(new Data()), isModule(new Module())]).toEqual([true, false, true])
    expect(isGraphNode([]) || isGraphNode({}) || isGraphNode(new Param(array(1))) || isGraphNode(null)).toBe(false)
  })

  it('follows classes that are registered as tree nodes', () => {
    class Two {
      readonly a: unknown
      readonly b: unknown
      constructor(a: unknown, b: unknown) {
        this.a = a
        this.b = b
      }
    }
    tree.register(Two, { flatten: (x) => [[x.a, x.b], null], unflatten: (_, [a, b]) => new Two(a, b) })
    const p = new Param(array(1))
    const m = clone(new Foo({ two: new Two(p, 'x'), p }))
    expect(m.two).toBeInstanceOf(Two)
    expect((m.two as Two).a).toBe(m.p)
    expect((m.two as Two).b).toBe('x')
  })

  it('a State or snapshot in an attribute is followed', () => {
    const st = state(new Linear(1, 1))
    const m = new Foo({ st, leaf: new Param(array(3)).toState() })
    expect(paths(state(m))).toEqual(['leaf/0', 'st/b/0', 'st/w/0'])
    const m2 = clone(m)
    expect(paths(m2.st as object)).toEqual(['b', 'w'])
    expect(Object.isFrozen(m2.st)).toBe(true)
  })
})
