import { type Filter, partition, type Path, select } from '@linum/filters'
import { flatState, fromFlatState, fromSorted } from './flat-state.js'
import { freezeState, isMapping, isState, mappingEntries, newState, type State, type StateLeaf } from './state.js'

const mapLevel = <A, B>(f: (path: Path, leaf: A) => B, mapping: object, path: Path): State<B> => {
  const draft = newState()
  for (const [key, value] of mappingEntries(mapping)) {
    const at = [...path, key]
    draft[key] = isMapping(value) ? mapLevel(f, value, at) : f(at, value as A)
  }
  return freezeState(draft)
}

/** A State of the same keys whose leaves are `f(path, leaf)`. */
export const mapState = <B, A = StateLeaf>(f: (path: Path, leaf: A) => B, state: object): State<B> =>
  mapLevel(f, state, [])

const one = (states: readonly State[]): State | readonly State[] => (states.length === 1 ? states[0]! : states)

/** One State per filter; a single State for one filter. First match wins; leaves that match none are left out. */
export function filterState(state: object, filter: Filter): State
export function filterState(
  state: object,
  first: Filter,
  second: Filter,
  ...filters: readonly Filter[]
): readonly State[]
export function filterState(state: object, ...filters: readonly Filter[]): State | readonly State[] {
  return one(select(flatState(state), ...filters).map(fromSorted))
}

/** As `filterState`, and every leaf must match a filter. Throws FilterError else. */
export function splitState(state: object, filter: Filter): State
export function splitState(
  state: object,
  first: Filter,
  second: Filter,
  ...filters: readonly Filter[]
): readonly State[]
export function splitState(state: object, ...filters: readonly Filter[]): State | readonly State[] {
  return one(partition(flatState(state), ...filters).map(fromSorted))
}

const mergeLevel = (a: object, b: object): State => {
  const merged = new Map(mappingEntries(a))
  for (const [key, value] of mappingEntries(b)) {
    const old = merged.get(key)
    merged.set(key, isMapping(old) && isMapping(value) ? mergeLevel(old, value) : value)
  }
  const draft = newState()
  for (const [key, value] of mappingEntries(merged))
    draft[key] = isMapping(value) && !isState(value) ? mergeLevel({}, value) : value
  return freezeState(draft)
}

/** The union of States; where two have a leaf at the same path, the later wins. */
export const mergeState = (...states: readonly object[]): State => {
  const [first, ...others] = states
  if (first === undefined) return fromFlatState([])
  if (others.length === 0) return isState(first) ? first : mergeLevel({}, first)
  return others.reduce<State>(mergeLevel, first as State)
}

/** The leaves of the first State whose paths the second has not. */
export const diffState = (state: object, other: object): State => {
  const paths = new Set(flatState(other).map(([path]) => JSON.stringify(path)))
  return fromSorted(flatState(state).filter(([path]) => !paths.has(JSON.stringify(path))))
}
