import { type FilterFn, toPredicate } from '@linum/filters'
import { DiffState } from '../diff-state.js'

export type AnyFunction = (...args: never[]) => unknown

/** A function, its rule, and which arguments have a cotangent. */
export interface Rule {
  readonly label: string
  readonly f: AnyFunction
  readonly fwd: AnyFunction
  readonly bwd: AnyFunction
  /** Arguments without one. */
  readonly named: readonly number[]
  /** What has one in other arguments, where that is not everything. */
  readonly filters: ReadonlyMap<number, FilterFn>
}

/** Throws RangeError for positions that are none, or named twice. */
export const ruleOf = (
  f: AnyFunction,
  fwd: AnyFunction,
  bwd: AnyFunction,
  nondiff: readonly (number | DiffState)[],
): Rule => {
  const label = `customVjp(${f.name || 'anonymous'})`
  const argnums = nondiff.map((n) => (n instanceof DiffState ? n.argnum : n))
  argnums.forEach((n, i) => {
    if (!Number.isInteger(n) || n < 0) throw new RangeError(`${label}: nondiffArgnums must name arguments, got ${n}`)
    if (argnums.indexOf(n) !== i) throw new RangeError(`${label}: argnum ${n} is repeated in nondiffArgnums`)
  })
  return {
    label,
    f,
    fwd,
    bwd,
    named: nondiff.filter((n) => typeof n === 'number'),
    filters: new Map(
      nondiff.flatMap((n) => (n instanceof DiffState ? [[n.argnum, toPredicate(n.filter)] as const] : [])),
    ),
  }
}
