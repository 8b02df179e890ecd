import { type AnyClass, type PathKey, toPathKey, variableBrand } from '@linum/filters'
import { GraphError, Tensor, tree } from '@linum/tensor'
import { className } from './class-name.js'
import { compareKeys, setOwn } from './keys.js'
import { arrayType, mapType, nullObjectType, objectType, stateType, treeType } from './pytree-types.js'
import { isState } from './state/state.js'
import { Variable } from './variable/variable.js'

/**
 * How the graph library reads and writes the attributes of a class with identity. `Module`, `List`, `Dict` and `Rngs`
 * have one; `registerNode` gives one to other classes.
 */
export interface NodeType<T extends object = object> {
  /** The attributes, in any order. */
  keys(node: T): readonly PathKey[]
  /** Whether there is such an attribute; by `keys` if absent. */
  has?(node: T, key: PathKey): boolean
  get(node: T, key: PathKey): unknown
  set(node: T, key: PathKey, value: unknown): void
  remove(node: T, key: PathKey): void
  /** An object without attributes, which must not run the constructor. */
  create(type: AnyClass, metadata: unknown): T
  /** What is static about the node besides its attributes; compared as static attributes are. */
  metadata?(node: T): unknown
  /** Throws where the node cannot be taken apart. */
  check?(node: T): void
}

/** Containers without identity: made in one go from their children. */
export interface PytreeType<T extends object = object> {
  /** The keys come sorted and as path keys. */
  readonly ordered?: true
  keys(node: T): readonly PathKey[]
  has(node: T, key: PathKey): boolean
  get(node: T, key: PathKey): unknown
  /** Absent where the container cannot be changed. */
  set?(node: T, key: PathKey, value: unknown): void
  removeAll?(node: T, keys: readonly PathKey[]): void
  build(type: AnyClass, keys: readonly PathKey[], values: readonly unknown[], metadata: unknown): T
  metadata?(node: T): unknown
}

/** The key under which a class carries its own NodeType, on its prototype. */
export const nodeType: unique symbol = Symbol('linum.nodeType')

/** What a value is to the graph, decided once per prototype. */
export type Kind =
  | { readonly role: 'static' }
  | { readonly role: 'leaf' }
  | { readonly role: 'variable'; readonly type: AnyClass }
  | (Attributes & { readonly role: 'node'; readonly access: NodeType })
  | (Attributes & { readonly role: 'pytree'; readonly access: PytreeType })

interface Attributes {
  readonly type: AnyClass
  /** Sorted keys by the keys as the object lists them, for the last few shapes seen. */
  readonly cache: { raw: readonly PathKey[]; sorted: readonly PathKey[] }[]
}

export type NodeKind = Extract<Kind, { role: 'node' | 'pytree' }>

const statics: Kind = { role: 'static' }
const leaf: Kind = { role: 'leaf' }

/** The attributes of an object are its own enumerable properties. */
export const propertiesType: NodeType = {
  keys: (node) => Object.keys(node),
  has: (node, key) => Object.hasOwn(node, key),
  get: (node, key) => (node as Record<PathKey, unknown>)[key],
  set: setOwn,
  remove: (node, key) => {
    delete (node as Record<PathKey, unknown>)[key]
  },
  create: (type) => Object.create(type.prototype as object) as object,
}

/** Attributes as properties; for classes whose instances are called by `forward`. */
export const moduleType: NodeType = {
  ...propertiesType,
  check: (node) => {
    if (!Object.hasOwn(node, 'forward')) return
    throw new GraphError(
      `${className(node)}: \`forward\` is an attribute of the instance, got a property of its own; write it as a method, because a function held by an instance keeps the \`this\` of the original and retraces for every copy`,
    )
  },
}

const registered = new WeakMap<object, NodeType>()
let kinds = new WeakMap<object, Kind>()

/**
 * Makes the instances of a class, and of its subclasses, graph nodes with identity. Without a NodeType their own
 * enumerable properties are the attributes. Throws GraphError where the class is one already.
 */
export const registerNode = <T extends object>(
  type: abstract new (...args: never[]) => T,
  access: Partial<NodeType<T>> = {},
): void => {
  const prototype = type.prototype as object
  if (registered.has(prototype) || nodeType in prototype)
    throw new GraphError(`Node type ${type.name} is already registered.`)
  const { has, ...rest } = propertiesType
  registered.set(prototype, {
    ...rest,
    ...(access.keys === undefined ? { has } : {}),
    ...(access as Partial<NodeType>),
  } as NodeType)
  kinds = new WeakMap()
}

