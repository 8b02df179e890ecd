import type { ScalarOrSchedule } from '../schedules/schedule.js'
import type { GradientTransformation } from '../transformation.js'
import { type AmsgradOptions, scaleByAmsgrad } from '../transformations/amsgrad.js'
import { descend } from './descend.js'

/** AMSGrad (Reddi, Kale and Kumar 2018): Adam whose steps never grow because the variance shrinks. */
export const amsgrad = (learningRate: ScalarOrSchedule, options: AmsgradOptions = {}): GradientTransformation =>
  descend('amsgrad', learningRate, scaleByAmsgrad(options))
