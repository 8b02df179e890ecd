import type { ScalarOrSchedule } from '../schedules/schedule.js'
import type { GradientTransformation } from '../transformation.js'
import { type BeliefOptions, scaleByBelief } from '../transformations/belief.js'
import { descend } from './descend.js'

/** AdaBelief (Zhuang et al. 2020): Adam that steps far where gradients are as expected. */
export const adabelief = (learningRate: ScalarOrSchedule, options: BeliefOptions = {}): GradientTransformation =>
  descend('adabelief', learningRate, scaleByBelief(options))
