import { mul, type Tensor } from '@linum/tensor'
import { increment, zeroCount } from '../count.js'
import { align } from '../leaves.js'
import type { Mask } from '../mask.js'
import { requireParams } from '../params.js'
import { isScheduled, type ScalarOrSchedule } from '../schedules/schedule.js'
import { GradientTransformation, named } from '../transformation.js'
import { masked } from './masked.js'

export interface DecayOptions {
  /** Which parameters decay; all if absent. */
  readonly mask?: Mask | undefined
}

const decay = (weightDecay: ScalarOrSchedule): GradientTransformation =>
  new GradientTransformation(
    'addDecayedWeights',
    { weightDecay },
    {
      init: () => (isScheduled(weightDecay) ? { count: zeroCount() } : {}),
      update: (updates, state: { readonly count: Tensor }, params) => {
        const p = requireParams('addDecayedWeights', params)
        if (weightDecay === 0) return [updates, state]
        const scheduled = isScheduled(weightDecay)
        const factor = scheduled ? weightDecay(state.count) : weightDecay
        const {
          columns: [g, w],
          build,
        } = align('addDecayedWeights', updates, p)
        return [
          build(g!.map((x, i) => mul(w![i]!, factor).add(x))),
          scheduled ? { count: increment(state.count) } : state,
        ]
      },
    },
  )

/** Updates plus `weightDecay` times the parameters. A schedule is called with the number of steps done before. Needs `params` at `update`. */
export const addDecayedWeights = (weightDecay: ScalarOrSchedule, { mask }: DecayOptions = {}): GradientTransformation =>
  mask === undefined
    ? decay(weightDecay)
    : named('addDecayedWeights', { weightDecay, mask }, masked(decay(weightDecay), mask))
