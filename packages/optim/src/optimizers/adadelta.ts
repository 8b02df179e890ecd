import { chain } from '../chain.js'
import type { Mask } from '../mask.js'
import type { ScalarOrSchedule } from '../schedules/schedule.js'
import { type GradientTransformation, named } from '../transformation.js'
import { type AdadeltaScaling, scaleByAdadelta } from '../transformations/adadelta.js'
import { addDecayedWeights } from '../transformations/decayed-weights.js'
import { scaleByLearningRate } from '../transformations/scale.js'

export interface AdadeltaOptions extends AdadeltaScaling {
  /** How much of the parameters is added to the gradients; 0. */
  readonly weightDecay?: ScalarOrSchedule
  /** Which parameters decay; all if absent. */
  readonly weightDecayMask?: Mask | undefined
}

/**
 * AdaDelta (Zeiler 2012), which finds the length of its steps itself. Without a learning rate updates
 * keep their sign: multiply by -1. Needs `params` at `update`.
 */
export const adadelta = (
  learningRate: ScalarOrSchedule | null = null,
  { weightDecay = 0, weightDecayMask, ...options }: AdadeltaOptions = {},
): GradientTransformation => {
  const adaptive = scaleByAdadelta(options)
  return named(
    'adadelta',
    { learningRate, ...adaptive.hyperparameters, weightDecay, weightDecayMask },
    chain(addDecayedWeights(weightDecay, { mask: weightDecayMask }), adaptive, scaleByLearningRate(learningRate)),
  )
}
