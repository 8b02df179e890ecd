import { GraphError } from '@linum/tensor'
import { describeValue } from '../class-name.js'
import { type Attribute, type Definition, GraphDef, leafAttribute, leafDef, nodeAttribute } from '../graphdef.js'
import { type Kind, kindOf, type NodeKind, sortedKeys } from '../kinds.js'
import type { Variable, VariableClass } from '../variable/variable.js'

/** The number of every node and Variable seen so far, in the order of first visit. */
export type RefIndex = Map<object, number>

/** A node taken apart: live Variables and bare Tensors in the order of `graphdef.paths`. */
export interface Flat<M = unknown> {
  readonly graphdef: GraphDef<M>
  readonly leaves: readonly unknown[]
}

export interface FlattenOptions {
  /** Shared by several calls, a node that an earlier one saw becomes a reference. Grows. */
  readonly refIndex?: RefIndex
  /** Which object outside the transform each inner object is; written into the definitions. */
  readonly outerIndex?: ReadonlyMap<object, number> | undefined
}

/** Beyond this depth of containers a container that contains itself is looked for. */
const suspectDepth = 100

class Flattener {
  readonly nodes: Definition[] = []
  readonly attributes: Attribute[] = []
  readonly leaves: unknown[] = []
  readonly refIndex: RefIndex
  readonly outerIndex: ReadonlyMap<object, number> | undefined
  readonly open: object[] = []

  constructor(refIndex: RefIndex, outerIndex: ReadonlyMap<object, number> | undefined) {
    this.refIndex = refIndex
    this.outerIndex = outerIndex
  }

  visit(value: unknown, kind: Kind): void {
    switch (kind.role) {
      case 'variable':
        return this.variable(value as Variable<unknown>, kind.type as VariableClass)
      case 'node':
        if (!this.reference(value as object)) this.node(value as object, kind)
        return
      case 'pytree':
        return this.container(value as object, kind)
      case 'leaf':
        this.nodes.push(leafDef)
        this.leaves.push(value)
        return
      case 'static':
        throw new TypeError(
          `flatten: expected a graph node, got ${describeValue(value)}; pass a Module, a Variable, a Tensor, or an array or object of these`,
        )
    }
  }

  reference(value: object): boolean {
    const index = this.refIndex.get(value)
    if (index === undefined) return false
    this.nodes.push({ kind: 'ref', index })
    return true
  }

  register(value: object): number {
    const index = this.refIndex.size
    this.refIndex.set(value, index)
    return index
  }

  variable(value: Variable<unknown>, type: VariableClass): void {
    if (this.reference(value)) return
    this.nodes.push({
      kind: 'variable',
      type,
      index: this.register(value),
      outerIndex: this.outerIndex?.get(value) ?? null,
      metadata: value.metadata,
    })
    this.leaves.push(value)
  }

  container(value: object, kind: NodeKind): void {
    if (this.open.length > suspectDepth && this.open.includes(value)) {
      throw new GraphError(
        `flatten: an ${Array.isArray(value) ? 'array' : 'object'} contains itself, but has no identity in the graph; use List or Dict`,
      )
    }
    this.open.push(value)
    this.node(value, kind)
    this.open.pop()
  }

  node(value: object, kind: NodeKind): void {
    const { access } = kind
    const keys = sortedKeys(kind, value)
    const hasIdentity = kind.role === 'node'
    this.nodes.push({
      kind: 'node',
      type: kind.type,
      index: hasIdentity ? this.register(value) : null,
      outerIndex: hasIdentity ? (this.outerIndex?.get(value) ?? null) : null,
      keys,
      metadata: access.metadata?.(value),
      access,
    })
    for (let i = 0; i < keys.length; i++) {
      const child = access.get(value, keys[i]!)
      const childKind = kindOf(child)
      if (childKind.role === 'static') this.attributes.push({ kind: 'static', value: child })
      else if (childKind.role === 'leaf') {
        this.attributes.push(leafAttribute)
        this.leaves.push(child)
      } else {
        this.attributes.push(nodeAttribute)
        this.visit(child, childKind)
      }
    }
  }
}

/**
 * Takes a node apart into its GraphDef and its live leaves, in the order of paths. Throws TypeError for a value that
 * is no node, GraphError where a container contains itself or a Module has a `forward` of its own.
 */
export const flatten = <M>(node: M, { refIndex = new Map(), outerIndex }: FlattenOptions = {}): Flat<M> => {
  const flattener = new Flattener(refIndex, outerIndex)
  flattener.visit(node, kindOf(node))
  return {
    graphdef: new GraphDef<M>(flattener.nodes, flattener.attributes, flattener.leaves.length),
    leaves: flattener.leaves,
  }
}
