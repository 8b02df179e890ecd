import { isGraphNode } from '@linum/graph'
import { baseTrace } from '@linum/tensor/core'

const isPlainObject = (x: object): boolean => {
  const proto: unknown = Object.getPrototypeOf(x)
  return proto === Object.prototype || proto === null
}

// A List is an array too, but one with identity.
const isPlainArray = (x: object): x is readonly unknown[] => Array.isArray(x) && !isGraphNode(x)

/** A number in an argument is traced (weak float32), also within plain arrays and objects; one held by a module is static. */
const liftNumbers = (x: unknown): unknown => {
  if (typeof x === 'number') return baseTrace().literal(x, 'float32', true)
  if (typeof x !== 'object' || x === null) return x
  if (isPlainArray(x)) return x.some(holdsNumbers) ? x.map(liftNumbers) : x
  if (!isPlainObject(x) || !Object.values(x).some(holdsNumbers)) return x
  return Object.fromEntries(Object.entries(x).map(([k, v]) => [k, liftNumbers(v)]))
}

const holdsNumbers = (x: unknown): boolean =>
  typeof x === 'number' ||
  (typeof x === 'object' &&
    x !== null &&
    (isPlainArray(x) ? x.some(holdsNumbers) : isPlainObject(x) && Object.values(x).some(holdsNumbers)))

/** Arguments with the numbers of those that `isTraced` picks, all by default, as tensors. */
export const liftArguments = (
  args: readonly unknown[],
  isTraced: (position: number) => boolean = () => true,
): readonly unknown[] => args.map((a, i) => (isTraced(i) ? liftNumbers(a) : a))

/** Arguments as a graph to take apart: numbers become tensors, static arguments are left out. */
export const withoutStatics = (args: readonly unknown[], staticArgnums: readonly number[]): readonly unknown[] =>
  args.map((a, i) => (staticArgnums.includes(i) ? undefined : liftNumbers(a)))

/** Inner arguments with the static ones put back. */
export const withStatics = (
  inner: readonly unknown[],
  args: readonly unknown[],
  staticArgnums: readonly number[],
): readonly unknown[] =>
  staticArgnums.length === 0 ? inner : inner.map((a, i) => (staticArgnums.includes(i) ? args[i] : a))
