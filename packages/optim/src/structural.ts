import { staticEqual, staticHash, type Structural } from '@linum/graph'
import { isArray, isPlain, type Level, sameKeys } from './level.js'

/** What a transformation or schedule was made of, by name, defaults filled in. */
export type Hyperparameters = Readonly<Record<string, unknown>>

/** A value that is equal to another of the same name and equal hyperparameters. */
export interface Named {
  readonly name: string
  readonly hyperparameters: Hyperparameters
}

const fieldsEqual = (a: Level, b: Level): boolean =>
  sameKeys(a, b) && Object.keys(a).every((key) => valueEqual(a[key], b[key]))

/** Plain objects and arrays by content, all else as static attributes of a graph are compared. */
const valueEqual = (a: unknown, b: unknown): boolean => {
  if (isArray(a)) return isArray(b) && a.length === b.length && a.every((x, i) => valueEqual(x, b[i]))
  if (isPlain(a)) return isPlain(b) && fieldsEqual(a, b)
  return staticEqual(a, b)
}

const isNamed = (x: object): x is Named & Structural =>
  'hyperparameters' in x && 'hash' in x && typeof x.hash === 'string'

const valueText = (x: unknown): string => {
  if (typeof x === 'number') return Object.is(x, -0) ? '-0' : String(x)
  if (typeof x === 'string') return JSON.stringify(x)
  if (isArray(x)) return `[${x.map(valueText).join(', ')}]`
  if (isPlain(x)) return `{${fieldsText(x)}}`
  if ((typeof x !== 'object' && typeof x !== 'function') || x === null) return String(x)
  if (isNamed(x)) return String(x.hash)
  return `${typeof x === 'function' ? x.name || 'function' : (x.constructor?.name ?? 'object')}#${staticHash(x)}`
}

const fieldsText = (fields: Level): string =>
  Object.keys(fields)
    .sort()
    .map((key) => `${key}: ${valueText(fields[key])}`)
    .join(', ')

/** Agrees with `sameNamed`, within this process: what is compared by identity is written as a number. */
export const namedText = ({ name, hyperparameters }: Named): string => `${name}(${fieldsText(hyperparameters)})`

/** The same name and the same hyperparameters: numbers by value, nested transformations and schedules by content, other functions by identity. */
export const sameNamed = (a: Named, b: Named): boolean =>
  a === b || (a.name === b.name && fieldsEqual(a.hyperparameters, b.hyperparameters))
