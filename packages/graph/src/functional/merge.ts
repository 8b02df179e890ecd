import { describeValue } from '../class-name.js'
import { unflatten } from '../flatten/unflatten.js'
import { flattenInterned } from '../flatten/interned.js'
import { GraphDef } from '../graphdef.js'
import { leavesOf } from './leaves.js'

/**
 * The graph that a GraphDef and the union of these States describe, of new objects: sharing and cycles are as they
 * were, constructors do not run. Nested plain objects of raw values are taken too. Throws StateError where the leaves
 * are not those of the graph.
 */
export const merge = <M>(graphdef: GraphDef<M>, ...states: readonly object[]): M => {
  if (!(graphdef instanceof GraphDef))
    throw new TypeError(`Expected a GraphDef object, got: ${describeValue(graphdef)}; pass what \`split\` returned`)
  if (states.length === 0) throw new TypeError("merge() missing 1 required positional argument: 'state'")
  return unflatten(graphdef, leavesOf(graphdef, states))
}

export interface CloneOptions {
  /** False: the copy has the same Variables instead of new ones. */
  readonly variables?: boolean
}

/** A copy of a graph with its sharing and cycles, that shares nothing with the original but static values and, being immutable, tensors. */
export const clone = <M>(node: M, { variables = true }: CloneOptions = {}): M => {
  const { graphdef, leaves } = flattenInterned(node)
  return unflatten(graphdef, leaves, { shareVariables: !variables })
}
