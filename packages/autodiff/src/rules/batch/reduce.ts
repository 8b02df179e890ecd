import type { ReduceParams, PrimitiveParams } from '@linum/tensor/core'
import { type BatchRule, type BatchRules, shifted } from './rule.js'

type Reduction = 'reduce_sum' | 'reduce_prod' | 'reduce_max' | 'reduce_min' | 'reduce_and' | 'reduce_or'
const reduce = (name: Reduction): BatchRule<PrimitiveParams[Reduction]> =>
  shifted(name, ({ axes }) => ({ axes: axes.map((a) => a + 1) }))

export const reduceBatching: BatchRules<ReduceParams> = {
  reduce_sum: reduce('reduce_sum'),
  reduce_prod: reduce('reduce_prod'),
  reduce_max: reduce('reduce_max'),
  reduce_min: reduce('reduce_min'),
  reduce_and: reduce('reduce_and'),
  reduce_or: reduce('reduce_or'),
  argmax: shifted('argmax', ({ axis }) => ({ axis: axis + 1 })),
  argmin: shifted('argmin', ({ axis }) => ({ axis: axis + 1 })),
  cumsum: shifted('cumsum', ({ axis, reverse }) => ({ axis: axis + 1, reverse })),
}
