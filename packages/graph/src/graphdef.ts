import type { AnyClass, Path, PathKey } from '@linum/filters'
import { treeNode } from '@linum/tensor'
import type { Caller } from './functional/caller.js'
import { sameKeys } from './keys.js'
import type { NodeType, PytreeType } from './kinds.js'
import {
  fieldsEqual,
  fieldsHash,
  hashSeed,
  hashString,
  mix,
  staticEqual,
  staticHash,
  type Structural,
} from './structural.js'
import type { Metadata } from './variable/metadata.js'
import type { VariableClass } from './variable/variable.js'

/** A graph node, or a container without identity (whose index is null). */
export interface NodeDef {
  readonly kind: 'node'
  readonly type: AnyClass
  readonly index: number | null
  /** Which object outside a transform this is, where that is known. */
  readonly outerIndex: number | null
  /** The attributes in order, one entry of `attributes` each. */
  readonly keys: readonly PathKey[]
  readonly metadata: unknown
  /** How such objects are read and made; follows from the type. */
  readonly access: NodeType | PytreeType
}

/** A Variable at its first visit. */
export interface VariableDef {
  readonly kind: 'variable'
  readonly type: VariableClass
  readonly index: number
  readonly outerIndex: number | null
  readonly metadata: Metadata
}

/** A later visit of a node or Variable: it contributes no attributes and no leaf. */
export interface NodeRef {
  readonly kind: 'ref'
  readonly index: number
}

/** The whole graph is one bare Tensor. */
export interface LeafDef {
  readonly kind: 'leaf'
}

export type Definition = NodeDef | VariableDef | NodeRef | LeafDef

/** What an attribute holds: the next definition of `nodes`, the next bare Tensor, or a static value. */
export type Attribute =
  | { readonly kind: 'node' }
  | { readonly kind: 'leaf' }
  | { readonly kind: 'static'; readonly value: unknown }

export const nodeAttribute: Attribute = Object.freeze({ kind: 'node' })
export const leafAttribute: Attribute = Object.freeze({ kind: 'leaf' })
export const leafDef: LeafDef = Object.freeze({ kind: 'leaf' })

/** The nesting of the leaves: a level's keys with what is below each, a leaf by its number. */
export interface Layout {
  readonly keys: readonly PathKey[]
  readonly children: readonly (Layout | number)[]
}

type Apply = (graphdef: GraphDef, states: readonly object[]) => unknown

let apply: Apply | undefined

/** For `call`, which needs `merge`, which needs this file. */
export const installApply = (f: Apply): void => {
  apply = f
}

/**
 * The static half of a graph: types, attributes, sharing, and static values, without the leaves. Immutable, compared
 * by content; as a tree node it is static, so pure transforms pass it through. `nodes` is in the order of first
 * visit; each node's attributes follow it in `attributes`, those of its children between.
 */
export class GraphDef<out M = unknown> implements Structural {
  /** What `merge` gives back. Exists in types only. */
  declare readonly subject?: M
  readonly nodes: readonly Definition[]
  readonly attributes: readonly Attribute[]
  readonly numLeaves: number
  #hash: number | undefined
  #layout: Layout | number | undefined
  #paths: readonly Path[] | undefined

  static {
    Object.defineProperty(this.prototype, treeNode, {
      value: {
        flatten: (graphdef: GraphDef): readonly [readonly unknown[], unknown] => [[], graphdef],
        unflatten: (graphdef: GraphDef): GraphDef => graphdef,
      },
    })
  }

  /** For `flatten`; `split` and `graphdef` make one of a node. */
  constructor(nodes: readonly Definition[], attributes: readonly Attribute[], numLeaves: number) {
    this.nodes = Object.freeze(nodes)
    this.attributes = Object.freeze(attributes)
    this.numLeaves = numLeaves
  }

