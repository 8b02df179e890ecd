import { StateError } from '../core/errors.js'
import { describeMismatch } from './mismatch.js'
import { auxEqual, nodeOf, type TreeNode } from './node.js'

/** Nested arrays and plain objects whose leaves are of type L; null and undefined hold none. */
export type Tree<L> = L | null | undefined | readonly Tree<L>[] | { readonly [key: string]: Tree<L> }

export type Path = readonly (string | number)[]

/** The structure of a tree without its leaves. */
export class TreeDef {
  readonly kind: 'leaf' | 'none' | 'array' | 'object' | 'node'
  /** Keys of an object, sorted; the class's static data. */
  readonly aux: unknown
  readonly node: TreeNode | null
  readonly children: readonly TreeDef[]
  readonly size: number

  constructor(kind: TreeDef['kind'], aux: unknown, node: TreeNode | null, children: readonly TreeDef[]) {
    this.kind = kind
    this.aux = aux
    this.node = node
    this.children = children
    this.size = kind === 'leaf' ? 1 : children.reduce((n, c) => n + c.size, 0)
  }

  equals(other: unknown): boolean {
    if (this === other) return true
    if (!(other instanceof TreeDef) || this.kind !== other.kind || this.node !== other.node || this.size !== other.size)
      return false
    if (this.children.length !== other.children.length) return false
    const sameAux =
      this.kind === 'object'
        ? (this.aux as readonly string[]).every((k, i) => k === (other.aux as readonly string[])[i])
        : auxEqual(this.aux, other.aux)
    return sameAux && this.children.every((c, i) => c.equals(other.children[i]))
  }

  toString(): string {
    switch (this.kind) {
      case 'leaf':
        return '*'
      case 'none':
        return String(this.aux)
      case 'array':
        return `[${this.children.join(', ')}]`
      case 'object':
        return `{${(this.aux as readonly string[]).map((k, i) => `${k}: ${String(this.children[i])}`).join(', ')}}`
      case 'node':
        return `<${String(this.aux)}>(${this.children.join(', ')})`
    }
  }
}

const leafDef = new TreeDef('leaf', null, null, [])
const nullDef = new TreeDef('none', null, null, [])
const undefinedDef = new TreeDef('none', undefined, null, [])

const isPlain = (x: object): boolean => {
  const proto: unknown = Object.getPrototypeOf(x)
  return proto === Object.prototype || proto === null
}

/** Plain objects' keys in the order in which their values are visited. */
const sortedKeys = (x: object): string[] => Object.keys(x).sort()

const visit = (x: unknown, leaves: unknown[]): TreeDef => {
  if (x === null) return nullDef
  if (x === undefined) return undefinedDef
  if (typeof x !== 'object') {
    leaves.push(x)
    return leafDef
  }
  if (Array.isArray(x))
    return new TreeDef(
      'array',
      null,
      null,
      (x as readonly unknown[]).map((v) => visit(v, leaves)),
    )
  const node = nodeOf(x)
  if (node !== null) {
    const [children, aux] = node.flatten(x)
    return new TreeDef(
      'node',
      aux,
      node,
      children.map((c) => visit(c, leaves)),
    )
  }
  if (isPlain(x)) {
    const keys = sortedKeys(x)
    return new TreeDef(
      'object',
      keys,
      null,
      keys.map((k) => visit((x as Record<string, unknown>)[k], leaves)),
    )
  }
  leaves.push(x)
  return leafDef
}

/** The leaves in order and the structure that puts them back. Anything but arrays, plain objects, null, undefined and registered classes is a leaf. */
export const flatten = (tree: unknown): [leaves: unknown[], def: TreeDef] => {
  const leaves: unknown[] = []
  return [leaves, visit(tree, leaves)]
}

