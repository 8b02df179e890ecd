import type { ScalarOrSchedule } from '../schedules/schedule.js'
import type { GradientTransformation } from '../transformation.js'
import { type YogiOptions, scaleByYogi } from '../transformations/yogi.js'
import { descend } from './descend.js'

/** Yogi (Zaheer et al. 2018): Adam whose variance grows slowly. */
export const yogi = (learningRate: ScalarOrSchedule, options: YogiOptions = {}): GradientTransformation =>
  descend('yogi', learningRate, scaleByYogi(options))
