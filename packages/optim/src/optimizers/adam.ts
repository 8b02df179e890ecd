import type { ScalarOrSchedule } from '../schedules/schedule.js'
import type { GradientTransformation } from '../transformation.js'
import { type AdamOptions, scaleByAdam } from '../transformations/adam.js'
import { descend, descendWithDecay, type WeightDecayOptions } from './descend.js'

/** Adam (Kingma and Ba 2015); with `nesterov`, NAdam. */
export const adam = (learningRate: ScalarOrSchedule, options: AdamOptions = {}): GradientTransformation =>
  descend('adam', learningRate, scaleByAdam(options))

/** `adam` with `nesterov` (Dozat 2016). */
export const nadam = (
  learningRate: ScalarOrSchedule,
  options: Omit<AdamOptions, 'nesterov'> = {},
): GradientTransformation => adam(learningRate, { ...options, nesterov: true })

export interface AdamWOptions extends AdamOptions, WeightDecayOptions {
  /** Multiplied by the learning rate too; 1e-4. */
  readonly weightDecay?: ScalarOrSchedule
}

/** Adam with weight decay that is not part of the gradient (Loshchilov and Hutter 2019). Needs `params` at `update`. */
export const adamw = (
  learningRate: ScalarOrSchedule,
  { weightDecay = 1e-4, mask, ...options }: AdamWOptions = {},
): GradientTransformation => descendWithDecay('adamw', learningRate, scaleByAdam(options), weightDecay, mask)

/** `adamw` with `nesterov`. Needs `params` at `update`. */
export const nadamw = (
  learningRate: ScalarOrSchedule,
  options: Omit<AdamWOptions, 'nesterov'> = {},
): GradientTransformation => adamw(learningRate, { ...options, nesterov: true })
