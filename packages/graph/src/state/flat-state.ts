import { formatPath, type Path, type PathKey } from '@linum/filters'
import { StateError } from '@linum/tensor'
import { comparePaths } from '../keys.js'
import { freezeState, isMapping, mappingEntries, newState, type State, type StateLeaf } from './state.js'

/** Leaves with their paths, sorted by path. */
export type FlatState<Leaf = StateLeaf> = readonly (readonly [path: Path, leaf: Leaf])[]

const collect = <Leaf>(mapping: object, path: Path, out: (readonly [Path, Leaf])[]): void => {
  for (const [key, value] of mappingEntries(mapping)) {
    const at = [...path, key]
    if (isMapping(value)) collect(value, at, out)
    else out.push([at, value as Leaf])
  }
}

/** The leaves of a State, or of a nested plain object, with their paths in order. Empty levels vanish. */
export const flatState = <Leaf = StateLeaf>(state: object): FlatState<Leaf> => {
  const out: (readonly [Path, Leaf])[] = []
  collect(state, [], out)
  return out
}

const build = <Leaf>(flat: FlatState<Leaf>, start: number, end: number, depth: number): State<Leaf> => {
  const draft = newState()
  let i = start
  while (i < end) {
    const path = flat[i]![0]
    const key = path[depth] as PathKey
    let j = i + 1
    while (j < end && flat[j]![0][depth] === key) j++
    if (path.length === depth + 1) {
      if (j > i + 1) {
        const next = flat[i + 1]![0]
        throw new StateError(
          next.length === path.length
            ? `fromFlatState: two leaves at path '${formatPath(path)}'; give each path once`
            : `fromFlatState: a leaf at path '${formatPath(path)}' and another below it at '${formatPath(next)}'; a level is either a leaf or a mapping`,
        )
      }
      draft[key] = flat[i]![1]
    } else draft[key] = build(flat, i, j, depth + 1)
    i = j
  }
  return freezeState(draft)
}

/** A State of leaves that are already sorted by path. */
export const fromSorted = <Leaf>(flat: FlatState<Leaf>): State<Leaf> => build(flat, 0, flat.length, 0)

/** The inverse of `flatState`, for entries in any order. Throws StateError where a path is empty, double, or inside a leaf. */
export const fromFlatState = <Leaf>(flat: Iterable<readonly [Path, Leaf]>): State<Leaf> => {
  const sorted = [...flat].sort((a, b) => comparePaths(a[0], b[0]))
  if (sorted[0]?.[0].length === 0)
    throw new StateError(
      'fromFlatState: an empty path has no place in a State, got []; give every leaf at least one key',
    )
  return fromSorted(sorted)
}
