import type { Tensor, TensorLike } from '@linum/tensor'
import { chain } from '../chain.js'
import type { ScalarOrSchedule } from '../schedules/schedule.js'
import { type GradientTransformation, named } from '../transformation.js'
import { addNoise } from '../transformations/noise.js'
import { scaleByLearningRate } from '../transformations/scale.js'

export interface NoisyOptions {
  /** Variance of the noise at the first step; 0.01. */
  readonly eta?: TensorLike
  /** The power of the step by which it falls; 0.55. */
  readonly gamma?: TensorLike
  /** A random key, or the seed of one; 0. */
  readonly key?: Tensor | number
}

/** Gradient descent with noise that fades (Neelakantan et al. 2014). */
export const noisySgd = (
  learningRate: ScalarOrSchedule,
  { eta = 0.01, gamma = 0.55, key = 0 }: NoisyOptions = {},
): GradientTransformation =>
  named(
    'noisySgd',
    { learningRate, eta, gamma, key },
    chain(addNoise(eta, gamma, key), scaleByLearningRate(learningRate)),
  )
