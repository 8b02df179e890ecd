import { type Path, type PathKey, rest } from '@linum/filters'
import { array, ones } from '@linum/tensor'
import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import {
  clone,
  compareKeys,
  comparePaths,
  flatten,
  isGraphNode,
  type NodeType,
  nodeType,
  Param,
  selectFlat,
  split,
  splitFlat,
  state,
  variables,
} from '@linum/graph'
import { Foo, Linear } from './models.js'

const key = fc.oneof(fc.nat(20), fc.string({ maxLength: 3, unit: 'binary' }))

describe('the order of keys', () => {
  it('has integers by value, then strings by code point', () => {
    expect(
      ['b', 10, 'a', 2, '\u{1f600}', '\uffee', 'B'].sort(compareKeys as (a: PathKey, b: PathKey) => number),
    ).toEqual([2, 10, 'B', 'a', 'b', '\uffee', '\u{1f600}'])
  })

  it('compares paths key by key, a prefix first', () => {
    expect(comparePaths(['a/b'], ['a', 'b'])).toBeGreaterThan(0)
    expect(comparePaths(['l', 10], ['l', 2])).toBeGreaterThan(0)
    expect(comparePaths(['a'], ['a', 0])).toBeLessThan(0)
    expect(comparePaths([], [])).toBe(0)
  })

  test.prop([fc.array(key), fc.array(key), fc.array(key)])('is total: antisymmetric and transitive', (a, b, c) => {
    expect(Math.sign(comparePaths(a, b))).toBe(-Math.sign(comparePaths(b, a)) + 0)
    const [x, y, z] = ([a, b, c] as Path[]).sort(comparePaths) as [Path, Path, Path]
    expect([comparePaths(x, y), comparePaths(y, z), comparePaths(x, z)].every((order) => order <= 0)).toBe(true)
  })
})

describe('the parts of split and state', () => {
  it('work on what flatten gave', () => {
    const m = new Foo({ l: new Linear(1, 1), t: ones([1]) })
    const flat = flatten(m)
    expect(splitFlat(flat, [Param, rest]).slice(1)).toEqual(split(m, Param, rest).slice(1))
    expect(selectFlat(flat, [Param])).toEqual([state(m, Param)])
    expect(() => splitFlat(flat, [Param])).toThrow(/Non-exhaustive filters/)
  })

  it('variables is another name of state', () => {
    const m = new Linear(1, 1)
    expect(variables(m, Param)).toEqual(state(m, Param))
  })
})

describe('a class of one’s own', () => {
  it('may carry how its attributes are read', () => {
    class Bag {
      readonly items = new Map<string, unknown>()
      static {
        const access: NodeType<Bag> = {
          keys: (bag) => [...bag.items.keys()],
          get: (bag, name) => bag.items.get(String(name)),
          set: (bag, name, value) => {
            bag.items.set(String(name), value)
          },
          remove: (bag, name) => {
            bag.items.delete(String(name))
          },
          create: () => new Bag(),
        }
        Object.defineProperty(this.prototype, nodeType, { value: access })
      }
    }
    const bag = new Bag()
    bag.items.set('p', new Param(array(1)))
    expect(isGraphNode(bag)).toBe(true)
    const copy = clone(bag)
    expect(copy.items.get('p')).toBeInstanceOf(Param)
    expect(copy.items.get('p')).not.toBe(bag.items.get('p'))
  })
})
