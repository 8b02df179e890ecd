/**
 * What an object implements to be compared by content where it is a static attribute or metadata: optimizer
 * transformations, schedules, configurations. Equal objects must have equal hashes. Two such objects with the same
 * content give the same GraphDef, so that building one again does not retrace.
 */
export interface Structural {
  equals(other: unknown): boolean
  readonly hash: number | string
}

const isObject = (x: unknown): x is object => (typeof x === 'object' && x !== null) || typeof x === 'function'

const isStructural = (x: object): x is Structural => 'equals' in x && typeof x.equals === 'function' && 'hash' in x

/**
 * Equality of static values: numbers, strings and booleans by value as `Object.is` sees them (NaN equals itself, 0
 * and -0 differ), `Structural` objects by content, functions and all other objects by identity.
 */
export const staticEqual = (a: unknown, b: unknown): boolean => {
  if (Object.is(a, b)) return true
  if (!isObject(a) || !isObject(b)) return false
  return isStructural(a) && isStructural(b) && a.hash === b.hash && a.equals(b)
}

/** One more word of a hash (32 bits, FNV-1a over words). */
export const mix = (hash: number, word: number): number => Math.imul(hash ^ word, 0x01000193)

export const hashSeed: number = 0x811c9dc5 | 0

const strings = new Map<string, number>()
const maxStrings = 4096

export const hashString = (text: string): number => {
  const known = strings.get(text)
  if (known !== undefined) return known
  let h = hashSeed
  for (let i = 0; i < text.length; i++) h = mix(h, text.charCodeAt(i))
  if (strings.size >= maxStrings) strings.clear()
  strings.set(text, h)
  return h
}

const identities = new WeakMap<object, number>()
let nextIdentity = 1

const hashIdentity = (x: object): number => {
  const known = identities.get(x)
  if (known !== undefined) return known
  const id = nextIdentity++
  identities.set(x, id)
  return id
}

const floats = new Float64Array(1)
const words = new Int32Array(floats.buffer)

const hashNumber = (x: number): number => {
  floats[0] = Number.isNaN(x) ? Number.NaN : x
  return mix(mix(hashSeed, words[0]!), words[1]!)
}

/** Agrees with `staticEqual`: equal values have equal hashes, within this process. */
export const staticHash = (x: unknown): number => {
  switch (typeof x) {
    case 'number':
      return hashNumber(x)
    case 'string':
      return hashString(x)
    case 'boolean':
      return x ? 3 : 5
    case 'bigint':
    case 'symbol':
      return hashString(String(x))
    case 'undefined':
      return 7
    default:
      if (!isObject(x)) return 11
      if (!isStructural(x)) return hashIdentity(x)
      return typeof x.hash === 'string' ? hashString(x.hash) : hashNumber(x.hash)
  }
}

type Fields = Readonly<Record<string, unknown>>

/** Equality of metadata: the same keys, in any order, with equal values. */
export const fieldsEqual = (a: Fields, b: Fields): boolean => {
  if (a === b) return true
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  for (const key of keys) if (!Object.hasOwn(b, key) || !staticEqual(a[key], b[key])) return false
  return true
}

/** Agrees with `fieldsEqual`, so the order of keys does not count. */
export const fieldsHash = (fields: Fields): number => {
  let h = 0
  for (const key of Object.keys(fields)) h = (h + mix(hashString(key), staticHash(fields[key]))) | 0
  return h
}
