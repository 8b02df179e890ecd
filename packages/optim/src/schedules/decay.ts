import { makeSchedule, type Schedule } from './schedule.js'

/** Always the same value. */
export const constantSchedule = (value: number): Schedule =>
  makeSchedule('constantSchedule', { value }, ({ constant }) => constant(value))

export interface TransitionOptions {
  /** How many steps the initial value is held; 0. */
  readonly transitionBegin?: number
}

/**
 * (init - end) (1 - t / transitionSteps)^power + end, where t counts from `transitionBegin` and stops at
 * `transitionSteps`. Without transition steps it is `initValue` for good.
 */
export const polynomialSchedule = (
  initValue: number,
  endValue: number,
  power: number,
  transitionSteps: number,
  { transitionBegin = 0 }: TransitionOptions = {},
): Schedule => {
  const begin = Math.max(transitionBegin, 0)
  return makeSchedule(
    'polynomialSchedule',
    { initValue, endValue, power, transitionSteps, transitionBegin: begin },
    ({ add, constant, div, max, min, mul, pow, sub }, step) => {
      if (transitionSteps <= 0) return constant(initValue)
      const t = min(max(sub(step, begin), 0), transitionSteps)
      const left = sub(1, div(t, transitionSteps))
      return add(mul(power === 1 ? left : pow(left, power), initValue - endValue), endValue)
    },
  )
}

/** A straight line from `initValue` to `endValue`, held before and after. */
export const linearSchedule = (
  initValue: number,
  endValue: number,
  transitionSteps: number,
  options: TransitionOptions = {},
): Schedule => polynomialSchedule(initValue, endValue, 1, transitionSteps, options)

export interface CosineOptions {
  /** What fraction of the initial value remains; 0. */
  readonly alpha?: number
  /** Power of the cosine; 1. */
  readonly exponent?: number
}

/**
 * init ((1 - alpha) (½ (1 + cos(π t / decaySteps)))^exponent + alpha), where t stops at `decaySteps` (Loshchilov and
 * Hutter 2017, without restarts). Throws RangeError where `decaySteps` is not positive.
 */
export const cosineDecaySchedule = (
  initValue: number,
  decaySteps: number,
  { alpha = 0, exponent = 1 }: CosineOptions = {},
): Schedule => {
  if (!(decaySteps > 0))
    throw new RangeError(
      `cosineDecaySchedule: requires positive decaySteps, got ${decaySteps}; give the number of steps until the end`,
    )
  return makeSchedule(
    'cosineDecaySchedule',
    { initValue, decaySteps, alpha, exponent },
    ({ add, cos, div, min, mul, pow }, step) => {
      const wave = mul(add(cos(div(mul(min(step, decaySteps), Math.PI), decaySteps)), 1), 0.5)
      return mul(add(mul(exponent === 1 ? wave : pow(wave, exponent), 1 - alpha), alpha), initValue)
    },
  )
}

export interface ExponentialOptions extends TransitionOptions {
  /** Whether the exponent is rounded down, so that the value falls in stairs. */
  readonly staircase?: boolean
  /** Where decay (or growth, for a rate of at least 1) stops. */
  readonly endValue?: number | undefined
}

/**
 * init decayRate^(t / transitionSteps), where t counts from `transitionBegin`. Without transition steps, or for a rate
 * of 0, it is `initValue` for good.
 */
export const exponentialDecay = (
  initValue: number,
  transitionSteps: number,
  decayRate: number,
  { transitionBegin = 0, staircase = false, endValue }: ExponentialOptions = {},
): Schedule => {
  const begin = Math.max(transitionBegin, 0)
  return makeSchedule(
    'exponentialDecay',
    { initValue, transitionSteps, decayRate, transitionBegin: begin, staircase, endValue },
    ({ below, constant, div, floor, max, min, mul, pow, sub }, step) => {
      if (transitionSteps <= 0 || decayRate === 0) return constant(initValue)
      const t = sub(step, begin)
      const ratio = div(t, transitionSteps)
      const value = below(0, t, mul(pow(decayRate, staircase ? floor(ratio) : ratio), initValue), initValue)
      return endValue === undefined ? value : decayRate < 1 ? max(value, endValue) : min(value, endValue)
    },
  )
}

/** `initValue` times the factor of every boundary that has been reached. Throws RangeError for a negative factor. */
export const piecewiseConstantSchedule = (
  initValue: number,
  boundariesAndScales: Readonly<Record<number, number>> = {},
): Schedule => {
  const jumps = Object.entries(boundariesAndScales)
    .map(([boundary, factor]) => [Number(boundary), factor] as const)
    .sort(([a], [b]) => a - b)
  const wrong = jumps.find(([boundary, factor]) => !(factor >= 0) || Number.isNaN(boundary))
  if (wrong !== undefined)
    throw new RangeError(
      `piecewiseConstantSchedule: expects non-negative scale factors at numbers of steps, got ${wrong[1]} at ${wrong[0]}; give pairs such as { 100: 0.1 }`,
    )
  return makeSchedule(
    'piecewiseConstantSchedule',
    { initValue, boundariesAndScales: { ...boundariesAndScales } },
    ({ below, constant, mul }, step) =>
      jumps.reduce(
        (value, [boundary, factor]) => below(step, boundary, value, mul(value, factor)),
        constant(initValue),
      ),
  )
}
