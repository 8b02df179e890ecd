import { jit, merge, split, update } from 'linum'
import { measure, type Time } from '../measure.js'
import { layersOf } from './model.js'

/** What is measured, by the name of the call. */
export const calls = ['split', 'merge', 'update', 'jit of a no-op'] as const
export type Call = (typeof calls)[number]

/** Times of one size, by call. */
export type Times = Readonly<Record<Call, Time>>

/** Measures the graph calls of linum on a number of layers. */
export const measureLinum = (layers: number, rounds: number): Times => {
  const model = layersOf(layers)
  const [graphdef, state] = split(model)
  const nothing = jit((_: typeof model) => undefined)
  nothing(model)
  return {
    split: measure(() => void split(model), rounds),
    merge: measure(() => void merge(graphdef, state), rounds),
    update: measure(() => {
      update(model, state)
    }, rounds),
    'jit of a no-op': measure(() => nothing(model), rounds),
  }
}
