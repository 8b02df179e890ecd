import { formatPath, type PathKey } from '@linum/filters'
import { isGraphNode } from '@linum/graph'
import { ArrayOps, GraphError } from '@linum/tensor'
import { baseTrace } from '@linum/tensor/core'

const isPlainObject = (x: object): boolean => {
  const proto: unknown = Object.getPrototypeOf(x)
  return proto === Object.prototype || proto === null
}

/** Data that is neither a tensor nor compared by content: as a static value it would be another one in every call. */
const remedies: readonly (readonly [test: (x: object) => boolean, remedy: string])[] = [
  [(x) => ArrayBuffer.isView(x) || x instanceof ArrayBuffer, 'make it a tensor with array(...)'],
  [(x) => x instanceof Date, 'pass its number or its text'],
  [(x) => x instanceof Set, 'pass an array'],
  [(x) => x instanceof Promise, 'await it first'],
  [(x) => x instanceof RegExp, 'close over it'],
]

/** Beyond this depth a container that contains itself is looked for. */
const suspectDepth = 100

class NumberLifter {
  readonly fn: string
  readonly path: PathKey[]
  readonly open: object[] = []

  constructor(fn: string, position: number) {
    this.fn = fn
    this.path = [position]
  }

  lift(x: unknown): unknown {
    if (typeof x === 'number') return baseTrace().literal(x, 'float32', true)
    if (typeof x !== 'object' || x === null || x instanceof ArrayOps || isGraphNode(x)) return x
    if (this.open.length > suspectDepth && this.open.includes(x))
      throw new GraphError(
        `${this.fn}: ${this.place} contains itself, but an array or object has no identity in the graph; use List or Dict`,
      )
    this.open.push(x)
    const lifted = this.container(x)
    this.open.pop()
    return lifted
  }

  /** The same container where nothing in it changed. */
  container(x: object): unknown {
    if (Array.isArray(x)) {
      const items = x.map((item: unknown, i) => this.child(i, item))
      return items.some((item, i) => item !== x[i]) ? items : x
    }
    if (x instanceof Map) {
      const entries = [...(x as ReadonlyMap<unknown, unknown>)]
      const lifted = entries.map(([key, value]) => [key, this.child(String(key), value)] as const)
      return lifted.some(([, value], i) => value !== entries[i]![1]) ? new Map(lifted) : x
    }
    if (isPlainObject(x)) {
      const entries = Object.entries(x)
      const lifted = entries.map(([key, value]) => [key, this.child(key, value)] as const)
      return lifted.some(([, value], i) => value !== entries[i]![1]) ? Object.fromEntries(lifted) : x
    }
    const remedy = remedies.find(([test]) => test(x))?.[1]
    if (remedy === undefined) return x
    throw new TypeError(
      `${this.fn}: ${this.place} is a ${x.constructor.name}, which is neither a tensor nor static by its content; ${remedy}, or list the argument in staticArgnums`,
    )
  }

  child(key: PathKey, value: unknown): unknown {
    this.path.push(key)
    const lifted = this.lift(value)
    this.path.pop()
    return lifted
  }

  get place(): string {
    const [position, ...path] = this.path
    return `argument ${position}${path.length === 0 ? '' : ` at ${formatPath(path)}`}`
  }
}

/** A number in an argument is traced (weak float32), also within plain arrays, objects and Maps; one held by a module is static. */
const liftNumbers = (fn: string, x: unknown, position: number): unknown =>
  typeof x === 'object' && x !== null && (x instanceof ArrayOps || isGraphNode(x))
    ? x
    : new NumberLifter(fn, position).lift(x)

/**
 * Arguments with the numbers of those that `isTraced` picks, all by default, as tensors. Throws TypeError for data that
 * is neither, such as a typed array or a Date, and GraphError for a container that contains itself.
 */
export const liftArguments = (
  fn: string,
  args: readonly unknown[],
  isTraced: (position: number) => boolean = () => true,
): readonly unknown[] => args.map((a, i) => (isTraced(i) ? liftNumbers(fn, a, i) : a))

/** Arguments as a graph to take apart: numbers become tensors, static arguments are left out. */
export const withoutStatics = (
  fn: string,
  args: readonly unknown[],
  staticArgnums: readonly number[],
): readonly unknown[] => args.map((a, i) => (staticArgnums.includes(i) ? undefined : liftNumbers(fn, a, i)))

/** Inner arguments with the static ones put back. */
export const withStatics = (
  inner: readonly unknown[],
  args: readonly unknown[],
  staticArgnums: readonly number[],
): readonly unknown[] =>
  staticArgnums.length === 0 ? inner : inner.map((a, i) => (staticArgnums.includes(i) ? args[i] : a))
