import { isModule, Variable } from '@linum/graph'
import { ArrayOps } from '@linum/tensor'

/** `float32[2,3]`. */
export const formatType = ({ dtype, shape }: { readonly dtype: string; readonly shape: readonly number[] }): string =>
  `${dtype}[${shape.join(',')}]`

const isPlain = (x: unknown): x is Readonly<Record<string, unknown>> => {
  if (typeof x !== 'object' || x === null) return false
  const prototype: unknown = Object.getPrototypeOf(x)
  return prototype === Object.prototype || prototype === null
}

const scalar = (x: unknown): string => {
  if (x instanceof Variable || x instanceof ArrayOps) return formatType(x)
  if (typeof x === 'function') return x.name === '' ? '(function)' : x.name
  if (typeof x === 'object' && x !== null) return `${x.constructor?.name ?? 'Object'}(...)`
  return String(x)
}

const indented = (text: string, by: string): string => text.replaceAll('\n', `\n${by}`)

const isList = (x: unknown): x is readonly unknown[] => Array.isArray(x)
const isEmpty = (x: unknown): boolean => (isList(x) ? x.length === 0 : isPlain(x) && Object.keys(x).length === 0)

/** Nested arrays and plain objects as YAML, tensors by their types, Modules by their names. */
const block = (x: unknown): string => {
  if (isEmpty(x)) return isList(x) ? '[]' : '{}'
  if (isList(x)) return x.map((item) => `- ${indented(block(item), '  ')}`).join('\n')
  if (!isPlain(x)) return scalar(x)
  return Object.keys(x)
    .sort()
    .map((key) => {
      const value = x[key]
      if (isEmpty(value) || !(isList(value) || isPlain(value))) return `${key}: ${block(value)}`
      return isList(value) ? `${key}:\n${block(value)}` : `${key}:\n  ${indented(block(value), '  ')}`
    })
    .join('\n')
}

/** As `block`; nothing for null, undefined and what is empty. */
export const formatTree = (x: unknown): string => (x === null || x === undefined || isEmpty(x) ? '' : block(x))

/** The arguments of a call; a plain object at the end is listed by its names. */
export const formatArguments = (args: readonly unknown[]): string => {
  const last = args.at(-1)
  const named = args.length > 1 && isPlain(last) && !isModule(last) ? last : {}
  const positional = isEmpty(named) && !(args.length > 1 && isPlain(last)) ? args : args.slice(0, -1)
  const shown = positional.length === 1 && isEmpty(named) ? formatTree(positional[0]) : formatTree(positional)
  return [shown, formatTree(named)].filter((part) => part !== '').join('\n')
}

/** Elements and bytes of tensors. */
export interface Size {
  readonly elements: number
  readonly bytes: number
}

export const noSize: Size = { elements: 0, bytes: 0 }

export const addSizes = (a: Size, b: Size): Size => ({ elements: a.elements + b.elements, bytes: a.bytes + b.bytes })

const grouped = (n: number, digits = 0): string =>
  n.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })

const units: readonly (readonly [bytes: number, unit: string])[] = [
  [1e9, 'GB'],
  [1e6, 'MB'],
  [1e3, 'KB'],
]

/** `4,224 (16.9 KB)`; a kilobyte has 1000 bytes. */
export const formatSize = ({ elements, bytes }: Size): string => {
  const [scale, unit] = units.find(([least]) => bytes > least) ?? [1, 'B']
  return `${grouped(elements)} (${grouped(bytes / scale, unit === 'B' ? 0 : 1)} ${unit})`
}
