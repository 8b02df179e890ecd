import { describe, type Filter, type FilterFn, named, onSite, type Site, toPredicate } from './filter.js'
import { concatAll, getMonoidAll, not } from './fp.js'
import { formatPath, type Path, type PathKey, toPathKey } from './path.js'

/** Leaves that all of the filters match; every leaf for no filters. The monoid of filters under "and". */
export const All = (...filters: readonly Filter[]): FilterFn => {
  const parts = filters.map(toPredicate)
  const all = concatAll(getMonoidAll<Site>())(parts.map(onSite))
  return named((path, value) => all({ path, value }), `All(${parts.map(describe).join(', ')})`)
}

/** Leaves that the filter does not match. */
export const Not = (filter: Filter): FilterFn => {
  const part = toPredicate(filter)
  const negated = not(onSite(part))
  return named((path, value) => negated({ path, value }), `Not(${describe(part)})`)
}

export interface PathContainsOptions {
  /** False: the key may be any substring of a path key. */
  readonly exact?: boolean
}

/** Leaves below the key: one of the path's keys is it. `'0'` and 0 are the same key. */
export const PathContains = (key: PathKey, { exact = true }: PathContainsOptions = {}): FilterFn => {
  const wanted = toPathKey(key)
  const part = String(key)
  const f: FilterFn = exact
    ? (path) => path.some((k) => toPathKey(k) === wanted)
    : (path) => path.some((k) => String(k).includes(part))
  return named(f, `PathContains(${describe(String(key))}${exact ? '' : ', { exact: false }'})`)
}

// JSON keeps ['a/b'] apart from ['a', 'b'].
const pathId = (path: Path): string => JSON.stringify(path.map(toPathKey))

/** Leaves at exactly these paths. */
export const PathIn = (...paths: readonly Path[]): FilterFn => {
  const ids = new Set(paths.map(pathId))
  return named((path) => ids.has(pathId(path)), `PathIn(${paths.map(formatPath).join(', ')})`)
}
