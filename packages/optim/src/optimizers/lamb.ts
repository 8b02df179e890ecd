import { chain } from '../chain.js'
import type { ScalarOrSchedule } from '../schedules/schedule.js'
import { type GradientTransformation, named } from '../transformation.js'
import { type AdamOptions, scaleByAdam } from '../transformations/adam.js'
import { addDecayedWeights } from '../transformations/decayed-weights.js'
import { scaleByLearningRate } from '../transformations/scale.js'
import { scaleByTrustRatio } from '../transformations/trust-ratio.js'
import type { WeightDecayOptions } from './descend.js'

export interface LambOptions extends Omit<AdamOptions, 'nesterov' | 'muDtype'>, WeightDecayOptions {
  /** 0. */
  readonly weightDecay?: ScalarOrSchedule
}

/** LAMB (You et al. 2020) for large batches: Adam by the trust ratio of each leaf. `eps` is 1e-6. Needs `params` at `update`. */
export const lamb = (
  learningRate: ScalarOrSchedule,
  { weightDecay = 0, mask, b1 = 0.9, b2 = 0.999, eps = 1e-6, epsRoot = 0 }: LambOptions = {},
): GradientTransformation =>
  named(
    'lamb',
    { learningRate, b1, b2, eps, epsRoot, weightDecay, mask },
    chain(
      scaleByAdam({ b1, b2, eps, epsRoot }),
      addDecayedWeights(weightDecay, { mask }),
      scaleByTrustRatio(),
      scaleByLearningRate(learningRate),
    ),
  )
