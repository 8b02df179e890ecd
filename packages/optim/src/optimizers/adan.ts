import type { ScalarOrSchedule } from '../schedules/schedule.js'
import type { GradientTransformation } from '../transformation.js'
import { type AdanOptions as AdanMoments, scaleByAdan } from '../transformations/adan.js'
import { descendWithDecay, type WeightDecayOptions } from './descend.js'

export interface AdanOptions extends AdanMoments, WeightDecayOptions {
  /** Multiplied by the learning rate too; 0. */
  readonly weightDecay?: ScalarOrSchedule
}

/** Adan (Xie et al. 2022): adaptive Nesterov momentum. `epsRoot` is 1e-8. Needs `params` at `update`. */
export const adan = (
  learningRate: ScalarOrSchedule,
  { weightDecay = 0, mask, epsRoot = 1e-8, ...options }: AdanOptions = {},
): GradientTransformation =>
  descendWithDecay('adan', learningRate, scaleByAdan({ ...options, epsRoot }), weightDecay, mask)
