import { type PathKey, toPathKey } from '@linum/filters'
import { GraphError, type TreeNode } from '@linum/tensor'
import { setOwn } from './keys.js'
import type { PytreeType } from './kinds.js'
import { carrying, freezeState, graphdefKey, newState } from './state/state.js'
import type { Structural } from './structural.js'

type Properties = Record<PathKey, unknown>

const immutable = (node: object, key: PathKey): GraphError =>
  new GraphError(`Cannot set key '${key}' on immutable node of type ${Array.isArray(node) ? 'array' : 'object'}`)

const setProperty = (node: object, key: PathKey, value: unknown): void => {
  if (Object.isFrozen(node)) throw immutable(node, key)
  setOwn(node, key, value)
}

const fill = (node: object, keys: readonly PathKey[], values: readonly unknown[]): object => {
  for (let i = 0; i < keys.length; i++) setOwn(node, keys[i]!, values[i])
  return node
}

/** Plain objects. */
export const objectType: PytreeType = {
  keys: (node) => Object.keys(node),
  has: (node, key) => Object.hasOwn(node, key),
  get: (node, key) => (node as Properties)[key],
  set: setProperty,
  removeAll: (node, keys) => {
    for (const key of keys) delete (node as Properties)[key]
  },
  build: (_, keys, values) => fill({}, keys, values),
}

/** Objects made by `Object.create(null)`. */
export const nullObjectType: PytreeType = {
  ...objectType,
  build: (_, keys, values) => fill(Object.create(null) as object, keys, values),
  metadata: () => 'null prototype',
}

const indices: PathKey[][] = []

/** `[0, 1, ..., n - 1]`, made once for every small n. */
export const indexKeys = (n: number): readonly PathKey[] =>
  n < 256 ? (indices[n] ??= Array.from({ length: n }, (_, i) => i)) : Array.from({ length: n }, (_, i) => i)

/** Arrays and instances of subclasses of Array. */
export const arrayType: PytreeType = {
  ordered: true,
  keys: (node) => indexKeys((node as unknown[]).length),
  has: (node, key) => typeof key === 'number' && key < (node as unknown[]).length,
  get: (node, key) => (node as unknown[])[key as number],
  set: (node, key, value) => {
    if (Object.isFrozen(node)) throw immutable(node, key)
    ;(node as unknown[])[key as number] = value
  },
  removeAll: (node, keys) => {
    for (const key of [...keys].sort((a, b) => Number(b) - Number(a))) (node as unknown[]).splice(Number(key), 1)
  },
  build: (type, _, values) => {
    if (type === Array) return [...values]
    const array = Reflect.construct(Array, [], type) as unknown[]
    for (let i = 0; i < values.length; i++) array[i] = values[i]
    return array
  },
}

// A Map may have '1' as a key where paths have 1; its own key is what it is asked for by.
const mapKey = (map: ReadonlyMap<unknown, unknown>, key: PathKey): unknown =>
  map.has(key) ? key : map.has(String(key)) ? String(key) : key

const digitKeys = (map: ReadonlyMap<unknown, unknown>): string[] =>
  [...map.keys()].filter((key): key is string => typeof key === 'string' && typeof toPathKey(key) === 'number')

/** Maps whose keys are strings or indices. */
export const mapType: PytreeType = {
  keys: (node) => {
    const keys = [...(node as ReadonlyMap<PathKey, unknown>).keys()]
    const seen = new Set<PathKey>()
    for (const key of keys) {
      const pathKey = typeof key === 'string' || typeof key === 'number' ? toPathKey(key) : undefined
      if (pathKey === undefined || (typeof key === 'number' && pathKey !== key)) {
        throw new GraphError(
          `Unsupported key type: the keys of a Map are strings or indices, got ${String(key)}; use those, or an object with identity`,
        )
      }
      if (seen.has(pathKey))
        throw new GraphError(
          `a Map has both ${pathKey} and '${pathKey}' as keys, which have one path; keep one of them`,
        )
      seen.add(pathKey)
    }
    return keys
  },
  has: (node, key) => (node as ReadonlyMap<unknown, unknown>).has(mapKey(node as ReadonlyMap<unknown, unknown>, key)),
  get: (node, key) => (node as ReadonlyMap<unknown, unknown>).get(mapKey(node as ReadonlyMap<unknown, unknown>, key)),
  set: (node, key, value) => {
    const map = node as Map<unknown, unknown>
    map.set(mapKey(map, key), value)
  },
  removeAll: (node, keys) => {
    const map = node as Map<unknown, unknown>
    for (const key of keys) map.delete(mapKey(map, key))
  },
  build: (type, keys, values, metadata) => {
    const map = Reflect.construct(Map, [], type) as Map<unknown, unknown>
    const digits = new Set(metadata === undefined ? [] : (JSON.parse(metadata as string) as string[]))
    for (let i = 0; i < keys.length; i++) map.set(digits.has(String(keys[i])) ? String(keys[i]) : keys[i], values[i])
    return map
  },
  metadata: (node) => {
    const digits = digitKeys(node as ReadonlyMap<unknown, unknown>)
    return digits.length === 0 ? undefined : JSON.stringify(digits.sort())
  },
}

/** A State held by an attribute, such as the momenta of an optimizer. */
export const stateType: PytreeType = {
  keys: (node) => Object.keys(node),
  has: (node, key) => Object.hasOwn(node, key),
  get: (node, key) => (node as Properties)[key],
  build: (_, keys, values, graphdef) => {
    const draft = newState()
    for (let i = 0; i < keys.length; i++) draft[keys[i]!] = values[i]
    return freezeState(graphdef === undefined ? draft : carrying(draft, graphdef as Structural)) as object
  },
  metadata: (node) => (node as { readonly [graphdefKey]?: Structural })[graphdefKey],
}

const treeTypes = new WeakMap<TreeNode, PytreeType>()

/** Instances of classes that are tree nodes of @linum/tensor. One access per behaviour, so that it can be compared. */
export const treeType = (node: TreeNode): PytreeType => {
  const known = treeTypes.get(node)
  if (known !== undefined) return known
  const access: PytreeType = {
    ordered: true,
    keys: (x) => indexKeys(node.flatten(x)[0].length),
    has: (x, key) => typeof key === 'number' && key < node.flatten(x)[0].length,
    get: (x, key) => node.flatten(x)[0][key as number],
    build: (_, __, values, metadata) => node.unflatten(metadata, values) as object,
    metadata: (x) => node.flatten(x)[1],
  }
  treeTypes.set(node, access)
  return access
}
