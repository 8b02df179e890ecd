import type { TensorLike } from '@linum/tensor'
import { chain } from '../chain.js'
import type { ScalarOrSchedule } from '../schedules/schedule.js'
import { type GradientTransformation, named } from '../transformation.js'
import { type RmsOptions, scaleByRms, scaleByStddev } from '../transformations/rms.js'
import { identity, scaleByLearningRate } from '../transformations/scale.js'
import { trace } from '../transformations/trace.js'

export interface RmspropOptions extends RmsOptions {
  /** Whether the average of gradients is taken off before the root. */
  readonly centered?: boolean
  /** Decay of the trace of past updates, learning rate included; no trace if absent. */
  readonly momentum?: TensorLike | null | undefined
  readonly nesterov?: boolean
}

/** RMSProp: the gradient over the root of the average of its squares. */
export const rmsprop = (
  learningRate: ScalarOrSchedule,
  { centered = false, momentum, nesterov = false, ...options }: RmspropOptions = {},
): GradientTransformation => {
  const adaptive = centered ? scaleByStddev(options) : scaleByRms(options)
  return named(
    'rmsprop',
    { learningRate, ...adaptive.hyperparameters, centered, momentum, nesterov },
    chain(
      adaptive,
      scaleByLearningRate(learningRate),
      momentum === undefined || momentum === null ? identity() : trace(momentum, { nesterov }),
    ),
  )
}
