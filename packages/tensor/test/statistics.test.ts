import { fc, test as property } from '@fast-check/vitest'
import {
  array,
  average,
  cov,
  cummax,
  cumprod,
  cumsum,
  diff,
  type Tensor,
  gradient,
  jit,
  median,
  nanmean,
  nanquantile,
  percentile,
  ptp,
  quantile,
  trapezoid,
  zeros,
} from '@linum/tensor'
import { describe, expect, test } from 'vitest'

const row = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 12 })
const numbers = (x: Tensor): number[] => Array.from(x.dataSync() as Float32Array)

describe('running reductions', () => {
  property.prop([row], { numRuns: 20 })('hold at each place what the reduction up to there gives', (xs) => {
    const x = array(xs)
    const upTo = (f: (part: readonly number[]) => number): number[] => xs.map((_, i) => f(xs.slice(0, i + 1)))
    expect(numbers(cummax(x))).toEqual(upTo((part) => Math.max(...part)))
    expect(numbers(cumsum(x))).toEqual(upTo((part) => part.reduce((a, b) => a + b)))
    const [signs, whole] = [xs.map((v) => Math.sign(v) || 1), array(xs.map((v) => Math.sign(v) || 1))]
    expect(numbers(cumprod(whole))).toEqual(signs.map((_, i) => signs.slice(0, i + 1).reduce((a, b) => a * b)))
  })

  property.prop([row], { numRuns: 10 })('undo differences', (xs) => {
    const x = array(xs)
    expect(numbers(cumsum(diff(x, { prepend: 0 })))).toEqual(xs)
  })

  test('reverse runs from the last to the first', () => {
    expect(numbers(cumsum(array([1, 2, 4]), { reverse: true }))).toEqual([7, 6, 4])
    expect(numbers(cummax(array([1, 3, 2]), { reverse: true }))).toEqual([3, 3, 2])
  })
})

describe('quantiles', () => {
  property.prop([row], { numRuns: 20 })('grow from the least to the greatest element', (xs) => {
    const found = numbers(quantile(array(xs), array([0, 0.2, 0.5, 0.8, 1])))
    expect(found[0]).toBe(Math.min(...xs))
    expect(found[4]).toBe(Math.max(...xs))
    expect([...found].sort((a, b) => a - b)).toEqual(found)
  })

  test('the axis of q comes first', () => {
    const x = array([
      [1, 2, 3],
      [4, 5, 9],
    ])
    expect(quantile(x, array([0.5, 1]), { axis: 1 }).toArray()).toEqual([
      [2, 5],
      [3, 9],
    ])
    expect(quantile(x, array([0.5]), { axis: 1, keepdims: true }).shape).toEqual([1, 2, 1])
    expect(percentile(x, 50, { axis: 0, method: 'lower' }).toArray()).toEqual([1, 2, 3])
    expect(median(x).item()).toBe(3.5)
  })

  test('the share may be traced', () => {
    const x = array([1, 2, 4])
    expect(jit((q: Tensor) => quantile(x, q))(array(0.75)).item()).toBe(3)
  })

  test('NaN is everything or nothing', () => {
    const x = array([1, NaN, 3])
    expect(quantile(x, 0.5).item()).toBeNaN()
    expect(nanquantile(x, 0.5).item()).toBe(2)
    expect(nanmean(x).item()).toBe(2)
  })

  test('errors name what was wrong', () => {
    expect(() => quantile(array([1]), array([[0.5]]))).toThrow('quantile: q must have rank <= 1, got shape (1, 1)')
    expect(() => quantile(array([1]), 0.5, { method: 'cubic' as never })).toThrow(
      'quantile: method must be one of linear, lower, higher, midpoint, nearest, got cubic',
    )
    expect(() => median(zeros([0]))).toThrow('median: needs at least one element, got shape (0,)')
  })
})

describe('statistics', () => {
  test('weights count elements as often as they say', () => {
    expect(average(array([1, 2, 6]), { weights: array([1, 2, 0]) }).item()).toBeCloseTo(5 / 3, 6)
    expect(() => average(array([1, 2, 6]), { weights: array([1, 2]) })).toThrow(
      'average: shape of weights must be consistent with shape of the operand along the axis, got (2,) and (3,)',
    )
  })

  test('covariance of one variable is its variance', () => {
    const x = array([1, 2, 3, 6])
    expect(cov(x).item()).toBeCloseTo(x.var({ ddof: 1 }).item() as number, 5)
    expect(ptp(x).item()).toBe(5)
  })

  test('the gradient of a parabola over uneven places is exact inside', () => {
    const places = array([0, 1, 3, 4, 7])
    const slopes = numbers(gradient(places.square(), { spacing: places }) as Tensor)
    slopes.slice(1, -1).forEach((s, i) => expect(s).toBeCloseTo([2, 6, 8][i]!, 5))
    expect(trapezoid(array([1, 3]), { x: array([0, 2]) }).item()).toBe(4)
  })
})
