import { All, Any, type Filter, Not, PathContains, PathIn, rest, WithTag } from '@linum/filters'
import { Tensor } from '@linum/tensor'
import { describe, expect, it, test } from 'vitest'
import {
  BatchStat,
  Cache,
  clone,
  diffState,
  filterState,
  findDuplicates,
  flatten,
  iterGraph,
  iterModules,
  mergeState,
  Param,
  pop,
  replaceByPureDict,
  restoreIntPaths,
  split,
  splitState,
  state,
  toPureDict,
} from '@linum/graph'
import { numbers } from './models.js'
import { build, casesOf, kindName, type Leaf, leavesOf, Scale, type Spec } from './reference.js'

interface GraphCase {
  readonly spec: Spec
  readonly leaves: readonly Leaf[]
  readonly nodes: readonly (readonly [kind: string, index: number | null])[]
  readonly walk: readonly (readonly [path: unknown, kind: string])[]
  readonly modules: readonly unknown[]
  readonly duplicates: readonly unknown[]
  readonly merged: readonly unknown[]
  readonly partitions: readonly (readonly Leaf[])[]
  readonly popped?: readonly Leaf[]
  readonly left?: readonly Leaf[]
}

const classes = { Param, BatchStat, Cache, Scale, array: Tensor }

const toFilter = (f: unknown): Filter => {
  if (f === 'rest') return rest
  if (typeof f === 'string') return classes[f as keyof typeof classes]
  if (typeof f !== 'object' || f === null) return f as boolean | null
  const [kind, value] = Object.entries(f)[0] as [string, never]
  const list = (): readonly Filter[] => (value as readonly unknown[]).map(toFilter)
  const make: Record<string, () => Filter> = {
    tag: () => WithTag(value),
    contains: () => PathContains(value),
    substring: () => PathContains(value, { exact: false }),
    paths: () => PathIn(...(value as readonly string[][])),
    not: () => Not(toFilter(value)),
    any: () => Any(...list()),
    all: () => All(...list()),
  }
  return make[kind]!()
}

const filters = casesOf<{ filters: readonly (readonly unknown[])[] }>('filters')[0]!.filters

describe.each(casesOf<GraphCase>('graph'))('the graph "$name" is as in Flax', (c) => {
  it('in the paths, types and order of its leaves', () => {
    expect(leavesOf(split(build(c.spec))[1] as object)).toEqual(c.leaves)
  })

  it('in its definitions and their indices', () => {
    const { nodes } = flatten(build(c.spec)).graphdef
    expect(nodes.map((d) => [d.kind, d.kind === 'leaf' ? null : d.index])).toEqual(c.nodes)
  })

  it('in the order of a walk', () => {
    const walk = [...iterGraph(build(c.spec))].map(([path, value]) => [path, kindName(value)])
    expect(walk.filter(([, kind]) => kind !== null)).toEqual(c.walk)
    expect([...iterModules(build(c.spec))].map(([path]) => path)).toEqual(c.modules)
  })

  it('in what is shared, before and after split and merge', () => {
    expect(findDuplicates(build(c.spec))).toEqual(c.duplicates)
    expect(findDuplicates(clone(build(c.spec)))).toEqual(c.merged)
  })

  it.each(filters.map((f, i) => [JSON.stringify(f), i] as const))('in the groups of %s', (_, i) => {
    const states = split(build(c.spec), ...filters[i]!.map(toFilter)).slice(1) as readonly object[]
    expect(states.map(leavesOf)).toEqual(c.partitions[i])
  })
})

const poppable = casesOf<GraphCase>('graph').filter((c) => c.popped !== undefined)

test.each(poppable.map((c) => [c.name, c] as const))(
  'pop takes and leaves what Flax does in the graph "%s"',
  (_, c) => {
    const graph = build(c.spec)
    expect(leavesOf(pop(graph, Param))).toEqual(c.popped)
    expect(leavesOf(state(graph))).toEqual(c.left)
  },
)

describe('States are as in Flax', () => {
  test('toPureDict gives the same nested objects', () => {
    const [c] = casesOf<{ spec: Spec; dict: object }>('pure dict')
    const dict = toPureDict(state(build(c!.spec)))
    expect(JSON.parse(JSON.stringify(dict, (_, x: unknown) => (x instanceof Tensor ? numbers(x) : x)))).toEqual(c!.dict)
  })

  test('restoreIntPaths turns digits into integers, in their order', () => {
    const [c] = casesOf<{ text: object; keys: readonly (readonly [number, string])[] }>('int paths')
    const restored = restoreIntPaths(c!.text) as Readonly<Record<string, ReadonlyMap<number, unknown>>>
    expect([...restored['layers']!.keys()]).toEqual(c!.keys.map(([key]) => key))
  })

  test('replaceByPureDict finds integer keys by their digits', () => {
    const [c] = casesOf<{ spec: Spec; dict: object; leaves: readonly Leaf[] }>('replaced')
    expect(leavesOf(replaceByPureDict(state(build(c!.spec)), c!.dict))).toEqual(c!.leaves)
  })

  test('splitState, mergeState, filterState and diffState give the same leaves', () => {
    const [c] = casesOf<
      Record<'params' | 'others' | 'merged' | 'diff', readonly Leaf[]> & { spec: Spec; filtered: [] }
    >('merged states')
    const all = state(build(c!.spec)) as object
    const [params, others] = splitState(all, Param, rest) as [object, object]
    expect(leavesOf(params)).toEqual(c!.params)
    expect(leavesOf(others)).toEqual(c!.others)
    expect(leavesOf(mergeState(others, params))).toEqual(c!.merged)
    expect(leavesOf(diffState(all, params))).toEqual(c!.diff)
    expect((filterState(all, BatchStat, Scale) as readonly object[]).map(leavesOf)).toEqual(c!.filtered)
  })
})
