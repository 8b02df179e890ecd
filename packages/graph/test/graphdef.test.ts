import { array, ones } from '@linum/tensor'
import { describe, expect, it } from 'vitest'
import {
  BatchStat,
  Dict,
  flatten,
  flattenAgainst,
  graphdef,
  Param,
  staticEqual,
  staticHash,
  type Structural,
} from '@linum/graph'
import { Foo, Linear } from './models.js'

class Schedule implements Structural {
  readonly rate: number
  constructor(rate: number) {
    this.rate = rate
  }
  equals(other: unknown): boolean {
    return other instanceof Schedule && other.rate === this.rate
  }
  get hash(): string {
    return `schedule ${this.rate}`
  }
}

const def = (attributes: Record<string, unknown>) => flatten(new Foo(attributes)).graphdef
const same = (a: Record<string, unknown>, b: Record<string, unknown>): boolean => {
  const [x, y] = [def(a), def(b)]
  expect(x.equals(y)).toBe(y.equals(x))
  if (x.equals(y)) expect(x.hash).toBe(y.hash)
  return x.equals(y)
}

describe('GraphDef', () => {
  it('equals by content: types, attributes, statics, metadata and topology', () => {
    expect(graphdef(new Linear(2, 3)).equals(graphdef(new Linear(2, 3)))).toBe(true)
    expect(graphdef(new Linear(2, 3)).equals(graphdef(new Linear(2, 4)))).toBe(false)
    expect(same({ p: new Param(array(1)) }, { p: new Param(array(2)) })).toBe(true)
    expect(same({ p: new Param(array(1)) }, { p: new BatchStat(array(1)) })).toBe(false)
    expect(same({ p: new Param(array(1)) }, { q: new Param(array(1)) })).toBe(false)
    expect(same({ p: new Param(array(1), { a: 1, b: 2 }) }, { p: new Param(array(1), { b: 2, a: 1 }) })).toBe(true)
    expect(same({ p: new Param(array(1), { a: 1 }) }, { p: new Param(array(1)) })).toBe(false)
    const s = new Param(array(1))
    expect(same({ a: s, b: s }, { a: new Param(array(1)), b: new Param(array(1)) })).toBe(false)
    expect(same({ a: ones([1]) }, { a: new Param(ones([1])) })).toBe(false)
    expect(same({ a: {} }, { a: new Dict({}) })).toBe(false)
    expect(same({ a: {} }, { a: Object.create(null) })).toBe(false)
    expect(same({ a: [] }, { a: {} })).toBe(false)
    expect(same({ x: 1, y: 2 }, { y: 2, x: 1 })).toBe(true)
  })

  it('compares numbers, strings and booleans by value, where NaN equals itself and 0 is not -0', () => {
    expect(same({ x: Number.NaN }, { x: Number.NaN })).toBe(true)
    expect(same({ x: 0 }, { x: -0 })).toBe(false)
    expect(same({ x: 1 }, { x: '1' })).toBe(false)
    expect(same({ x: null }, { x: undefined })).toBe(false)
    expect(same({ x: undefined }, {})).toBe(false)
  })

  it('compares functions and other objects by identity, structural ones by content', () => {
    const f = (): number => 1
    expect(same({ f }, { f })).toBe(true)
    expect(same({ f }, { f: () => 1 })).toBe(false)
    expect(same({ d: new Date(0) }, { d: new Date(0) })).toBe(false)
    expect(same({ s: new Schedule(1) }, { s: new Schedule(1) })).toBe(true)
    expect(same({ s: new Schedule(1) }, { s: new Schedule(2) })).toBe(false)
    expect(staticEqual(new Schedule(1), { equals: () => true, hash: 'schedule 2' })).toBe(false)
  })

  it('is immutable', () => {
    const d = def({ x: 1 })
    expect(() => (d.nodes as unknown[]).push(1)).toThrow(TypeError)
    expect(() => (d.attributes as unknown[]).push(1)).toThrow(TypeError)
  })

  it('hashes agree with equality and tell most values apart', () => {
    for (const x of [0, 1, -0, Number.NaN, 'a', true, null, undefined, 5n, Symbol.iterator, {}, () => 1]) {
      expect(staticHash(x)).toBe(staticHash(x))
      expect(staticEqual(x, x)).toBe(true)
    }
    expect(new Set([1, 2, 3, '1', '2', true, false, null, undefined].map(staticHash)).size).toBe(9)
  })

  it('knows the path of every leaf', () => {
    expect(def({ b: [new Param(array(1)), { c: ones([1]) }], a: new Param(array(1)) }).paths).toEqual([
      ['a'],
      ['b', 0],
      ['b', 1, 'c'],
    ])
  })
})

describe('flattenAgainst', () => {
  const build = (x: { rate?: unknown; alias?: boolean; metadata?: object; extra?: object } = {}): Foo => {
    const p = new Param(array(1), { ...x.metadata })
    return new Foo({
      inner: new Foo({ p, rate: x.rate ?? 0.5 }),
      q: x.alias === true ? p : new Param(array(2)),
      ...x.extra,
    })
  }

  it('collects the live leaves of a node with that structure', () => {
    const { graphdef: d } = flatten(build())
    const m = build()
    expect(flattenAgainst(d, m)).toEqual([(m.inner as Foo).p, m.q])
  })

  it('gives null at any difference', () => {
    const { graphdef: d } = flatten(build())
    for (const other of [
      build({ rate: 0.4 }),
      build({ rate: ones([1]) }),
      build({ rate: [] }),
      build({ alias: true }),
      build({ metadata: { a: 1 } }),
      build({ extra: { z: 1 } }),
      build({ extra: { q: new BatchStat(array(2)) } }),
      build({ extra: { q: 1 } }),
      build({ extra: { q: ones([1]) } }),
      build({ extra: { inner: new Linear(1, 1) } }),
      new Linear(1, 1),
      3,
      null,
    ])
      expect(flattenAgainst(d, other)).toBeNull()
    expect(flattenAgainst(flatten(build({ alias: true })).graphdef, build())).toBeNull()
  })

  it('leaves a shared refIndex as it was on null, and extends it else', () => {
    const shared = build()
    const other = build()
    const refIndex = new Map<object, number>()
    flatten(shared, { refIndex })
    const first = [...refIndex]
    const second = flatten(new Foo({ other, shared }), { refIndex: new Map(refIndex) }).graphdef
    expect(flattenAgainst(second, new Foo({ other: build({ rate: 1 }), shared }), { refIndex })).toBeNull()
    expect([...refIndex]).toEqual(first)
    expect(flattenAgainst(second, new Foo({ other, shared }), { refIndex })?.length).toBe(2)
    expect(refIndex.size).toBe(first.length + 5)
  })
})
