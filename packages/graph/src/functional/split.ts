import type { Filter } from '@linum/filters'
import { flattenInterned } from '../flatten/interned.js'
import type { GraphDef } from '../graphdef.js'
import type { Split, StateResult } from '../state/state-of.js'
import { selectFlat, splitFlat } from './split-flat.js'

/**
 * Takes a graph apart into `[graphdef, ...states]`: its static half, and snapshots of its leaves in one State per
 * filter, each leaf in the first that matches; without filters one State of all. A lone Variable or Tensor gives its
 * leaf instead of a State. Throws FilterError where a leaf matches no filter. Law: `merge(...split(x))` is equal to x.
 */
export const split = <M, const Fs extends readonly Filter[]>(node: M, ...filters: Fs): Split<M, Fs> =>
  splitFlat(flattenInterned(node), filters) as unknown as Split<M, Fs>

/**
 * The leaves of a graph as a State; for two and more filters an array of States. Leaves that match no filter are left
 * out. Law: `update(x, state(x))` changes nothing.
 */
export const state = <M, const Fs extends readonly Filter[]>(node: M, ...filters: Fs): StateResult<M, Fs> => {
  const states = selectFlat(flattenInterned(node), filters)
  return (states.length === 1 ? states[0] : states) as StateResult<M, Fs>
}

/** Another name of `state`. */
export const variables: typeof state = state

/** The static half of a graph alone. */
export const graphdef = <M>(node: M): GraphDef<M> => flattenInterned(node).graphdef
