import { fc, test } from '@fast-check/vitest'
import { array, Tensor, tree } from '@linum/tensor'
import { rest } from '@linum/filters'
import { describe, expect } from 'vitest'
import {
  asPure,
  BatchStat,
  cachedPartial,
  clone,
  Dict,
  flatState,
  flatten,
  flattenAgainst,
  fromFlatState,
  fromTree,
  iterGraph,
  leavesOf,
  List,
  LoRAParam,
  map,
  merge,
  mergeState,
  Param,
  split,
  state,
  toTree,
  unflatten,
  unpack,
  update,
  Variable,
  withUpdates,
  withVars,
} from '@linum/graph'
import { Foo, numbers } from './models.js'

/** A graph with sharing and cycles: objects are made first, then attributes point anywhere. */
type Spec = {
  readonly kinds: readonly number[]
  readonly edges: readonly (readonly [from: number, key: string, to: number])[]
}

const makers: readonly ((i: number) => object)[] = [
  () => new Foo(),
  () => new List<unknown>(),
  () => new Dict<Record<string, unknown>>({}),
  (i) => new Param(array(i), i % 2 === 0 ? { tag: `t${i % 3}` } : {}),
  (i) => new LoRAParam(array([i])),
  (i) => new BatchStat(array(i)),
  (i) => array([i, i]),
]
const statics: readonly unknown[] = [1, Number.NaN, 'x', null, undefined, true, Math.max]

const spec: fc.Arbitrary<Spec> = fc.integer({ min: 1, max: 9 }).chain((n) =>
  fc.record({
    kinds: fc.array(fc.nat(makers.length - 1), { minLength: n, maxLength: n }),
    edges: fc.array(
      fc.tuple(
        fc.nat(n),
        fc.constantFrom('a', 'b', 'é', 'z', '2', '10', '__proto__', 'constructor'),
        fc.nat(n + statics.length + 3),
      ),
      { maxLength: 16 },
    ),
  }),
)

const build = ({ kinds, edges }: Spec): Foo => {
  const objects: object[] = [new Foo(), ...kinds.map((k, i) => makers[k]!(i))]
  const values = (to: number): unknown => {
    if (to < objects.length) return objects[to]
    const rest = to - objects.length
    if (rest < statics.length) return statics[rest]
    const one = objects[(to + 1) % objects.length]
    return [
      [one, 1],
      { k: one, '3': 'x' },
      new Map<string, unknown>([
        ['m', one],
        ['7', 2],
      ]),
    ][rest % 3]
  }
  for (const [from, key, to] of edges) {
    const node = objects[from % objects.length]!
    if (node instanceof Variable || node instanceof Tensor) continue
    if (node instanceof List) node.push(values(to))
    else Object.defineProperty(node, key, { value: values(to), enumerable: true, writable: true, configurable: true })
  }
  const root = objects[0] as Foo
  root.everything = objects.slice(1)
  return root
}

/** Everything observable about a graph: the definition and the values of its leaves. */
const observe = (node: unknown): unknown => {
  const { graphdef, leaves } = flatten(node)
  return [
    graphdef.hash,
    graphdef.paths,
    leaves.map((leaf) => [leaf instanceof Variable ? leaf.type.name : 'Tensor', numbers(leaf)]),
  ]
}

