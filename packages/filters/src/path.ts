/** One step of a path: a number where the key is an array index, else a string. */
export type PathKey = string | number

/** Where a leaf lives: the keys from the root. Array indices and other canonical integers are numbers. */
export type Path = readonly PathKey[]

/** The largest array index that JavaScript knows; beyond it integer-like keys are ordinary strings. */
const maxIndex = 2 ** 32 - 2

const isDigits = (key: string): boolean => {
  for (let i = 0; i < key.length; i++) {
    const c = key.charCodeAt(i)
    if (c < 48 || c > 57) return false
  }
  return key.length > 0
}

/** A property name as a path key: `'10'` becomes 10; `'01'`, `'-1'` and `'1e3'` stay strings. */
export const toPathKey = (key: PathKey): PathKey => {
  if (typeof key === 'number')
    return Number.isInteger(key) && key >= 0 && key <= maxIndex && !Object.is(key, -0) ? key : String(key)
  const c = key.charCodeAt(0)
  if (!(c >= 48 && c <= 57) || key.length > 10 || !isDigits(key) || (c === 48 && key.length > 1)) return key
  const n = Number(key)
  return n <= maxIndex ? n : key
}

/** How messages write a path: `layers/0/w`. */
export const formatPath = (path: Path): string => path.join('/')
