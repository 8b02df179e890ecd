import type { ScalarOrSchedule } from '../schedules/schedule.js'
import type { GradientTransformation } from '../transformation.js'
import { type RssOptions, scaleByRss } from '../transformations/rss.js'
import { descend } from './descend.js'

/** AdaGrad: the gradient over the root of the sum of all its squares so far. */
export const adagrad = (learningRate: ScalarOrSchedule, options: RssOptions = {}): GradientTransformation =>
  descend('adagrad', learningRate, scaleByRss(options))
