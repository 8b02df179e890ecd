import type { GraphDef } from '@linum/graph'

/** Per leaf of a graph its Variable's definition, or null for a bare Tensor, in the order of leaves. */
export const leafDefinitions = (graphdef: GraphDef): readonly ({ readonly index: number; readonly outerIndex: number | null } | null)[] => {
  const found: ({ readonly index: number; readonly outerIndex: number | null } | null)[] = []
  let [node, attribute] = [0, 0]
  const visit = (): void => {
    const def = graphdef.nodes[node++]!
    if (def.kind === 'variable') found.push(def)
    else if (def.kind === 'leaf') found.push(null)
    else if (def.kind === 'node') {
      for (const _ of def.keys) {
        const a = graphdef.attributes[attribute++]!
        if (a.kind === 'leaf') found.push(null)
        else if (a.kind === 'node') visit()
      }
    }
  }
  visit()
  return found
}