describe('laws of random graphs', () => {
  test.prop([spec])('merge(split(x)) equals x and shares nothing but statics and tensors with it', (s) => {
    const x = build(s)
    const [def, st] = split(x)
    const y = merge(def, st as object)
    expect(flatten(y).graphdef.equals(def)).toBe(true)
    expect(observe(y)).toEqual(observe(x))
    const mine = new Set([...iterGraph(x)].map(([, v]) => v).filter((v) => v instanceof Variable || v instanceof Foo))
    for (const [, v] of iterGraph(y)) if (v instanceof Variable || v instanceof Foo) expect(mine.has(v)).toBe(false)
  })

  test.prop([spec])('splitting by filters and merging in any order is the same', (s) => {
    const x = build(s)
    const [def, ...states] = split(x, LoRAParam, 't0', Param, (path) => path.length > 2, rest)
    expect(observe(merge(def, ...([...states].reverse() as object[])))).toEqual(observe(x))
    expect(states.map((st) => flatState(st as object).length).reduce((a, b) => a + b, 0)).toBe(def.numLeaves)
  })

  test.prop([spec])('the leaves in order of visit are the leaves sorted by path', (s) => {
    const { graphdef, leaves } = flatten(build(s))
    const sorted = flatState(fromFlatState(graphdef.paths.map((path, i) => [path, i] as const)))
    expect(sorted.map(([, i]) => i)).toEqual(leaves.map((_, i) => i))
    expect(sorted.map(([path]) => path)).toEqual(graphdef.paths)
  })

  test.prop([spec])('update(x, state(x)) changes nothing, and update carries every value', (s) => {
    const x = build(s)
    const before = observe(x)
    const st = state(x)
    update(x, st)
    expect(observe(x)).toEqual(before)
    const y = clone(x)
    const doubled = tree.map((t: Tensor) => t.mul(2), st) as unknown as object
    update(y, doubled as never)
    expect(flatten(y).leaves.map(numbers)).toEqual(
      flatten(x).leaves.map((leaf) => (leaf as Variable).asTensor().mul(2).toArray()),
    )
    expect(flatten(y).graphdef.equals(flatten(x).graphdef)).toBe(true)
  })

  test.prop([spec, spec])('flattenAgainst accepts exactly the graphs whose GraphDef is equal', (s, t) => {
    const [x, y] = [build(s), build(t)]
    const a = flatten(x)
    const b = flatten(y)
    expect(flattenAgainst(a.graphdef, x)).toEqual(a.leaves)
    expect(flattenAgainst(a.graphdef, clone(x))).not.toBeNull()
    expect(flattenAgainst(a.graphdef, y) !== null).toBe(a.graphdef.equals(b.graphdef))
    if (a.graphdef.equals(b.graphdef)) expect(a.graphdef.hash).toBe(b.graphdef.hash)
  })

  test.prop([spec])('unflatten(flatten(x)) keeps the order of leaves', (s) => {
    const { graphdef, leaves } = flatten(build(s))
    expect(flatten(unflatten(graphdef, leaves)).leaves.map(numbers)).toEqual(leaves.map(numbers))
  })

  test.prop([spec])('a graph goes through map, unpack and trees and is the same', (s) => {
    const x = build(s)
    expect(observe(map((_, leaf) => leaf, x))).toEqual(observe(x))
    expect(observe(merge(unpack(x)))).toEqual(observe(x))
    const [y, z] = fromTree(toTree([x, { x }])) as readonly [Foo, { readonly x: Foo }]
    expect(observe(y)).toEqual(observe(x))
    expect(z.x).toBe(y)
  })

  test.prop([spec])('a State is what its raw values make of it, and a copy of arrays is a copy', (s) => {
    const x = build(s)
    const st = state(x)
    expect(flatState(withVars(asPure(st), st))).toEqual(flatState(st))
    expect(observe(clone(x, { arrays: true }))).toEqual(observe(x))
    expect(leavesOf(split(x)[0], [asPure(st) as object]).length).toBe(flatten(x).leaves.length)
  })

  test.prop([spec])('a cached graph gives the leaves that a walk gives, at every call', (s) => {
    const x = build(s)
    const { graphdef, leaves } = flatten([x, 1, x])
    const read = cachedPartial((x: Foo) => flattenAgainst(graphdef, [x, 1, x]), x)
    for (let i = 0; i < 3; i++) expect(read()).toEqual(leaves)
  })

  test.prop([spec])('mergeState of the parts of a State is the State', (s) => {
    const st = state(build(s)) as object
    const parts = flatState(st).map((entry) => fromFlatState([entry]))
    expect(flatState(mergeState({}, ...parts))).toEqual(flatState(st))
  })

  test.prop([spec, fc.nat(20)])(
    'the update protocol leaves an untouched graph untouched, object for object, and carries a write',
    (s, pick) => {
      const x = build(s)
      const objects = [...iterGraph(x)].map(([, v]) => v)
      const variables = objects.filter((v): v is Variable => v instanceof Variable)
      withUpdates((m) => m, [x])
      const after = [...iterGraph(x)].map(([, v]) => v)
      expect(after.length).toBe(objects.length)
      after.forEach((v, i) => expect(Object.is(v, objects[i])).toBe(true))
      if (variables.length === 0) return
      const i = pick % variables.length
      withUpdates(
        (m) => {
          const inner = [...iterGraph(m)].map(([, v]) => v).filter((v): v is Variable => v instanceof Variable)
          inner[i]!.value = array([99])
        },
        [x],
      )
      expect(variables.map(numbers)[i]).toEqual([99])
      expect([...iterGraph(x)].map(([, v]) => v).filter((v) => v instanceof Variable)).toEqual(variables)
    },
  )
})
