import type { FilterFn, Path } from '@linum/filters'
import { isGraphNode, Variable, VariableState } from '@linum/graph'

/** What owns a leaf: the snapshot that it is the value of, or the first object with identity on its path. */
const ownerOf = (arg: unknown, path: Path): { readonly at: object; readonly path: Path } | null => {
  let at = arg
  for (const [depth, key] of path.entries()) {
    if (at instanceof VariableState || isGraphNode(at)) return { at: at as object, path: path.slice(0, depth) }
    at =
      at instanceof Map
        ? (at as ReadonlyMap<unknown, unknown>).get(key)
        : (at as Readonly<Record<string | number, unknown>>)[key]
  }
  return null
}

/**
 * Whether a leaf of the arguments is differentiated: a Variable, a snapshot in a State, or a tensor of a module, by the
 * filter; other tensors always.
 */
export const isChosen = (
  matches: FilterFn,
  given: readonly unknown[],
  [argnum, ...own]: Path,
  leaf: unknown,
): boolean => {
  if (leaf instanceof Variable) return matches(own, leaf)
  const owner = ownerOf(given[argnum as number], own)
  if (owner === null) return true
  return owner.at instanceof VariableState ? matches(owner.path, owner.at) : matches(own, leaf)
}
