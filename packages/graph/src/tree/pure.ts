import { formatPath, type Path } from '@linum/filters'
import { StateError } from '@linum/tensor'
import { flatten } from '../flatten/flatten.js'
import { unflatten } from '../flatten/unflatten.js'
import { hasKey, isGraphNode, isNodeKind, kindOf } from '../kinds.js'
import { fromFlatState, flatState } from '../state/flat-state.js'
import { isState } from '../state/state.js'
import { recursiveMap } from '../traverse/recursive-map.js'
import { makeVariable, Variable } from '../variable/variable.js'
import { VariableState } from '../variable/variable-state.js'
import { mapTree } from './map-tree.js'

/** A type with raw values in the place of Variables and snapshots. */
export type Pure<T> = T extends Variable<infer A> | VariableState<infer A>
  ? A
  : T extends { asTensor(): unknown } | ((...args: never[]) => unknown)
    ? T
    : T extends object
      ? { [K in keyof T]: Pure<T[K]> }
      : T

const rawOf = (leaf: unknown): unknown => {
  if (leaf instanceof VariableState) return leaf.value
  return leaf instanceof Variable ? (leaf.raw as unknown) : leaf
}

/**
 * A tree, State or graph with raw values in the place of Variables and snapshots: what is left of them where neither
 * type nor metadata matter, such as for a file of another program. Shared Variables leave their value at each place.
 */
export const asPure = <T>(tree: T): Pure<T> =>
  mapTree((_, leaf) => {
    if (isState(leaf)) return fromFlatState(flatState<unknown>(leaf).map(([path, x]) => [path, rawOf(x)] as const))
    return isGraphNode(leaf) ? recursiveMap((__, x) => rawOf(x), leaf) : rawOf(leaf)
  }, tree) as Pure<T>

/** What `pure` has at a path. Throws StateError where it has nothing. */
const at = (pure: unknown, path: Path): unknown => {
  let value = pure
  path.forEach((key, i) => {
    const kind = kindOf(value)
    if (!isNodeKind(kind) || !hasKey(kind, value as object, key))
      throw new StateError(
        `withVars: nothing at path '${formatPath(path.slice(0, i + 1))}' of the pure tree; it needs every leaf of the other one`,
      )
    value = kind.access.get(value as object, key)
  })
  return value
}

const wrap = (like: unknown, pure: unknown): unknown => {
  if (like instanceof VariableState) return new VariableState(like.type, pure, like.metadata)
  return like instanceof Variable ? makeVariable(like.type, pure, like.metadata) : pure
}

/**
 * The inverse of `asPure`: the structure of `like`, a tree, State or graph, with the values of `pure` in Variables or
 * snapshots of the same types and metadata; shared Variables are shared again. Throws StateError where one is missing.
 */
export const withVars = <T>(pure: NoInfer<Pure<T>>, like: T): T =>
  mapTree((path, leaf) => {
    const own = at(pure, path)
    if (isState(leaf))
      return fromFlatState(flatState<unknown>(leaf).map(([below, x]) => [below, wrap(x, at(own, below))] as const))
    if (!isGraphNode(leaf)) return wrap(leaf, own)
    const { graphdef, leaves } = flatten(leaf)
    const values = leaves.map((x, i) => wrap(x, at(own, graphdef.paths[i]!)))
    return unflatten(graphdef, values, { shareVariables: true })
  }, like) as T
