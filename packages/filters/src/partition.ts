import { FilterError } from './error.js'
import { describe, type Filter, type FilterFn, rest, toPredicate } from './filter.js'
import { formatPath, type Path } from './path.js'

const isRest = (filter: Filter): boolean => filter === rest || filter === true

/** The predicates of a list of filters. Throws FilterError where `rest` or `true` comes before another filter. */
export const toPredicates = (filters: readonly Filter[]): readonly FilterFn[] => {
  const first = filters.findIndex(isRest)
  if (first >= 0 && !filters.slice(first).every(isRest)) {
    throw new FilterError(
      `\`rest\` or \`true\` can only be used as the last filters, got ${describe(filters[first])} at index ${first}; move it to the end`,
    )
  }
  return filters.map(toPredicate)
}

/** The index of the first predicate that matches, or -1. */
export const firstMatch = (predicates: readonly FilterFn[], path: Path, value: unknown): number => {
  for (let i = 0; i < predicates.length; i++) if (predicates[i]!(path, value)) return i
  return -1
}

/** A leaf with its path. */
export type Entry<V> = readonly [path: Path, value: V]

const split = <V>(
  entries: Iterable<Entry<V>>,
  filters: readonly Filter[],
): readonly [groups: readonly Entry<V>[][], remainder: Entry<V>[]] => {
  const predicates = toPredicates(filters)
  const groups = predicates.map((): Entry<V>[] => [])
  const remainder: Entry<V>[] = []
  for (const entry of entries) (groups[firstMatch(predicates, entry[0], entry[1])] ?? remainder).push(entry)
  return [groups, remainder]
}

const shown = 8

/** The error for leaves that no filter took. Names the first few. */
export const nonExhaustive = (paths: readonly Path[]): FilterError => {
  const more = paths.length > shown ? ` and ${paths.length - shown} more` : ''
  return new FilterError(
    `Non-exhaustive filters, got a non-empty remainder: ${paths.slice(0, shown).map(formatPath).join(', ')}${more}.\nUse \`rest\` to match all remaining elements.`,
  )
}

/**
 * One group of entries per filter, each entry in the group of the first filter that matches, order kept. Throws
 * FilterError where an entry matches none.
 */
export const partition = <V>(
  entries: Iterable<Entry<V>>,
  ...filters: readonly Filter[]
): readonly (readonly Entry<V>[])[] => {
  const [groups, remainder] = split(entries, filters)
  if (remainder.length > 0) throw nonExhaustive(remainder.map(([path]) => path))
  return groups
}

/** As `partition`, and entries that match no filter are left out. */
export const select = <V>(
  entries: Iterable<Entry<V>>,
  ...filters: readonly Filter[]
): readonly (readonly Entry<V>[])[] => split(entries, filters)[0]
