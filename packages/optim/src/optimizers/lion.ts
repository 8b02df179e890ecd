import { chain } from '../chain.js'
import type { Mask } from '../mask.js'
import type { ScalarOrSchedule } from '../schedules/schedule.js'
import { type GradientTransformation, named } from '../transformation.js'
import { addDecayedWeights } from '../transformations/decayed-weights.js'
import { type LionOptions as LionMoments, scaleByLion } from '../transformations/lion.js'
import { scaleByLearningRate } from '../transformations/scale.js'

export interface LionOptions extends LionMoments {
  /** Multiplied by the learning rate too; 1e-3. */
  readonly weightDecay?: ScalarOrSchedule
  /** Which parameters decay; all if absent. */
  readonly mask?: Mask | undefined
}

/** Lion, with weight decay as in AdamW; learning rates are 3 to 10 times smaller than Adam's. Needs `params` at `update`. */
export const lion = (
  learningRate: ScalarOrSchedule,
  { weightDecay = 1e-3, mask, ...options }: LionOptions = {},
): GradientTransformation => {
  const signs = scaleByLion(options)
  return named(
    'lion',
    { learningRate, ...signs.hyperparameters, weightDecay, mask },
    chain(signs, addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate)),
  )
}
