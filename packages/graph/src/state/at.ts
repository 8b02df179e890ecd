import { formatPath, type PathKey } from '@linum/filters'
import { StateError } from '@linum/tensor'
import { getOwn } from '../keys.js'
import { isMapping } from './state.js'

/** The leaf or level of a State at a path. Throws StateError where there is none, naming the keys that there are. */
export function at<S, const A extends keyof S>(state: S, a: A): S[A]
export function at<S, const A extends keyof S, const B extends keyof S[A]>(state: S, a: A, b: B): S[A][B]
export function at<S, const A extends keyof S, const B extends keyof S[A], const C extends keyof S[A][B]>(
  state: S,
  a: A,
  b: B,
  c: C,
): S[A][B][C]
export function at<
  S,
  const A extends keyof S,
  const B extends keyof S[A],
  const C extends keyof S[A][B],
  const D extends keyof S[A][B][C],
>(state: S, a: A, b: B, c: C, d: D): S[A][B][C][D]
export function at<
  S,
  const A extends keyof S,
  const B extends keyof S[A],
  const C extends keyof S[A][B],
  const D extends keyof S[A][B][C],
  const E extends keyof S[A][B][C][D],
>(state: S, a: A, b: B, c: C, d: D, e: E): S[A][B][C][D][E]
export function at(state: unknown, ...path: readonly PropertyKey[]): unknown {
  let value = state
  path.forEach((key, i) => {
    const level = value
    value = isMapping(level) ? getOwn(level, key as PathKey) : undefined
    if (value === undefined) {
      const known = isMapping(level)
        ? `the keys there are ${Object.keys(level).join(', ') || '(none)'}`
        : 'that is a leaf'
      throw new StateError(
        `at: the State has nothing at path '${formatPath(path.slice(0, i + 1) as PathKey[])}'; ${known}`,
      )
    }
  })
  return value
}
