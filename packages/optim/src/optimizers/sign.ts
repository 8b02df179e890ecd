import type { DType, TensorLike } from '@linum/tensor'
import { chain } from '../chain.js'
import type { ScalarOrSchedule } from '../schedules/schedule.js'
import { type GradientTransformation, named } from '../transformation.js'
import { ema } from '../transformations/ema.js'
import { scaleByLearningRate } from '../transformations/scale.js'
import { scaleBySign } from '../transformations/sign.js'
import { descend } from './descend.js'

/** Every element moves by the learning rate against the sign of its gradient (Bernstein et al. 2018). */
export const signSgd = (learningRate: ScalarOrSchedule): GradientTransformation =>
  descend('signSgd', learningRate, scaleBySign())

export interface SignumOptions {
  /** Decay of the average of gradients; 0.9. */
  readonly beta?: TensorLike
  /** In which dtype the average is kept; the parameters' own if absent. */
  readonly accumulatorDtype?: DType | undefined
}

/** `signSgd` by the average of gradients. */
export const signum = (
  learningRate: ScalarOrSchedule,
  { beta = 0.9, accumulatorDtype }: SignumOptions = {},
): GradientTransformation =>
  named(
    'signum',
    { learningRate, beta, accumulatorDtype },
    chain(ema(beta, { debias: false, accumulatorDtype }), scaleBySign(), scaleByLearningRate(learningRate)),
  )
