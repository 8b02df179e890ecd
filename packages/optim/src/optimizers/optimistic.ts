import type { TensorLike } from '@linum/tensor'
import { chain } from '../chain.js'
import type { ScalarOrSchedule } from '../schedules/schedule.js'
import { type GradientTransformation, named } from '../transformation.js'
import { type AdamOptions, scaleByAdam } from '../transformations/adam.js'
import { type OptimisticOptions, scaleByOptimisticGradient } from '../transformations/optimistic.js'
import { scaleByLearningRate } from '../transformations/scale.js'
import { descend } from './descend.js'

/** Gradient descent that expects the gradient to change as it did last, for games and min-max problems (Daskalakis et al. 2017). */
export const optimisticGradientDescent = (
  learningRate: ScalarOrSchedule,
  options: OptimisticOptions = {},
): GradientTransformation => descend('optimisticGradientDescent', learningRate, scaleByOptimisticGradient(options))

export interface OptimisticAdamOptions extends AdamOptions {
  /** Weight of the change of Adam's updates; the learning rate if absent. */
  readonly optimism?: TensorLike | undefined
}

/** Optimistic Adam of a constant learning rate, as Optax has kept it; `optimisticAdamV2` is the one to use. `nesterov` is true. */
export const optimisticAdam = (
  learningRate: TensorLike,
  { optimism, nesterov = true, ...options }: OptimisticAdamOptions = {},
): GradientTransformation => {
  const adaptive = scaleByAdam({ ...options, nesterov })
  return named(
    'optimisticAdam',
    { learningRate, optimism, ...adaptive.hyperparameters },
    chain(
      adaptive,
      scaleByOptimisticGradient({ alpha: learningRate, beta: optimism ?? learningRate }),
      scaleByLearningRate(1),
    ),
  )
}

export interface OptimisticAdamV2Options extends AdamOptions, OptimisticOptions {}

/** Adam whose updates are expected to change as they did last. `nesterov` is true. */
export const optimisticAdamV2 = (
  learningRate: ScalarOrSchedule,
  { alpha = 1, beta = 1, nesterov = true, ...options }: OptimisticAdamV2Options = {},
): GradientTransformation => {
  const adaptive = scaleByAdam({ ...options, nesterov })
  return named(
    'optimisticAdamV2',
    { learningRate, alpha, beta, ...adaptive.hyperparameters },
    chain(adaptive, scaleByOptimisticGradient({ alpha, beta }), scaleByLearningRate(learningRate)),
  )
}
