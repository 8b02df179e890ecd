import { type Filter, type Path, toPredicate } from '@linum/filters'
import { isNodeKind, kindOf, sortedKeys } from '../kinds.js'

export interface FindDuplicatesOptions {
  /** Which nodes and Variables count. All by default. */
  readonly only?: Filter
}

/** The groups of paths, of two and more, that reach the same node or Variable. */
export const findDuplicates = (
  node: unknown,
  { only = true }: FindDuplicatesOptions = {},
): readonly (readonly Path[])[] => {
  const counts = toPredicate(only)
  const pathsOf = new Map<unknown, Path[]>()
  const open = new Set<unknown>()
  const visit = (value: unknown, path: Path): void => {
    const kind = kindOf(value)
    if (kind.role === 'static' || kind.role === 'leaf') return
    if (kind.role !== 'pytree') {
      const known = pathsOf.get(value)
      if (known !== undefined) {
        if (counts(path, value)) known.push(path)
        return
      }
      pathsOf.set(value, [path])
    }
    if (!isNodeKind(kind) || open.has(value)) return
    open.add(value)
    for (const key of sortedKeys(kind, value as object)) visit(kind.access.get(value as object, key), [...path, key])
    open.delete(value)
  }
  visit(node, [])
  return [...pathsOf.values()].filter((paths) => paths.length > 1)
}
