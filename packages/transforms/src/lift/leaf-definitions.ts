import type { GraphDef, VariableDef } from '@linum/graph'

/** Where a leaf of a graph lives. */
export interface LeafDefinition {
  /** Its Variable's definition, or null for a bare Tensor. */
  readonly variable: VariableDef | null
  /** Whether a node with identity holds it, at any depth. */
  readonly held: boolean
}

/** The definition of every leaf of a graph, in the order of leaves. */
export const leafDefinitions = (graphdef: GraphDef): readonly LeafDefinition[] => {
  const found: LeafDefinition[] = []
  let [node, attribute] = [0, 0]
  const visit = (held: boolean): void => {
    const def = graphdef.nodes[node++]!
    if (def.kind === 'variable') found.push({ variable: def, held })
    else if (def.kind === 'leaf') found.push({ variable: null, held })
    else if (def.kind === 'node') {
      const below = held || def.index !== null
      for (const _ of def.keys) {
        const a = graphdef.attributes[attribute++]!
        if (a.kind === 'leaf') found.push({ variable: null, held: below })
        else if (a.kind === 'node') visit(below)
      }
    }
  }
  visit(false)
  return found
}
