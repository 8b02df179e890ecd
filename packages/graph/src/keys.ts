import type { PathKey } from '@linum/filters'

// Surrogates sort after all other code units in code-point order, though their numbers are below U+E000.
const rank = (unit: number): number => (unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit)

/** Code-point order of strings, which `<` does not give where one has characters beyond U+FFFF. */
export const compareStrings = (a: string, b: string): number => {
  const n = Math.min(a.length, b.length)
  for (let i = 0; i < n; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return rank(x) - rank(y)
  }
  return a.length - b.length
}

/** The one order of attributes: integers by value, then strings by code point. */
export const compareKeys = (a: PathKey, b: PathKey): number => {
  if (typeof a === 'number') return typeof b === 'number' ? a - b : -1
  return typeof b === 'number' ? 1 : compareStrings(a, b)
}

/** Element by element, so that `['a/b']` and `['a', 'b']` never meet. */
export const comparePaths = (a: readonly PathKey[], b: readonly PathKey[]): number => {
  const n = Math.min(a.length, b.length)
  for (let i = 0; i < n; i++) {
    const c = compareKeys(a[i]!, b[i]!)
    if (c !== 0) return c
  }
  return a.length - b.length
}

export const sameKeys = (a: readonly PathKey[], b: readonly PathKey[]): boolean => {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** Sets an own property. Plain assignment, except that `__proto__` must not change the prototype. */
export const setOwn = (target: object, key: PathKey, value: unknown): void => {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true })
  else (target as Record<PathKey, unknown>)[key] = value
}

/** An own property, or undefined: never something inherited. */
export const getOwn = (target: object, key: PathKey): unknown =>
  Object.hasOwn(target, key) ? (target as Record<PathKey, unknown>)[key] : undefined
