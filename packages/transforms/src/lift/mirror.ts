import type { Path } from '@linum/filters'
import { type Flat, flatState, fromFlatState, isGraphNode, isState, Variable, VariableState } from '@linum/graph'
import { StateError, Tensor, tree } from '@linum/tensor'

/**
 * Tensors that belong to the leaves of a value, in its own form: a State for a graph node or a State, a snapshot for a Variable,
 * containers as they are. `byLeaf` has them by the number of the leaf; `path` is the value's own in `flat`.
 */
export const mirror = (value: unknown, path: Path, flat: Flat, byLeaf: ReadonlyMap<number, unknown>): unknown => {
  const at = (i: number): unknown => {
    const leaf = flat.leaves[i]
    return leaf instanceof Variable ? new VariableState(leaf.type, byLeaf.get(i), leaf.metadata, true) : byLeaf.get(i)
  }
  const below = [...byLeaf.keys()].filter((i) => path.every((k, d) => flat.graphdef.paths[i]![d] === k))
  if (isState(value)) return mirrorState(value, path, flat, byLeaf)
  if (isGraphNode(value))
    return fromFlatState(below.map((i) => [flat.graphdef.paths[i]!.slice(path.length), at(i)] as const))
  if (value instanceof Variable || value instanceof Tensor) {
    const own = below.find((i) => flat.graphdef.paths[i]!.length === path.length)
    return own === undefined ? fromFlatState([]) : at(own)
  }
  if (Array.isArray(value)) return value.map((v, i) => mirror(v, [...path, i], flat, byLeaf))
  if (value instanceof Map)
    return new Map(
      [...(value as ReadonlyMap<string, unknown>)].map(([k, v]) => [k, mirror(v, [...path, k], flat, byLeaf)]),
    )
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, mirror(v, [...path, k], flat, byLeaf)]))
  return value
}

/** A State with what belongs to its snapshots and tensors, and nothing for the others. */
const mirrorState = (state: object, path: Path, flat: Flat, byLeaf: ReadonlyMap<number, unknown>): unknown => {
  const entries = flatState(state).flatMap(([own, leaf]) => {
    const whole = [...path, ...own]
    const at = [...byLeaf.keys()].find((i) => whole.every((k, d) => flat.graphdef.paths[i]![d] === k))
    if (at === undefined) return []
    const value = byLeaf.get(at)
    return [
      [own, leaf instanceof VariableState ? new VariableState(leaf.type, value, leaf.metadata, true) : value] as const,
    ]
  })
  return fromFlatState(entries)
}

/** What stands at `path` of a mirror, or of the value itself: undefined for nothing, null for null there or above. */
export const lookUp = (value: unknown, path: Path): unknown => {
  let at = value
  for (const key of path) {
    if (at === null || at === undefined) return at
    at =
      at instanceof Map
        ? (at as ReadonlyMap<unknown, unknown>).get(key)
        : (at as Readonly<Record<string | number, unknown>>)[key]
  }
  return at
}

/** Throws StateError for a leaf of a mirror that belongs to none of these paths. */
export const checkNoOthers = (what: string, value: unknown, paths: readonly Path[]): void => {
  if (value === null || value === undefined) return
  const known = new Set(paths.map((p) => JSON.stringify(p)))
  for (const [own, leaf] of tree.leavesWithPath(value)) {
    // A snapshot has its value as a child.
    const parent = own.slice(0, -1)
    const path = lookUp(value, parent) instanceof VariableState ? parent : own
    if (leaf === null || known.has(JSON.stringify(path))) continue
    throw new StateError(
      `${what} has a value at '${path.join('/')}', where there is nothing to differentiate; leave it out`,
    )
  }
}