const build = (def: TreeDef, next: () => unknown): unknown => {
  switch (def.kind) {
    case 'leaf':
      return next()
    case 'none':
      return def.aux
    case 'array':
      return def.children.map((c) => build(c, next))
    case 'object': {
      const out: Record<string, unknown> = {}
      ;(def.aux as readonly string[]).forEach((k, i) => {
        const value = build(def.children[i]!, next)
        // This key must become a property like any other.
        if (k === '__proto__')
          Object.defineProperty(out, k, { value, writable: true, enumerable: true, configurable: true })
        else out[k] = value
      })
      return out
    }
    case 'node':
      return def.node!.unflatten(
        def.aux,
        def.children.map((c) => build(c, next)),
      )
  }
}

/** The tree of a structure with these leaves. Throws StateError for a wrong number of them. */
export const unflatten = (def: TreeDef, leaves: readonly unknown[]): unknown => {
  if (leaves.length !== def.size)
    throw new StateError(`tree.unflatten: expected ${def.size} leaves, got ${leaves.length}`)
  let i = 0
  return build(def, () => leaves[i++])
}

export const leaves = (tree: unknown): unknown[] => flatten(tree)[0]

/** The same structure with every leaf of type L replaced by one of type R; snapshots of Variables stay what they are. */
type Mapped<T, L, R> = T extends L
  ? R
  : T extends null | undefined | { asTensor(): unknown }
    ? T
    : T extends readonly unknown[]
      ? { [K in keyof T]: Mapped<T[K], L, R> }
      : T extends object
        ? { [K in keyof T]: Mapped<T[K], L, R> }
        : R

/** Applies `f` to corresponding leaves of trees of one structure. Throws StateError where they differ. */
export const map = <T, L, R>(
  f: (leaf: L, ...others: L[]) => R,
  tree: T,
  ...others: readonly unknown[]
): Mapped<T, L, R> => {
  const [first, def] = flatten(tree)
  const rest = others.map((o) => {
    const [l, d] = flatten(o)
    if (!d.equals(def)) throw new StateError(`tree.map: ${describeMismatch(def, d)}: ${String(def)} and ${String(d)}`)
    return l
  })
  return unflatten(
    def,
    first.map((leaf, i) => f(leaf as L, ...rest.map((l) => l[i] as L))),
  ) as Mapped<T, L, R>
}

const walk = (x: unknown, path: Path, out: (readonly [Path, unknown])[]): void => {
  if (x === null || x === undefined) return
  if (typeof x === 'object') {
    if (Array.isArray(x)) return (x as readonly unknown[]).forEach((v, i) => walk(v, [...path, i], out))
    const node = nodeOf(x)
    if (node !== null) {
      const keys = node.keys?.(x)
      return node.flatten(x)[0].forEach((c, i) => walk(c, [...path, keys?.[i] ?? i], out))
    }
    if (isPlain(x)) return sortedKeys(x).forEach((k) => walk((x as Record<string, unknown>)[k], [...path, k], out))
  }
  out.push([path, x])
}

/** Every leaf with its path. */
export const leavesWithPath = (tree: unknown): (readonly [Path, unknown])[] => {
  const out: (readonly [Path, unknown])[] = []
  walk(tree, [], out)
  return out
}

/** As `map`, with the leaf's path. */
export const mapWithPath = <T, L, R>(f: (path: Path, leaf: L) => R, tree: T): Mapped<T, L, R> => {
  const paths = leavesWithPath(tree)
  let i = 0
  return map<T, L, R>((leaf) => f(paths[i++]![0], leaf), tree)
}

/** The structure alone. */
export const structure = (tree: unknown): TreeDef => flatten(tree)[1]

/** Folds the leaves in order. */
export const reduce = <L, R>(f: (total: R, leaf: L) => R, tree: unknown, initial: R): R =>
  leaves(tree).reduce<R>((total, leaf) => f(total, leaf as L), initial)

/** A path as code would write it: `['a'][0]`. */
export const keystr = (path: Path): string => path.map((k) => (typeof k === 'number' ? `[${k}]` : `['${k}']`)).join('')
