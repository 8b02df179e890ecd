import type { ScalarOrSchedule } from '../schedules/schedule.js'
import type { GradientTransformation } from '../transformation.js'
import { type LionOptions as LionMoments, scaleByLion } from '../transformations/lion.js'
import { descendWithDecay, type WeightDecayOptions } from './descend.js'

export interface LionOptions extends LionMoments, WeightDecayOptions {
  /** Multiplied by the learning rate too; 1e-3. */
  readonly weightDecay?: ScalarOrSchedule
}

/** Lion, with weight decay as in AdamW; learning rates are 3 to 10 times smaller than Adam's. Needs `params` at `update`. */
export const lion = (
  learningRate: ScalarOrSchedule,
  { weightDecay = 1e-3, mask, ...options }: LionOptions = {},
): GradientTransformation => descendWithDecay('lion', learningRate, scaleByLion(options), weightDecay, mask)
