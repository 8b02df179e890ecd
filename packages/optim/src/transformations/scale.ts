import { mul, neg, type Tensor, type TensorLike } from '@linum/tensor'
import { toTensor } from '@linum/tensor/core'
import { increment, zeroCount } from '../count.js'
import { mapLeaves } from '../leaves.js'
import { isScheduled, type ScalarOrSchedule, type ScheduleFunction } from '../schedules/schedule.js'
import type { Hyperparameters } from '../structural.js'
import { GradientTransformation, named, stateless } from '../transformation.js'

/** Passes updates through unchanged. */
export const identity = (): GradientTransformation => stateless('identity', {}, (updates) => updates)

/** Updates times a constant. */
export const scale = (stepSize: TensorLike): GradientTransformation =>
  stateless('scale', { stepSize }, (updates) => mapLeaves((u) => mul(u, stepSize), updates))

interface CountState {
  readonly count: Tensor
}

const scheduled = (
  name: string,
  hyperparameters: Hyperparameters,
  stepSize: (count: Tensor) => TensorLike,
): GradientTransformation =>
  new GradientTransformation(name, hyperparameters, {
    init: () => ({ count: zeroCount() }),
    update: (updates, { count }: CountState) => {
      const step = toTensor(name, stepSize(count))
      return [mapLeaves((u) => mul(u, step.astype(u.dtype)), updates), { count: increment(count) }]
    },
  })

/** Updates times the value of a schedule, which is called with the number of steps done before this one. */
export const scaleBySchedule = (stepSize: ScheduleFunction): GradientTransformation =>
  scheduled('scaleBySchedule', { stepSize }, stepSize)

export interface LearningRateOptions {
  /** Whether the sign changes, so that updates descend; true. */
  readonly flipSign?: boolean
}

/**
 * Updates times minus the learning rate: the last link of most optimizers. A schedule is called as in
 * `scaleBySchedule`; without a learning rate updates pass through.
 */
export const scaleByLearningRate = (
  learningRate?: ScalarOrSchedule | null,
  { flipSign = true }: LearningRateOptions = {},
): GradientTransformation => {
  const hyperparameters = { learningRate, flipSign }
  if (learningRate === undefined || learningRate === null)
    return named('scaleByLearningRate', hyperparameters, identity())
  if (isScheduled(learningRate))
    return scheduled('scaleByLearningRate', hyperparameters, (count) =>
      flipSign ? neg(learningRate(count)) : learningRate(count),
    )
  const factor = !flipSign ? learningRate : typeof learningRate === 'number' ? -learningRate : neg(learningRate)
  return named('scaleByLearningRate', hyperparameters, scale(factor))
}
