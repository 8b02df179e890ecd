import type { ScalarOrSchedule } from '../schedules/schedule.js'
import type { GradientTransformation } from '../transformation.js'
import type { MomentOptions } from '../transformations/adam.js'
import { scaleByAdamax } from '../transformations/adamax.js'
import { descend, descendWithDecay, type WeightDecayOptions } from './descend.js'

/** AdaMax (Kingma and Ba 2015): Adam by the largest gradient instead of the mean square. */
export const adamax = (learningRate: ScalarOrSchedule, options: MomentOptions = {}): GradientTransformation =>
  descend('adamax', learningRate, scaleByAdamax(options))

export interface AdamaxwOptions extends MomentOptions, WeightDecayOptions {
  /** Multiplied by the learning rate too; 1e-4. */
  readonly weightDecay?: ScalarOrSchedule
}

/** AdaMax with weight decay as in AdamW. Needs `params` at `update`. */
export const adamaxw = (
  learningRate: ScalarOrSchedule,
  { weightDecay = 1e-4, mask, ...options }: AdamaxwOptions = {},
): GradientTransformation => descendWithDecay('adamaxw', learningRate, scaleByAdamax(options), weightDecay, mask)
