import { staticEqual, staticHash } from '@linum/graph'
import { fc, test } from '@fast-check/vitest'
import { arange, array, jit, type Tensor, traceCount } from '@linum/tensor'
import {
  constantSchedule,
  cosineDecaySchedule,
  exponentialDecay,
  joinSchedules,
  linearSchedule,
  piecewiseConstantSchedule,
  polynomialSchedule,
  type Schedule,
  warmupConstantSchedule,
  warmupCosineDecaySchedule,
} from '@linum/optim'
import { describe, expect } from 'vitest'

// Optax 0.2.8, from step 0 on.
const reference: readonly (readonly [string, Schedule, readonly number[]])[] = [
  ['constantSchedule', constantSchedule(0.1), [0.1, 0.1, 0.1]],
  [
    'linearSchedule',
    linearSchedule(1, 0.1, 8, { transitionBegin: 2 }),
    [1, 1, 1, 0.8875, 0.775, 0.6625, 0.55, 0.4375, 0.325, 0.2125, 0.1, 0.1],
  ],
  [
    'cosineDecaySchedule',
    cosineDecaySchedule(1, 10, { alpha: 0.1 }),
    [1, 0.9779754, 0.9140576, 0.8145034, 0.6890576, 0.55, 0.410942, 0.2854966, 0.1859423, 0.1220246, 0.1, 0.1],
  ],
  [
    'cosineDecaySchedule with an exponent',
    cosineDecaySchedule(1, 10, { alpha: 0.2, exponent: 2 }),
    [1, 0.9613243, 0.8545085, 0.7042124, 0.5427051, 0.4, 0.2954915, 0.2339838, 0.2072949, 0.2004791, 0.2, 0.2],
  ],
  [
    'warmupCosineDecaySchedule',
    warmupCosineDecaySchedule(0, 1, 3, 10, { endValue: 0.05 }),
    [0, 0.3333333, 0.6666667, 1, 0.9529602, 0.8211577, 0.6306974, 0.4193026, 0.2288423, 0.0970398, 0.05, 0.05],
  ],
  ['warmupConstantSchedule', warmupConstantSchedule(0, 0.4, 4), [0, 0.1, 0.2, 0.3, 0.4, 0.4]],
  [
    'polynomialSchedule',
    polynomialSchedule(1, 0.1, 2, 10),
    [1, 0.829, 0.676, 0.541, 0.424, 0.325, 0.244, 0.181, 0.136, 0.109, 0.1, 0.1],
  ],
  ['polynomialSchedule without steps', polynomialSchedule(0.3, 0.1, 2, 0), [0.3, 0.3]],
  ['exponentialDecay', exponentialDecay(1, 5, 0.5), [1, 0.8705506, 0.7578583, 0.659754, 0.5743492, 0.5]],
  [
    'exponentialDecay in stairs',
    exponentialDecay(1, 2, 0.5, { staircase: true, transitionBegin: 1 }),
    [1, 1, 1, 0.5, 0.5, 0.25],
  ],
  ['exponentialDecay with an end', exponentialDecay(1, 2, 0.5, { endValue: 0.4 }), [1, 0.7071068, 0.5, 0.4, 0.4]],
  ['exponentialDecay upwards', exponentialDecay(1, 1, 2, { endValue: 6 }), [1, 2, 4, 6, 6]],
  ['exponentialDecay at rate 0', exponentialDecay(0.7, 1, 0), [0.7, 0.7]],
  ['piecewiseConstantSchedule', piecewiseConstantSchedule(1, { 7: 0.1, 3: 0.5 }), [1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.05]],
  [
    'joinSchedules',
    joinSchedules([constantSchedule(0.1), linearSchedule(0.2, 0, 2), (step: Tensor) => step.mul(0.5)], [2, 4]),
    [0.1, 0.1, 0.2, 0.1, 0, 0.5],
  ],
]

const expectNear = (actual: number, expected: number): void =>
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(2e-6 * Math.max(1, Math.abs(expected)))

