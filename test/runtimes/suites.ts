import { jit } from '@linum/tensor'
import { isTraceable, runUpdate, runUpdateCompiled, type UpdateCase } from '../../packages/tensor/test/at-updates.js'
import { type Case, describeCall } from '../../packages/tensor/test/comparison.js'
import { type ControlCase, runControl } from '../../packages/tensor/test/control-programs.js'
import { libraryOf } from '../../packages/tensor/test/library.js'
import { runCase, runCompiled } from '../../packages/tensor/test/run-case.js'

/** One case run one way. */
export interface Check {
  readonly label: string
  /** Whether the case is a call that must throw; not, if left out. */
  readonly throws?: boolean
  /** The failure as a sentence, or null. */
  run(): Promise<string | null>
}

/** A case of a fixture with everything that it is checked for. */
export interface Item {
  readonly fixture: string
  readonly fn: string
  readonly checks: readonly Check[]
}

/** Relations between dtypes: no arrays, nothing that a device or a runtime could change. */
const withoutArrays = new Set(['dtype-relations'])
/** Shapes that depend on values, arrays that take long, and calls that throw before there is anything to compile. */
const eagerOnly = new Set(['masks', 'sets-eager', 'refuse', 'large', 'large-random'])

type Run<C> = (c: C) => Promise<string | null>

const items = <C extends { readonly fn: string; readonly error?: string }>(
  fixture: string,
  cases: readonly C[],
  eager: Run<C>,
  compiled: Run<C>,
  compiles: (c: C) => boolean,
): readonly Item[] =>
  cases.map((c, index) => {
    const label = `${fixture} ${index}, ${describeCall(c)}`
    const throws = c.error !== undefined
    const checks = [{ label, throws, run: () => eager(c) }]
    if (compiles(c)) checks.push({ label: `${label} compiled`, throws, run: () => compiled(c) })
    return { fixture, fn: c.fn, checks }
  })

const read = (fixture: string, cases: readonly unknown[]): readonly Item[] => {
  if (withoutArrays.has(fixture)) return []
  if (fixture === 'control')
    return items(
      fixture,
      cases as readonly ControlCase[],
      (c) => runControl(c, (f) => f),
      (c) => runControl(c, (f) => jit(f) as never),
      () => true,
    )
  if (fixture === 'at') return items(fixture, cases as readonly UpdateCase[], runUpdate, runUpdateCompiled, isTraceable)
  const calls = cases as readonly Case[]
  const library = libraryOf(fixture, calls)
  return items(
    fixture,
    calls,
    (c) => runCase(library, c),
    (c) => runCompiled(library, c),
    (c) => !eagerOnly.has(fixture) && c.error === undefined,
  )
}

/** All cases of all fixtures, from their texts by file name. */
export const itemsOf = (files: Readonly<Record<string, string>>): readonly Item[] =>
  Object.entries(files).flatMap(([file, text]) =>
    read(
      file.slice(file.lastIndexOf('/') + 1).replace('.json', ''),
      (JSON.parse(text) as { readonly cases: readonly unknown[] }).cases,
    ),
  )

/** Numbers in [0, 1) that a seed decides (mulberry32). */
const generator = (seed: number): (() => number) => {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let x = Math.imul(state ^ (state >>> 15), state | 1)
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61)
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32
  }
}

/** `count` items at random, in order: first one of every fixture while they last, then any. */
export const draw = (all: readonly Item[], count: number, seed: number): readonly Item[] => {
  const next = generator(seed)
  const order = all.map((item, index) => ({ item, index, key: next() })).sort((a, b) => a.key - b.key)
  const seen = new Set<string>()
  const first = order.filter(({ item }) => !seen.has(item.fixture) && seen.add(item.fixture))
  return [...new Set([...first, ...order])]
    .slice(0, count)
    .sort((a, b) => a.index - b.index)
    .map(({ item }) => item)
}

/** At most `count` items of each function of each fixture, spread over all of them, in order. */
export const spread = (all: readonly Item[], count: number): readonly Item[] => {
  const groups = new Map<string, Item[]>()
  for (const item of all) {
    const name = `${item.fixture} ${item.fn}`
    groups.set(name, [...(groups.get(name) ?? []), item])
  }
  return [...groups.values()].flatMap((group) => {
    const steps = Math.min(count, group.length)
    return Array.from({ length: steps }, (_, k) => group[Math.floor(((k + 0.5) * group.length) / steps)]!)
  })
}
