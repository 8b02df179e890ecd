import {
  type CosineOptions,
  cosineDecaySchedule,
  exponentialDecay,
  type ExponentialOptions,
  linearSchedule,
} from './decay.js'
import { makeSchedule, type Schedule, type ScheduleFunction, valueAt } from './schedule.js'

/**
 * Schedules one after the other: each boundary is the step at which the next one takes over, counting from 0 again.
 * Throws RangeError unless there is one boundary less than schedules.
 */
export const joinSchedules = (schedules: readonly ScheduleFunction[], boundaries: readonly number[]): Schedule => {
  const [first, ...others] = schedules
  if (first === undefined || boundaries.length !== others.length) {
    throw new RangeError(
      `joinSchedules: needs one boundary between each two schedules, got ${boundaries.length} for ${schedules.length}; give the step at which each schedule but the first begins`,
    )
  }
  return makeSchedule(
    'joinSchedules',
    { schedules: [...schedules], boundaries: [...boundaries] },
    ({ below, sub }, step) =>
      others.reduce(
        (value, next, i) => below(step, boundaries[i]!, value, valueAt(next, sub(step, boundaries[i]!))),
        valueAt(first, step),
      ),
  )
}

/** A straight line from `initValue` to `peakValue`, then the peak for good. */
export const warmupConstantSchedule = (initValue: number, peakValue: number, warmupSteps: number): Schedule =>
  linearSchedule(initValue, peakValue, warmupSteps)

export interface WarmupCosineOptions extends Pick<CosineOptions, 'exponent'> {
  /** The value at and after `decaySteps`; 0. */
  readonly endValue?: number
}

/**
 * A straight line from `initValue` to `peakValue`, then a cosine down to `endValue`; `decaySteps` counts from the
 * start and so includes `warmupSteps`. Throws RangeError where it is not greater.
 */
export const warmupCosineDecaySchedule = (
  initValue: number,
  peakValue: number,
  warmupSteps: number,
  decaySteps: number,
  { endValue = 0, exponent = 1 }: WarmupCosineOptions = {},
): Schedule =>
  joinSchedules(
    [
      linearSchedule(initValue, peakValue, warmupSteps),
      cosineDecaySchedule(peakValue, decaySteps - warmupSteps, {
        alpha: peakValue === 0 ? 0 : endValue / peakValue,
        exponent,
      }),
    ],
    [warmupSteps],
  )

/**
 * A straight line from `initValue` to `peakValue`, then exponential decay from there, whose options count from the end
 * of the warmup.
 */
export const warmupExponentialDecaySchedule = (
  initValue: number,
  peakValue: number,
  warmupSteps: number,
  transitionSteps: number,
  decayRate: number,
  options: ExponentialOptions = {},
): Schedule =>
  joinSchedules(
    [
      linearSchedule(initValue, peakValue, warmupSteps),
      exponentialDecay(peakValue, transitionSteps, decayRate, options),
    ],
    [warmupSteps],
  )
