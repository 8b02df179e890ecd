import { chain } from '../chain.js'
import { scaleByZoomLinesearch } from '../linesearch/scale-by-zoom.js'
import type { ScalarOrSchedule } from '../schedules/schedule.js'
import { type GradientTransformation, named } from '../transformation.js'
import { type LbfgsMemoryOptions, scaleByLbfgs } from '../transformations/lbfgs.js'
import { scale, scaleByLearningRate } from '../transformations/scale.js'

export interface LbfgsOptions extends LbfgsMemoryOptions {
  /** What finds the length of a step: a zoom line search if absent, none if null. */
  readonly linesearch?: GradientTransformation | null
}

/**
 * L-BFGS (Liu and Nocedal 1989), for losses without noise: a quasi-Newton direction and a line search along it. The
 * latter needs `value`, `grad` and `valueFn` among the extra arguments. Needs `params` at `update`.
 */
export const lbfgs = (
  learningRate: ScalarOrSchedule | null = null,
  {
    linesearch = scaleByZoomLinesearch(20, { initialGuessStrategy: 'one' }),
    memorySize = 10,
    scaleInitPrecond = true,
  }: LbfgsOptions = {},
): GradientTransformation =>
  named(
    'lbfgs',
    { learningRate, memorySize, scaleInitPrecond, linesearch },
    chain(
      scaleByLbfgs({ memorySize, scaleInitPrecond }),
      learningRate === null ? scale(-1) : scaleByLearningRate(learningRate),
      ...(linesearch === null ? [] : [linesearch]),
    ),
  )
