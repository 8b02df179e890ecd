import type { DType, TensorLike } from '@linum/tensor'
import { chain } from '../chain.js'
import type { ScalarOrSchedule } from '../schedules/schedule.js'
import { type GradientTransformation, named } from '../transformation.js'
import { identity, scaleByLearningRate } from '../transformations/scale.js'
import { trace } from '../transformations/trace.js'

export interface SgdOptions {
  /** Decay of the trace of past gradients; no trace if absent. */
  readonly momentum?: TensorLike | null | undefined
  readonly nesterov?: boolean
  /** In which dtype the trace is kept; the parameters' own if absent. */
  readonly accumulatorDtype?: DType | undefined
}

/** Gradient descent: minus the learning rate times the gradient, or times its trace with momentum. */
export const sgd = (
  learningRate: ScalarOrSchedule,
  { momentum, nesterov = false, accumulatorDtype }: SgdOptions = {},
): GradientTransformation =>
  named(
    'sgd',
    { learningRate, momentum, nesterov, accumulatorDtype },
    chain(
      momentum === undefined || momentum === null ? identity() : trace(momentum, { nesterov, accumulatorDtype }),
      scaleByLearningRate(learningRate),
    ),
  )
