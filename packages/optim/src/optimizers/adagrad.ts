import { chain } from '../chain.js'
import type { ScalarOrSchedule } from '../schedules/schedule.js'
import { type GradientTransformation, named } from '../transformation.js'
import { type RssOptions, scaleByRss } from '../transformations/rss.js'
import { scaleByLearningRate } from '../transformations/scale.js'

/** AdaGrad: the gradient over the root of the sum of all its squares so far. */
export const adagrad = (learningRate: ScalarOrSchedule, options: RssOptions = {}): GradientTransformation => {
  const adaptive = scaleByRss(options)
  return named(
    'adagrad',
    { learningRate, ...adaptive.hyperparameters },
    chain(adaptive, scaleByLearningRate(learningRate)),
  )
}
