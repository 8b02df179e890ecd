import { type Filter, firstMatch, nonExhaustive, type Path, toPredicates } from '@linum/filters'
import type { Flat } from '../flatten/flatten.js'
import type { GraphDef, Layout } from '../graphdef.js'
import { emptyState, freezeState, newState, type State } from '../state/state.js'
import { Variable } from '../variable/variable.js'

const snapshot = (leaf: unknown): unknown => (leaf instanceof Variable ? leaf.toState() : leaf)

/** All leaves, nested as the graph is. */
const buildAll = (layout: Layout, leaves: readonly unknown[]): State => {
  const { keys, children } = layout
  const draft = newState()
  for (let i = 0; i < keys.length; i++) {
    const child = children[i]!
    draft[keys[i]!] = typeof child === 'number' ? snapshot(leaves[child]) : buildAll(child, leaves)
  }
  return freezeState(draft)
}

/** The leaves of one group; null where a level has none. */
const buildGroup = (layout: Layout, leaves: readonly unknown[], groups: Int32Array, group: number): State | null => {
  const { keys, children } = layout
  const draft = newState()
  let empty = true
  for (let i = 0; i < keys.length; i++) {
    const child = children[i]!
    let value: unknown = null
    if (typeof child !== 'number') value = buildGroup(child, leaves, groups, group)
    else if (groups[child] === group) value = snapshot(leaves[child])
    if (value === null) continue
    draft[keys[i]!] = value
    empty = false
  }
  return empty ? null : freezeState(draft)
}

interface Grouped {
  readonly groups: Int32Array
  /** Paths of the leaves that no filter took. */
  readonly remainder: readonly Path[]
}

const group = ({ graphdef, leaves }: Flat, filters: readonly Filter[]): Grouped => {
  const predicates = toPredicates(filters)
  const { paths } = graphdef
  const groups = new Int32Array(leaves.length)
  const remainder: Path[] = []
  for (let i = 0; i < leaves.length; i++) {
    const g = firstMatch(predicates, paths[i]!, leaves[i])
    groups[i] = g
    if (g < 0) remainder.push(paths[i]!)
  }
  return { groups, remainder }
}

const statesOf = ({ graphdef, leaves }: Flat, groups: Int32Array, count: number): State[] => {
  const { layout } = graphdef
  return Array.from({ length: count }, (_, g) => {
    if (typeof layout === 'number') return (groups[0] === g ? snapshot(leaves[0]) : emptyState) as State
    return buildGroup(layout, leaves, groups, g) ?? emptyState
  })
}

const whole = ({ graphdef, leaves }: Flat): State => {
  const { layout } = graphdef
  return typeof layout === 'number' ? (snapshot(leaves[0]) as State) : buildAll(layout, leaves)
}

/** One State per filter (a lone leaf stands for itself); one State of everything for no filters. Throws FilterError where a leaf matches none. */
export const splitFlat = <M>(flat: Flat<M>, filters: readonly Filter[]): readonly [GraphDef<M>, ...State[]] => {
  if (filters.length === 0) return [flat.graphdef, whole(flat)]
  const { groups, remainder } = group(flat, filters)
  if (remainder.length > 0) throw nonExhaustive(remainder)
  return [flat.graphdef, ...statesOf(flat, groups, filters.length)]
}

/** As `splitFlat`, without the GraphDef; leaves that match no filter are left out. */
export const selectFlat = (flat: Flat, filters: readonly Filter[]): readonly State[] =>
  filters.length === 0 ? [whole(flat)] : statesOf(flat, group(flat, filters).groups, filters.length)
