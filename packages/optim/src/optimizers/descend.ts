import { chain } from '../chain.js'
import type { Mask } from '../mask.js'
import type { ScalarOrSchedule } from '../schedules/schedule.js'
import { type GradientTransformation, named } from '../transformation.js'
import { addDecayedWeights } from '../transformations/decayed-weights.js'
import { scaleByLearningRate } from '../transformations/scale.js'

export interface WeightDecayOptions {
  /** How much of the parameters is added to the updates before the learning rate multiplies them. */
  readonly weightDecay?: ScalarOrSchedule
  /** Which parameters decay; all if absent. */
  readonly mask?: Mask | undefined
}

/** The optimizer of that name: steps of a learning rate against scaled gradients. */
export const descend = (
  name: string,
  learningRate: ScalarOrSchedule,
  scaled: GradientTransformation,
): GradientTransformation =>
  named(name, { learningRate, ...scaled.hyperparameters }, chain(scaled, scaleByLearningRate(learningRate)))

/** The same with weight decay that is not part of the gradient. */
export const descendWithDecay = (
  name: string,
  learningRate: ScalarOrSchedule,
  scaled: GradientTransformation,
  weightDecay: ScalarOrSchedule,
  mask: Mask | undefined,
): GradientTransformation =>
  named(
    name,
    { learningRate, ...scaled.hyperparameters, weightDecay, mask },
    chain(scaled, addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate)),
  )
