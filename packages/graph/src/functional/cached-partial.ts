import { GraphError } from '@linum/tensor'
import { className } from '../class-name.js'
import { type CachedNode, editCount, withCachedNodes } from '../flatten/cached.js'
import { flatten } from '../flatten/flatten.js'
import { flattenAgainst } from '../flatten/flatten-against.js'
import { unflatten } from '../flatten/unflatten.js'
import { isGraphNode } from '../kinds.js'

/**
 * A transform puts this on its functions to say that they give user code copies of their arguments, and edit these only
 * on the way back of an UpdateContext: `cachedPartial` then looks at their structure after such an edit alone.
 */
export const lifted: unique symbol = Symbol.for('linum.lifted')

/** The parameters of F after its first ones, which are A. */
type Remaining<F extends readonly unknown[], A extends readonly unknown[]> = F extends readonly [...A, ...infer R]
  ? R
  : never

/**
 * A function of the remaining arguments. The first ones, graph nodes mostly, are taken apart once instead of at each
 * call: the function is given copies of the nodes with the same Variables, so that whatever it writes is in the
 * originals too. Their structure must be the same after each call as before, values and metadata may change; else
 * throws GraphError, and the next call throws again. Edits of the originals' structure do not reach the copies.
 */
export const cachedPartial = <F extends readonly unknown[], const A extends readonly unknown[], R>(
  f: (...args: F) => R,
  ...cached: A
): ((...args: Remaining<F, A>) => R) => {
  const { graphdef, leaves } = flatten(cached as readonly unknown[])
  const twins = unflatten(graphdef, leaves, { shareVariables: true })
  const nodes = new Map<object, CachedNode>()
  for (const twin of twins) if (isGraphNode(twin)) nodes.set(twin as object, { visits: new WeakMap() })
  const structure = flatten(twins).graphdef
  const isLifted = (f as { readonly [lifted]?: true })[lifted] === true
  let broken = false
  return (...args) => {
    const before = editCount()
    const out = withCachedNodes(nodes, () => f(...([...twins, ...args] as unknown as F)))
    if (broken || !isLifted || editCount() !== before) broken = flattenAgainst(structure, twins) === null
    if (broken)
      throw new GraphError(
        `cachedPartial: The graph structure of a node added to cachedPartial was mutated inside the transformation, this is not allowed, got ${[...nodes.keys()].map(className).join(', ')} with other attributes, metadata or sharing; undo temporary edits, such as by pop, before the function returns`,
      )
    return out
  }
}
