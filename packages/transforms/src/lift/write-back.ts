import { type Definition, type GraphDef, staticEqual } from '@linum/graph'

/** Whether an inner definition is the outer object of the same number, unchanged but for its values. */
const sameDefinition = (inner: Definition, outer: Definition): boolean => {
  switch (outer.kind) {
    case 'leaf':
      return inner.kind === 'leaf'
    case 'ref':
      return inner.kind === 'ref' && inner.index === outer.index
    case 'variable':
      return (
        inner.kind === 'variable' &&
        inner.type === outer.type &&
        inner.index === outer.index &&
        inner.outerIndex === outer.index &&
        inner.metadata === outer.metadata
      )
    case 'node':
      return (
        inner.kind === 'node' &&
        inner.type === outer.type &&
        inner.index === outer.index &&
        inner.outerIndex === outer.index &&
        inner.keys.length === outer.keys.length &&
        inner.keys.every((k, i) => k === outer.keys[i]) &&
        staticEqual(inner.metadata, outer.metadata)
      )
  }
}

/**
 * Whether a function left the structure of its arguments alone. `pair` describes [arguments, result] after the call,
 * `outer` the arguments before.
 */
export const argumentsKept = (pair: GraphDef, outer: GraphDef): boolean =>
  // The pair itself comes first, and its first attribute is the arguments.
  outer.nodes.every((def, i) => pair.nodes[i + 1] !== undefined && sameDefinition(pair.nodes[i + 1]!, def)) &&
  outer.attributes.every((a, i) => {
    const b = pair.attributes[i + 1]
    return (
      b !== undefined &&
      a.kind === b.kind &&
      (a.kind !== 'static' || (b.kind === 'static' && staticEqual(a.value, b.value)))
    )
  })

/** Whether it returned no graph nodes besides, so that writing values back is all there is to do. */
export const structureKept = (pair: GraphDef, outer: GraphDef): boolean => {
  const count = outer.nodes.length
  return (
    argumentsKept(pair, outer) &&
    pair.nodes.slice(count + 1).every((def) => def.kind === 'leaf' || (def.kind === 'node' && def.index === null))
  )
}
