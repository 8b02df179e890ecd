import type { GraphDef } from '../graphdef.js'
import type { StateOf } from '../state/state-of.js'

/** A graph as a value, as `split` without filters returns it. */
export type PureState<M> = readonly [graphdef: GraphDef<M>, state: StateOf<M>]

/**
 * Stands for a node of a graph that is a value: a method returns its result and the graph after it, an attribute stands
 * for what the node has there.
 */
export type Caller<T, M> = (T extends (...args: infer A) => infer R
  ? (...args: A) => readonly [out: R, after: PureState<M>]
  : unknown) & { readonly [K in keyof T]: Caller<T[K], M> }