const accessOf = (prototype: object): NodeType | undefined => {
  const own = (prototype as { [nodeType]?: NodeType })[nodeType]
  if (own !== undefined) return own
  for (let p: object | null = prototype; p !== null; p = Object.getPrototypeOf(p) as object | null) {
    const access = registered.get(p)
    if (access !== undefined) return access
  }
  return undefined
}

// Also Object.prototype of another realm.
const isObjectPrototype = (prototype: object): boolean =>
  Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf')

const resolve = (value: object, prototype: object | null): Kind => {
  if (prototype === null) return { role: 'pytree', type: Object, access: nullObjectType, cache: [] }
  const type = prototype.constructor as AnyClass
  if (value instanceof Variable) return { role: 'variable', type }
  if (variableBrand in prototype) {
    throw new GraphError(
      `${type.name}: a Variable of another copy of @linum/graph, got an instance that this copy does not know; install one version of it`,
    )
  }
  if (value instanceof Tensor) return leaf
  const access = accessOf(prototype)
  if (access !== undefined) return { role: 'node', type, access, cache: [] }
  if (isState(value)) return { role: 'pytree', type: Object, access: stateType, cache: [] }
  if (Array.isArray(value)) return { role: 'pytree', type, access: arrayType, cache: [] }
  if (value instanceof Map) return { role: 'pytree', type, access: mapType, cache: [] }
  if (isObjectPrototype(prototype)) return { role: 'pytree', type, access: objectType, cache: [] }
  const { node } = tree.structure(value)
  return node === null ? statics : { role: 'pytree', type, access: treeType(node), cache: [] }
}

const nullPrototype = {}

/** What a value is to the graph. */
export const kindOf = (value: unknown): Kind => {
  if (typeof value !== 'object' || value === null) return statics
  const prototype = Object.getPrototypeOf(value) as object | null
  const known = kinds.get(prototype ?? nullPrototype)
  if (known !== undefined) return known
  const kind = resolve(value, prototype)
  kinds.set(prototype ?? nullPrototype, kind)
  return kind
}

const cacheSize = 4

const same = (a: readonly PathKey[], b: readonly PathKey[]): boolean => {
  const n = a.length
  if (b.length !== n) return false
  for (let i = 0; i < n; i++) if (a[i] !== b[i]) return false
  return true
}

/** The keys of a node in the one order. Equal lists are the same array where the last shapes of the class repeat. */
export const sortedKeys = (kind: NodeKind, node: object): readonly PathKey[] => {
  const raw = kind.access.keys(node)
  if (kind.role === 'pytree' && kind.access.ordered === true) return raw
  const { cache } = kind
  for (let i = 0; i < cache.length; i++) {
    const entry = cache[i]!
    if (same(entry.raw, raw)) return entry.sorted
  }
  if (kind.role === 'node') kind.access.check?.(node)
  const sorted = Object.freeze(normalKeys(raw).sort(compareKeys))
  const twin = cache.find((entry) => same(entry.sorted, sorted))
  if (cache.length >= cacheSize) cache.shift()
  const entry = { raw: raw.slice(), sorted: twin?.sorted ?? sorted }
  cache.push(entry)
  return entry.sorted
}

const normalKeys = (raw: readonly PathKey[]): PathKey[] =>
  raw.map((key) => (typeof key === 'string' ? toPathKey(key) : key))

/** Whether a node has an attribute of that name. */
export const hasKey = (kind: NodeKind, node: object, key: PathKey): boolean =>
  kind.access.has === undefined ? sortedKeys(kind, node).includes(key) : kind.access.has(node, key)

/** Whether the value has attributes: it is a graph node or a container. */
export const isNodeKind = (kind: Kind): kind is NodeKind => kind.role === 'node' || kind.role === 'pytree'

/** Whether the value is a Module. */
export const isModule = (value: unknown): boolean => {
  const kind = kindOf(value)
  return kind.role === 'node' && kind.access === moduleType
}

/** Whether the value is an object with identity whose attributes the graph follows. */
export const isGraphNode = (value: unknown): boolean => kindOf(value).role === 'node'