  /** Whether two graphs have the same structure and equal static values. */
  equals(other: unknown): boolean {
    if (this === other) return true
    if (!(other instanceof GraphDef) || other.numLeaves !== this.numLeaves) return false
    if (other.nodes.length !== this.nodes.length || other.attributes.length !== this.attributes.length) return false
    if (other.hash !== this.hash) return false
    return (
      this.nodes.every((node, i) => definitionEqual(node, other.nodes[i] as Definition)) &&
      this.attributes.every((attribute, i) => attributeEqual(attribute, other.attributes[i] as Attribute))
    )
  }

  get hash(): number {
    return (this.#hash ??= hashGraph(this))
  }

  /** As `call([graphdef, ...states])`. */
  apply<T>(this: GraphDef<T>, ...states: readonly object[]): Caller<T, T> {
    return apply?.(this, states) as Caller<T, T>
  }

  /** The nesting of the leaves, for building and reading States. */
  get layout(): Layout | number {
    return (this.#layout ??= layoutOf(this))
  }

  /** The path of every leaf, in order. */
  get paths(): readonly Path[] {
    if (this.#paths === undefined) {
      const paths: Path[] = []
      collectPaths(this.layout, [], paths)
      this.#paths = paths
    }
    return this.#paths
  }
}

const definitionEqual = (a: Definition, b: Definition): boolean => {
  if (a === b) return true
  switch (a.kind) {
    case 'node':
      return (
        b.kind === 'node' &&
        a.type === b.type &&
        a.access === b.access &&
        a.index === b.index &&
        a.outerIndex === b.outerIndex &&
        sameKeys(a.keys, b.keys) &&
        staticEqual(a.metadata, b.metadata)
      )
    case 'variable':
      return (
        b.kind === 'variable' &&
        a.type === b.type &&
        a.index === b.index &&
        a.outerIndex === b.outerIndex &&
        fieldsEqual(a.metadata, b.metadata)
      )
    case 'ref':
      return b.kind === 'ref' && a.index === b.index
    case 'leaf':
      return b.kind === 'leaf'
  }
}

const attributeEqual = (a: Attribute, b: Attribute): boolean =>
  a === b || (a.kind === 'static' && b.kind === 'static' && staticEqual(a.value, b.value))

const hashDefinition = (h: number, d: Definition): number => {
  switch (d.kind) {
    case 'node': {
      let out = mix(mix(mix(mix(h, 1), staticHash(d.type)), d.index ?? -1), d.outerIndex ?? -1)
      for (const key of d.keys) out = mix(out, typeof key === 'number' ? key : hashString(key))
      return mix(out, staticHash(d.metadata))
    }
    case 'variable':
      return mix(mix(mix(mix(mix(h, 2), staticHash(d.type)), d.index), d.outerIndex ?? -1), fieldsHash(d.metadata))
    case 'ref':
      return mix(mix(h, 3), d.index)
    case 'leaf':
      return mix(h, 4)
  }
}

const hashGraph = ({ nodes, attributes }: GraphDef): number => {
  let h = hashSeed
  for (const node of nodes) h = hashDefinition(h, node)
  for (const a of attributes)
    h = a.kind === 'static' ? mix(mix(h, 5), staticHash(a.value)) : mix(h, a.kind === 'node' ? 6 : 7)
  return h
}

const noLeaves: Layout = { keys: [], children: [] }

const layoutOf = ({ nodes, attributes }: GraphDef): Layout | number => {
  let node = 0
  let attribute = 0
  let leaf = 0
  const visit = (): Layout | number | null => {
    const def = nodes[node++] as Definition
    if (def.kind === 'ref') return null
    if (def.kind !== 'node') return leaf++
    const keys: PathKey[] = []
    const children: (Layout | number)[] = []
    for (const key of def.keys) {
      const { kind } = attributes[attribute++] as Attribute
      const child = kind === 'node' ? visit() : kind === 'leaf' ? leaf++ : null
      if (child === null || (typeof child !== 'number' && child.keys.length === 0)) continue
      keys.push(key)
      children.push(child)
    }
    return { keys, children }
  }
  return visit() ?? noLeaves
}

const collectPaths = (layout: Layout | number, path: Path, out: Path[]): void => {
  if (typeof layout === 'number') out.push(path)
  else layout.children.forEach((child, i) => collectPaths(child, [...path, layout.keys[i]!], out))
}
