import { GraphError, StateError } from '@linum/tensor'
import { className } from '../class-name.js'
import type { Attribute, Definition, GraphDef, NodeDef, VariableDef } from '../graphdef.js'
import { kindOf, type NodeType, type PytreeType } from '../kinds.js'
import { assignState, checkMutable, makeVariable, Variable } from '../variable/variable.js'
import { VariableState } from '../variable/variable-state.js'
import { refill } from './refill.js'

/** The object of every index made so far. */
export type IndexRef = Map<number, object>

export interface UnflattenOptions {
  /** Shared by several calls, a reference may point to what an earlier one made. Grows. */
  readonly indexRef?: IndexRef
  /** Objects to reuse for definitions with an outer index: nodes are refilled, Variables take over the leaf. */
  readonly outerRefs?: ReadonlyMap<number, object> | undefined
  /** Put Variables among the leaves into the graph as they are, instead of making new ones. */
  readonly shareVariables?: boolean
}

class Builder {
  readonly graphdef: GraphDef
  readonly leaves: readonly unknown[]
  readonly indexRef: IndexRef
  readonly outerRefs: ReadonlyMap<number, object> | undefined
  readonly shareVariables: boolean
  nodeAt = 0
  attributeAt = 0
  leafAt = 0

  constructor(
    graphdef: GraphDef,
    leaves: readonly unknown[],
    { indexRef = new Map(), outerRefs, shareVariables = false }: UnflattenOptions,
  ) {
    this.graphdef = graphdef
    this.leaves = leaves
    this.indexRef = indexRef
    this.outerRefs = outerRefs
    this.shareVariables = shareVariables
  }

  next(): unknown {
    const def = this.graphdef.nodes[this.nodeAt++] as Definition
    switch (def.kind) {
      case 'ref':
        return this.referenced(def.index)
      case 'variable':
        return this.variable(def)
      case 'leaf':
        return this.leaf()
      case 'node':
        return def.index === null
          ? this.container(def, def.access as PytreeType)
          : this.node(def, def.access as NodeType, def.index)
    }
  }

  referenced(index: number): object {
    const value = this.indexRef.get(index)
    if (value === undefined)
      throw new GraphError(
        `unflatten: nothing has index ${index} yet; merge the graphs in the order in which they were split, with one indexRef`,
      )
    return value
  }

  leaf(): unknown {
    const leaf = this.leaves[this.leafAt++]
    return leaf instanceof VariableState || leaf instanceof Variable ? leaf.value : leaf
  }

  variable(def: VariableDef): Variable<unknown> {
    const leaf = this.leaves[this.leafAt++]
    const outer =
      def.outerIndex === null ? undefined : (this.outerRefs?.get(def.outerIndex) as Variable<unknown> | undefined)
    const variable = outer === undefined ? this.newVariable(def, leaf) : assignLeaf(outer, def, leaf)
    this.indexRef.set(def.index, variable)
    return variable
  }

  newVariable(def: VariableDef, leaf: unknown): Variable<unknown> {
    if (leaf instanceof VariableState) return makeVariable(leaf.type, leaf.value, leaf.metadata)
    if (leaf instanceof Variable) return this.shareVariables ? leaf : leaf.copy()
    return makeVariable(def.type, leaf, def.metadata)
  }

  children(def: NodeDef): unknown[] {
    const values: unknown[] = []
    for (let i = 0; i < def.keys.length; i++) {
      const attribute = this.graphdef.attributes[this.attributeAt++] as Attribute
      values.push(attribute.kind === 'static' ? attribute.value : attribute.kind === 'leaf' ? this.leaf() : this.next())
    }
    return values
  }

  container(def: NodeDef, access: PytreeType): object {
    return access.build(def.type, def.keys, this.children(def), def.metadata)
  }

  // The empty node comes first, so that its descendants can refer to it.
  node(def: NodeDef, access: NodeType, index: number): object {
    if (this.indexRef.has(index)) throw new GraphError(`GraphDef index ${index} already used.`)
    const outer = def.outerIndex === null ? undefined : this.outerRefs?.get(def.outerIndex)
    const node = outer ?? access.create(def.type, def.metadata)
    this.indexRef.set(index, node)
    const values = this.children(def)
    if (outer !== undefined) refill(access, node, def.keys, values)
    else for (let i = 0; i < values.length; i++) access.set(node, def.keys[i]!, values[i])
    return node
  }
}

const assignLeaf = (variable: Variable<unknown>, def: VariableDef, leaf: unknown): Variable<unknown> => {
  assignState(
    variable,
    leaf instanceof VariableState || leaf instanceof Variable ? leaf : { value: leaf, metadata: def.metadata },
  )
  return variable
}

/** Everything that could fail is looked at before the first outer object changes. */
const checkOuter = (graphdef: GraphDef, outerRefs: ReadonlyMap<number, object>): void => {
  for (const def of graphdef.nodes) {
    if ((def.kind !== 'node' && def.kind !== 'variable') || def.outerIndex === null) continue
    const outer = outerRefs.get(def.outerIndex)
    if (outer === undefined) continue
    const kind = kindOf(outer)
    if (!('type' in kind) || kind.type !== def.type)
      throw new GraphError(
        `Expected a node of type ${def.type.name} for index ${def.index}, but got a node of type ${className(outer)}.`,
      )
    if (outer instanceof Variable) checkMutable(outer)
  }
}

/**
 * The graph that a GraphDef describes, with these leaves in the order of `graphdef.paths`: snapshots, Variables (which
 * are copied) or raw values. Throws StateError where their number is wrong; then nothing has changed.
 */
export const unflatten = <M>(graphdef: GraphDef<M>, leaves: readonly unknown[], options: UnflattenOptions = {}): M => {
  if (leaves.length !== graphdef.numLeaves)
    throw new StateError(`Incorrect number of leaves, expected ${graphdef.numLeaves} leaves, but got ${leaves.length}.`)
  if (options.outerRefs !== undefined) checkOuter(graphdef, options.outerRefs)
  return new Builder(graphdef, leaves, options).next() as M
}
