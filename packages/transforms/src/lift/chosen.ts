import type { FilterFn, Path } from '@linum/filters'
import { isGraphNode, Variable } from '@linum/graph'

/** Whether a path leads through an object with identity, where only what a filter takes is differentiated. */
const insideGraph = (arg: unknown, path: Path): boolean => {
  let at = arg
  for (const key of path) {
    if (isGraphNode(at)) return true
    at =
      at instanceof Map
        ? (at as ReadonlyMap<unknown, unknown>).get(key)
        : (at as Readonly<Record<string | number, unknown>>)[key]
  }
  return false
}

/** Whether a leaf of the arguments is differentiated: a Variable, or a tensor of a module, by the filter; other tensors always. */
export const isChosen = (
  matches: FilterFn,
  given: readonly unknown[],
  [argnum, ...own]: Path,
  leaf: unknown,
): boolean => (leaf instanceof Variable || insideGraph(given[argnum as number], own) ? matches(own, leaf) : true)
