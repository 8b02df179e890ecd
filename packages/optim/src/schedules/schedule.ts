import type { Structural } from '@linum/graph'
import { type ArrayOps, array, type Tensor, type TensorLike } from '@linum/tensor'
import { toTensor } from '@linum/tensor/core'
import { type Hyperparameters, namedText, sameNamed } from '../structural.js'
import { type Arithmetic, numbers, tensors } from './arithmetic.js'

/**
 * A value that changes with the number of steps done: called with a number it gives a number, called with a tensor
 * (also a traced one, also of many steps) a float32 tensor. Two of one name and equal arguments are equal.
 */
export interface Schedule extends Structural {
  (step: number): number
  (step: ArrayOps): Tensor
  (step: TensorLike): number | Tensor
  readonly name: string
  readonly hyperparameters: Hyperparameters
}

/** A Schedule, or a function of one's own; the latter is compared by identity. */
export type ScheduleFunction = (step: Tensor) => TensorLike

/** A constant, or what it is at each step. */
export type ScalarOrSchedule = TensorLike | ScheduleFunction

/** How a schedule computes its value, in numbers or tensors. */
export type Formula = <T>(arithmetic: Arithmetic<T>, step: T) => T

/** Whether the value changes with the step. */
export const isScheduled = (x: ScalarOrSchedule): x is ScheduleFunction => typeof x === 'function'

const isSchedule = (x: unknown): x is Schedule => typeof x === 'function' && 'hyperparameters' in x

// Steps before the beginning are negative, which uint32 has not.
const signed = (step: Tensor): Tensor => (step.dtype === 'uint32' ? step.astype('int32') : step)

/** The schedule of that formula, which may depend on nothing but the step and the hyperparameters. */
export const makeSchedule = (name: string, hyperparameters: Hyperparameters, formula: Formula): Schedule => {
  const call = (step: TensorLike): TensorLike =>
    typeof step === 'number' ? Math.fround(formula(numbers, step)) : formula(tensors, signed(toTensor(name, step)))
  const schedule = Object.defineProperties(call, {
    name: { value: name },
    hyperparameters: { value: Object.freeze(hyperparameters) },
    hash: { value: namedText({ name, hyperparameters }) },
    equals: { value: (other: unknown): boolean => isSchedule(other) && sameNamed(schedule, other) },
    toString: { value: (): string => schedule.hash as string },
  }) as unknown as Schedule
  return schedule
}

/** The value at a step of the same kind. */
export const valueAt = <T>(schedule: ScheduleFunction, step: T): T => {
  if (isSchedule(schedule)) return schedule(step as TensorLike) as T
  if (typeof step === 'number')
    return Number(toTensor('schedule', schedule(array(step, { dtype: 'int32' }))).item()) as T
  return toTensor('schedule', schedule(step as Tensor)) as T
}
