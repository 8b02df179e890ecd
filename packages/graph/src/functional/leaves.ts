import { formatPath, type Path, type PathKey } from '@linum/filters'
import { StateError } from '@linum/tensor'
import { describeValue } from '../class-name.js'
import type { GraphDef, Layout } from '../graphdef.js'
import { getOwn } from '../keys.js'
import { flatState } from '../state/flat-state.js'
import { mergeState } from '../state/operations.js'
import { isEmptyState, isMapping } from '../state/state.js'

const at = (mapping: object, key: PathKey): unknown =>
  mapping instanceof Map ? (mapping.get(key) ?? mapping.get(String(key))) : getOwn(mapping, key)

/** Reads the leaves of `state` in order; false where one is missing. */
const collect = (layout: Layout, state: object, out: unknown[]): boolean => {
  const { keys, children } = layout
  for (let i = 0; i < keys.length; i++) {
    const value = at(state, keys[i]!)
    const child = children[i]!
    if (typeof child === 'number') {
      if (value === undefined) return false
      out.push(value)
    } else if (!isMapping(value) || !collect(child, value, out)) return false
  }
  return keys.length === Object.keys(state).length || state instanceof Map
}

const list = (label: string, paths: readonly Path[]): string =>
  paths.length === 0
    ? ''
    : ` ${label}: ${paths.slice(0, 8).map(formatPath).join(', ')}${paths.length > 8 ? ', ...' : ''}.`

const mismatch = (graphdef: GraphDef, state: object): StateError => {
  const id = (path: Path): string => JSON.stringify(path)
  const got = flatState(state).map(([path]) => path)
  const known = new Set(got.map(id))
  const wanted = new Set(graphdef.paths.map(id))
  const missing = graphdef.paths.filter((path) => !known.has(id(path)))
  const extra = got.filter((path) => !wanted.has(id(path)))
  return new StateError(
    `Incorrect number of leaves, expected ${graphdef.numLeaves} leaves, but got ${got.length}.${list('Missing', missing)}${list('Not in the graph', extra)}`,
  )
}

/** By path, for what the quick way does not take: containers as values, empty levels. */
const byPath = (graphdef: GraphDef, state: object): readonly unknown[] => {
  const leaves: unknown[] = []
  for (const path of graphdef.paths) {
    let value: unknown = state
    for (const key of path) value = isMapping(value) ? at(value, key) : undefined
    if (value === undefined) throw mismatch(graphdef, state)
    leaves.push(value)
  }
  const wanted = new Set(graphdef.paths.map((path) => JSON.stringify(path)))
  const inside = (path: Path): boolean => path.some((_, i) => wanted.has(JSON.stringify(path.slice(0, i + 1))))
  if (!flatState(state).every(([path]) => inside(path))) throw mismatch(graphdef, state)
  return leaves
}

/** The leaves of the union of these states in the order of the graph. Throws StateError where they are not the graph's. */
export const leavesOf = (graphdef: GraphDef, states: readonly object[]): readonly unknown[] => {
  const { layout } = graphdef
  if (typeof layout === 'number') {
    const given = states.filter((state) => !isEmptyState(state))
    if (given.length !== 1)
      throw new StateError(
        `Expected exactly one non-empty state, got ${given.length} for a graph that is a single leaf`,
      )
    return given
  }
  const state = states.length === 1 ? states[0]! : mergeState(...states)
  if (!isMapping(state))
    throw new StateError(`merge: expected a State, got ${describeValue(state)}; pass what \`split\` returned`)
  const leaves: unknown[] = []
  return collect(layout, state, leaves) ? leaves : byPath(graphdef, state)
}
