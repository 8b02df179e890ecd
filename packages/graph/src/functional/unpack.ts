import type { Filter } from '@linum/filters'
import { StateError } from '@linum/tensor'
import { describeValue } from '../class-name.js'
import type { GraphDef } from '../graphdef.js'
import { carrying, freezeState, graphdefKey, isState, newState } from '../state/state.js'
import type { StateOf, StateResult } from '../state/state-of.js'
import { split } from './split.js'

/** What `merge` reads the GraphDef from. */
export type CarriedGraphDef<M> = { readonly [graphdefKey]: GraphDef<M> }

/**
 * A State that carries its GraphDef: all functions of States take it, `merge` needs nothing else. Trees and transforms
 * keep the GraphDef; functions that make another State of it, such as `mapState`, do not.
 */
export type GraphState<M, S = StateOf<M>> = S & CarriedGraphDef<M>

type Carrying<M, R> = R extends readonly unknown[] ? { readonly [I in keyof R]: GraphState<M, R[I]> } : GraphState<M, R>

/**
 * As `split`, with the GraphDef in each of the States: one for no filter or one, else an array. Throws FilterError
 * where a leaf matches no filter, StateError for a lone Variable or Tensor, whose state is no mapping.
 */
export const unpack = <M, const Fs extends readonly Filter[]>(
  node: M,
  ...filters: Fs
): Carrying<M, StateResult<M, Fs>> => {
  const [graphdef, ...states] = split(node, ...filters) as readonly [GraphDef<M>, ...object[]]
  const carriers = states.map((state) => {
    if (!isState(state)) throw new StateError(`unpack: Expected a State object, got ${describeValue(state)}; use split`)
    const draft = newState()
    for (const key of Object.keys(state)) draft[key] = state[key]
    return freezeState(carrying(draft, graphdef))
  })
  return (carriers.length === 1 ? carriers[0] : carriers) as Carrying<M, StateResult<M, Fs>>
}

/** Whether a State carries its GraphDef. */
export const isGraphState = (x: unknown): x is GraphState<unknown, object> =>
  isState(x) && (x as Partial<CarriedGraphDef<unknown>>)[graphdefKey] !== undefined
