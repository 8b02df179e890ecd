export { All, Not, PathContains, PathIn, type PathContainsOptions } from './combinators.js'
export { FilterError } from './error.js'
export {
  Any,
  type AnyClass,
  Everything,
  type Filter,
  type FilterFn,
  isClass,
  Nothing,
  OfType,
  rest,
  toPredicate,
  variableBrand,
  WithTag,
} from './filter.js'
export { type Entry, firstMatch, nonExhaustive, partition, select, toPredicates } from './partition.js'
export { formatPath, type Path, type PathKey, toPathKey } from './path.js'
