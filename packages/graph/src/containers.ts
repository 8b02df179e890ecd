import { nodeType, type NodeType, propertiesType } from './kinds.js'
import { indexKeys } from './pytree-types.js'

const listType: NodeType = {
  keys: (node) => indexKeys((node as unknown[]).length),
  has: (node, key) => typeof key === 'number' && key < (node as unknown[]).length,
  get: (node, key) => (node as unknown[])[key as number],
  set: (node, key, value) => {
    ;(node as unknown[])[key as number] = value
  },
  remove: (node, key) => {
    ;(node as unknown[]).splice(Number(key), 1)
  },
  create: (type) => Reflect.construct(Array, [], type) as object,
}

/**
 * An array with identity in the graph: two references to one List are one List after `merge`, where a plain array
 * would become two. All methods of arrays work; those that make a new array make a plain one.
 */
export class List<T> extends Array<T> {
  static {
    Object.defineProperty(this.prototype, nodeType, { value: listType })
    Object.defineProperty(this, Symbol.species, { value: Array })
  }

  constructor(items: Iterable<T> = []) {
    super()
    for (const item of items) this.push(item)
  }
}

declare const dictBrand: unique symbol

/** A plain object with identity in the graph, as `List` is for arrays. */
export type Dict<T extends object = Record<string, unknown>> = T & { readonly [dictBrand]?: true }

class DictNode {
  static {
    Object.defineProperty(this, 'name', { value: 'Dict' })
    Object.defineProperty(this.prototype, nodeType, { value: propertiesType })
  }

  constructor(entries: object = {}) {
    for (const [key, value] of Object.entries(entries)) propertiesType.set(this, key, value)
  }
}

/** Makes a Dict of the entries of an object. */
export const Dict: new <T extends object>(entries?: T) => Dict<T> = DictNode as never
