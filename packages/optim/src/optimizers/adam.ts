import { chain } from '../chain.js'
import type { Mask } from '../mask.js'
import type { ScalarOrSchedule } from '../schedules/schedule.js'
import { type GradientTransformation, named } from '../transformation.js'
import { type AdamOptions, scaleByAdam } from '../transformations/adam.js'
import { addDecayedWeights } from '../transformations/decayed-weights.js'
import { scaleByLearningRate } from '../transformations/scale.js'

/** Adam (Kingma and Ba 2015); with `nesterov`, NAdam. */
export const adam = (learningRate: ScalarOrSchedule, options: AdamOptions = {}): GradientTransformation => {
  const adaptive = scaleByAdam(options)
  return named(
    'adam',
    { learningRate, ...adaptive.hyperparameters },
    chain(adaptive, scaleByLearningRate(learningRate)),
  )
}

export interface AdamWOptions extends AdamOptions {
  /** Multiplied by the learning rate too; 1e-4. */
  readonly weightDecay?: ScalarOrSchedule
  /** Which parameters decay; all if absent. */
  readonly mask?: Mask | undefined
}

/** Adam with weight decay that is not part of the gradient (Loshchilov and Hutter 2019). Needs `params` at `update`. */
export const adamw = (
  learningRate: ScalarOrSchedule,
  { weightDecay = 1e-4, mask, ...options }: AdamWOptions = {},
): GradientTransformation => {
  const adaptive = scaleByAdam(options)
  return named(
    'adamw',
    { learningRate, ...adaptive.hyperparameters, weightDecay, mask },
    chain(adaptive, addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate)),
  )
}
