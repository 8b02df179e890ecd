import type { TensorLike } from '@linum/tensor'
import { chain } from '../chain.js'
import type { Mask } from '../mask.js'
import type { ScalarOrSchedule } from '../schedules/schedule.js'
import { type GradientTransformation, named } from '../transformation.js'
import { addDecayedWeights } from '../transformations/decayed-weights.js'
import { masked } from '../transformations/masked.js'
import { scaleByLearningRate } from '../transformations/scale.js'
import { trace } from '../transformations/trace.js'
import { scaleByTrustRatio } from '../transformations/trust-ratio.js'

export interface LarsOptions {
  /** 0. */
  readonly weightDecay?: ScalarOrSchedule
  /** Which parameters decay; all. */
  readonly weightDecayMask?: Mask
  /** How far a step may move the parameters, in parts of them; 1e-3. */
  readonly trustCoefficient?: TensorLike
  /** Added to the norm of the gradient; 0. */
  readonly eps?: TensorLike
  /** Which leaves are scaled by their trust ratio; all. */
  readonly trustRatioMask?: Mask
  /** Decay of the trace of past updates, learning rate included; 0.9. */
  readonly momentum?: TensorLike
  readonly nesterov?: boolean
}

/** LARS (You, Gitman and Ginsburg 2017) for large batches: momentum by the trust ratio of each leaf. Needs `params` at `update`. */
export const lars = (
  learningRate: ScalarOrSchedule,
  {
    weightDecay = 0,
    weightDecayMask = true,
    trustCoefficient = 1e-3,
    eps = 0,
    trustRatioMask = true,
    momentum = 0.9,
    nesterov = false,
  }: LarsOptions = {},
): GradientTransformation =>
  named(
    'lars',
    { learningRate, weightDecay, weightDecayMask, trustCoefficient, eps, trustRatioMask, momentum, nesterov },
    chain(
      addDecayedWeights(weightDecay, { mask: weightDecayMask }),
      masked(scaleByTrustRatio({ trustCoefficient, eps }), trustRatioMask),
      scaleByLearningRate(learningRate),
      trace(momentum, { nesterov }),
    ),
  )
