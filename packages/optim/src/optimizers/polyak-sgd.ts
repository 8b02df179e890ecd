import type { TensorLike } from '@linum/tensor'
import { chain } from '../chain.js'
import type { ScalarOrSchedule } from '../schedules/schedule.js'
import { type GradientTransformation, named } from '../transformation.js'
import { type PolyakOptions, scaleByPolyak } from '../transformations/polyak.js'
import { sgd } from './sgd.js'

export interface PolyakSgdOptions extends PolyakOptions {
  /** What the step is at most, before `scaling`; 1. */
  readonly maxLearningRate?: TensorLike
  /** A factor, or schedule, of all steps; 1. */
  readonly scaling?: ScalarOrSchedule
}

/** Gradient descent by Polyak's step, which needs the least value of the loss instead of a learning rate. Needs `value`, the loss, among the extra arguments. */
export const polyakSgd = ({ scaling = 1, ...options }: PolyakSgdOptions = {}): GradientTransformation => {
  const step = scaleByPolyak(options)
  return named('polyakSgd', { scaling, ...step.hyperparameters }, chain(sgd(scaling), step))
}
