import { joinSchedules, warmupCosineDecaySchedule, type WarmupCosineOptions } from './join.js'
import { makeSchedule, type Schedule } from './schedule.js'

const entries = (boundariesAndScales: Readonly<Record<number, number>>): readonly (readonly [number, number])[] =>
  Object.entries(boundariesAndScales)
    .map(([boundary, factor]) => [Number(boundary), factor] as const)
    .sort(([a], [b]) => a - b)

/**
 * From boundary to boundary along a straight line or half a cosine; the value at each is that at the one before, times
 * the factor. Steps before 0 give 0, and the last value is held. Throws RangeError for a negative factor.
 */
export const piecewiseInterpolateSchedule = (
  interpolateType: 'linear' | 'cosine',
  initValue: number,
  boundariesAndScales: Readonly<Record<number, number>> = {},
): Schedule => {
  const fn = 'piecewiseInterpolateSchedule'
  if (interpolateType !== 'linear' && interpolateType !== 'cosine')
    throw new TypeError(`${fn}: unknown interpolation, got ${String(interpolateType)}; give 'linear' or 'cosine'`)
  const jumps = entries(boundariesAndScales)
  const wrong = jumps.find(([boundary, factor]) => !(factor >= 0) || Number.isNaN(boundary))
  if (wrong !== undefined)
    throw new RangeError(
      `${fn}: expects non-negative scale factors at numbers of steps, got ${wrong[1]} at ${wrong[0]}; give pairs such as { 100: 0.1 }`,
    )
  const points = jumps.reduce<readonly (readonly [number, number])[]>(
    (all, [boundary, factor]) => [...all, [boundary, all.at(-1)![1] * factor]],
    [[0, initValue]],
  )
  return makeSchedule(
    fn,
    { interpolateType, initValue, boundariesAndScales: { ...boundariesAndScales } },
    ({ add, below, constant, cos, div, mul, sub }, step) => {
      const after = points.slice(0, -1).reduceRight(
        (later, [start, from], i) => {
          const [end, to] = points[i + 1]!
          const t = div(sub(step, start), Math.max(end - start, 1))
          const between =
            interpolateType === 'linear'
              ? add(mul(t, to - from), from)
              : add(mul(add(cos(mul(t, Math.PI)), 1), (from - to) / 2), to)
          return below(step, end, between, later)
        },
        constant(points.at(-1)![1]),
      )
      return below(step, 0, 0, after)
    },
  )
}

export interface OnecycleOptions {
  /** The part of the steps that goes up; 0.3. */
  readonly pctStart?: number
  /** The first value is the peak over this; 25. */
  readonly divFactor?: number
  /** The last value is the first over this; 10000. */
  readonly finalDivFactor?: number
}

export interface LinearOnecycleOptions extends OnecycleOptions {
  /** The part of the steps after which the value is the first one again; 0.85. */
  readonly pctFinal?: number
}

const checkSteps = (fn: string, transitionSteps: number): void => {
  if (!(transitionSteps > 0))
    throw new RangeError(`${fn}: needs positive transitionSteps, got ${transitionSteps}; give the number of all steps`)
}

/** Up to the peak, down to where it began, and on down, along straight lines (Smith and Topin 2018). Throws RangeError unless `transitionSteps` is positive. */
export const linearOnecycleSchedule = (
  transitionSteps: number,
  peakValue: number,
  { pctStart = 0.3, pctFinal = 0.85, divFactor = 25, finalDivFactor = 1e4 }: LinearOnecycleOptions = {},
): Schedule => {
  checkSteps('linearOnecycleSchedule', transitionSteps)
  return piecewiseInterpolateSchedule('linear', peakValue / divFactor, {
    [Math.trunc(pctStart * transitionSteps)]: divFactor,
    [Math.trunc(pctFinal * transitionSteps)]: 1 / divFactor,
    [transitionSteps]: 1 / finalDivFactor,
  })
}

/** Up to the peak and down, along cosines (Smith and Topin 2018). Throws RangeError unless `transitionSteps` is positive. */
export const cosineOnecycleSchedule = (
  transitionSteps: number,
  peakValue: number,
  { pctStart = 0.3, divFactor = 25, finalDivFactor = 1e4 }: OnecycleOptions = {},
): Schedule => {
  checkSteps('cosineOnecycleSchedule', transitionSteps)
  return piecewiseInterpolateSchedule('cosine', peakValue / divFactor, {
    [Math.trunc(pctStart * transitionSteps)]: divFactor,
    [Math.trunc(transitionSteps)]: 1 / (divFactor * finalDivFactor),
  })
}

/** What one cycle of `sgdrSchedule` is made of: the arguments of `warmupCosineDecaySchedule`. */
export interface CosineCycle extends WarmupCosineOptions {
  readonly initValue: number
  readonly peakValue: number
  readonly warmupSteps: number
  /** How long the cycle is, warmup included. */
  readonly decaySteps: number
}

/** One warmup and cosine after the other (Loshchilov and Hutter 2017, with restarts). Throws RangeError where there is none. */
export const sgdrSchedule = (cycles: readonly CosineCycle[]): Schedule => {
  let end = 0
  const ends = cycles.map(({ decaySteps }) => (end += decaySteps))
  return joinSchedules(
    cycles.map(({ initValue, peakValue, warmupSteps, decaySteps, ...options }) =>
      warmupCosineDecaySchedule(initValue, peakValue, warmupSteps, decaySteps, options),
    ),
    ends.slice(0, -1),
  )
}
