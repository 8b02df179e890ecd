import type { Filter } from '@linum/filters'
import type { Splits } from './stream.js'

/** Which streams to treat how: pairs of a filter and a number or shape, null for "leave it"; first match wins. */
export type SplitRules = readonly (readonly [filter: Filter, splits: Splits | null])[]

/** Whether these are rules rather than one number or shape for all. */
export const isRules = (splits: Splits | SplitRules): splits is SplitRules =>
  typeof splits !== 'number' && splits.length > 0 && Array.isArray(splits[0])
