import { isState } from '@linum/graph'

/** A nested level of a tree: a plain object, or a State. */
export type Level = Readonly<Record<string, unknown>>

export const isPlain = (x: unknown): x is Level => {
  if (typeof x !== 'object' || x === null) return false
  const prototype: unknown = Object.getPrototypeOf(x)
  return prototype === Object.prototype || prototype === null
}

export const isLevel = (x: unknown): x is Level => isPlain(x) || isState(x)

/** A plain object of the same keys. */
export const mapLevel = (f: (value: unknown) => unknown, level: Level): Level =>
  Object.fromEntries(Object.keys(level).map((key) => [key, f(level[key])]))

export const isArray = (x: unknown): x is readonly unknown[] => Array.isArray(x)

export const sameKeys = (a: Level, b: Level): boolean => {
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key))
}
