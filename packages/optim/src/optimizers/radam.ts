import type { ScalarOrSchedule } from '../schedules/schedule.js'
import type { GradientTransformation } from '../transformation.js'
import { type RadamOptions, scaleByRadam } from '../transformations/radam.js'
import { descend } from './descend.js'

/** Rectified Adam (Liu et al. 2020), which needs no warmup. */
export const radam = (learningRate: ScalarOrSchedule, options: RadamOptions = {}): GradientTransformation =>
  descend('radam', learningRate, scaleByRadam(options))