describe('a schedule', () => {
  test.each(reference)('%s is that of Optax for numbers, tensors and traced steps', (_, schedule, expected) => {
    const jitted = jit((step: Tensor) => schedule(step))
    expected.forEach((value, step) => {
      expectNear(schedule(step), value)
      const t = array(step, { dtype: 'int32' })
      expectNear(schedule(t).item() as number, value)
      expectNear(jitted(t).item() as number, value)
      expectNear(schedule(array(step, { dtype: 'uint32' })).item() as number, value)
      expect(schedule(t).dtype).toBe('float32')
    })
    expect(traceCount(jitted)).toBe(1)
  })

  test('called with many steps gives many values', () => {
    expect(linearSchedule(1, 0, 4)(arange(6)).toArray()).toEqual([1, 0.75, 0.5, 0.25, 0, 0])
  })

  test('gives a number rounded to float32, or a tensor', () => {
    expect(constantSchedule(0.1)(3)).toBe(Math.fround(0.1))
    expect(linearSchedule(1, 0.1, 10).name).toBe('polynomialSchedule')
  })

  test.prop([fc.nat(50), fc.integer({ min: 1, max: 30 }), fc.double({ min: 0, max: 1, noNaN: true })], {
    numRuns: 100,
  })('of a cosine never leaves its ends and never rises', (step, steps, alpha) => {
    const schedule = cosineDecaySchedule(1, steps, { alpha })
    expect(schedule(step)).toBeLessThanOrEqual(1)
    expect(schedule(step)).toBeGreaterThanOrEqual(Math.fround(alpha) - 1e-7)
    expect(schedule(step + 1)).toBeLessThanOrEqual(schedule(step))
    if (step >= steps) expectNear(schedule(step), alpha)
  })

  test.prop([fc.nat(40), fc.nat(20)], { numRuns: 60 })(
    'joined with another is the first before the boundary and the second, from its start, after',
    (step, boundary) => {
      const [a, b] = [linearSchedule(0, 1, 10), exponentialDecay(1, 5, 0.5)]
      expect(joinSchedules([a, b], [boundary])(step)).toBe(step < boundary ? a(step) : b(step - boundary))
    },
  )
})

describe('equality', () => {
  test('is by name and arguments, defaults filled in', () => {
    const [a, b] = [cosineDecaySchedule(1, 10), cosineDecaySchedule(1, 10, { alpha: 0 })]
    expect([a.equals(b), staticEqual(a, b), staticHash(a) === staticHash(b)]).toEqual([true, true, true])
    expect(String(a)).toBe('cosineDecaySchedule(alpha: 0, decaySteps: 10, exponent: 1, initValue: 1)')
    expect(a.equals(cosineDecaySchedule(1, 11))).toBe(false)
    expect(a.equals(constantSchedule(1))).toBe(false)
    expect(a.equals(undefined)).toBe(false)
  })

  test('looks into joined schedules', () => {
    const make = (end: number): Schedule => joinSchedules([constantSchedule(1), linearSchedule(1, end, 3)], [2])
    expect(make(0).equals(make(0))).toBe(true)
    expect(make(0).equals(make(0.5))).toBe(false)
    expect(make(0).hash).not.toBe(make(0.5).hash)
  })
})

describe('wrong arguments', () => {
  test.each<readonly [() => unknown, RegExp]>([
    [() => cosineDecaySchedule(1, 0), /cosineDecaySchedule: requires positive decaySteps, got 0/],
    [() => warmupCosineDecaySchedule(0, 1, 10, 10), /cosineDecaySchedule: requires positive decaySteps, got 0/],
    [() => piecewiseConstantSchedule(1, { 3: -1 }), /non-negative scale factors at numbers of steps, got -1 at 3/],
    [
      () => joinSchedules([constantSchedule(1)], [3]),
      /joinSchedules: needs one boundary between each two schedules, got 1 for 1/,
    ],
    [() => joinSchedules([], []), /joinSchedules/],
  ])('%s throws RangeError', (make, message) => {
    expect(make).toThrow(RangeError)
    expect(make).toThrow(message)
  })
})
