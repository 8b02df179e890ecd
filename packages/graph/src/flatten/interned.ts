import type { GraphDef } from '../graphdef.js'
import { isGraphNode } from '../kinds.js'
import { type Flat, flatten } from './flatten.js'
import { flattenAgainst } from './flatten-against.js'

const byNode = new WeakMap<object, GraphDef>()
const byPrototype = new WeakMap<object, GraphDef>()

const tryAgainst = <M>(graphdef: GraphDef | undefined, node: M): Flat<M> | null => {
  if (graphdef === undefined) return null
  const leaves = flattenAgainst(graphdef, node)
  return leaves === null ? null : { graphdef: graphdef as GraphDef<M>, leaves }
}

/**
 * As `flatten`, but a node that has not changed its structure since the last time, or has that of the last node of its
 * class, gives the very same GraphDef: comparing it is then one pointer comparison, and its hash is known.
 */
export const flattenInterned = <M>(node: M): Flat<M> => {
  if (!isGraphNode(node)) return flatten(node)
  const object = node as object
  const prototype = Object.getPrototypeOf(object) as object
  const own = byNode.get(object)
  const latest = byPrototype.get(prototype)
  const flat = tryAgainst(own, node) ?? (latest === own ? null : tryAgainst(latest, node)) ?? flatten(node)
  if (flat.graphdef !== own) byNode.set(object, flat.graphdef)
  if (flat.graphdef !== latest) byPrototype.set(prototype, flat.graphdef)
  return flat
}
