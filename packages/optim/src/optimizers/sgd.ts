import { chain } from '../chain.js'
import type { ScalarOrSchedule } from '../schedules/schedule.js'
import { type GradientTransformation, named } from '../transformation.js'
import { identity, scaleByLearningRate } from '../transformations/scale.js'
import { trace } from '../transformations/trace.js'

export interface SgdOptions {
  /** Decay of the trace of past gradients; no trace if absent. */
  readonly momentum?: number | undefined
  readonly nesterov?: boolean
}

/** Gradient descent: minus the learning rate times the gradient, or times its trace with momentum. */
export const sgd = (
  learningRate: ScalarOrSchedule,
  { momentum, nesterov = false }: SgdOptions = {},
): GradientTransformation =>
  named(
    'sgd',
    { learningRate, momentum, nesterov },
    chain(momentum === undefined ? identity() : trace(momentum, { nesterov }), scaleByLearningRate(learningRate)),
  )
