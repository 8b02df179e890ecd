import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { ticks } from '../src/page/chart.js'
import { makeCurve, smooth, thin } from '../src/page/curve.js'

const filled = (limit: number, values: readonly number[]) => {
  const curve = makeCurve(limit)
  values.forEach(curve.push)
  return curve.points()
}

describe('a curve', () => {
  test('has a point for every step while these are few', () => {
    expect(filled(8, [3, 1, 2])).toEqual([
      { step: 1, value: 3 },
      { step: 2, value: 1 },
      { step: 3, value: 2 },
    ])
  })

  test('joins neighbours when it is full', () => {
    expect(filled(4, [1, 3, 5, 7, 9, 11])).toEqual([
      { step: 1.5, value: 2 },
      { step: 3.5, value: 6 },
      { step: 5.5, value: 10 },
    ])
  })

  test.prop([fc.integer({ min: 2, max: 20 }), fc.array(fc.integer({ min: -100, max: 100 }), { maxLength: 300 })])(
    'never has more points than its limit, rounded to even, and keeps the mean of what it covers',
    (limit, values) => {
      const points = filled(limit, values)
      expect(points.length).toBeLessThan(limit + 2)
      if (points.length === 0) return
      const width = points.length < 2 ? points[0]!.step * 2 - 1 : points[1]!.step - points[0]!.step
      const covered = values.slice(0, width * points.length)
      const mean = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0) / xs.length
      expect(mean(points.map(({ value }) => value))).toBeCloseTo(mean(covered), 8)
    },
  )
})

test('smoothing keeps what is constant and begins with the first value', () => {
  const flat = filled(10, [4, 4, 4, 4])
  for (const { value } of smooth(flat, 5)) expect(value).toBeCloseTo(4, 12)
  expect(smooth(filled(10, [1, 9]), 12)[0]!.value).toBeCloseTo(1, 12)
  expect(smooth(filled(10, [1, 9]), 12)[1]!.value).toBeGreaterThan(1)
})

test('thinning keeps the last point and the order', () => {
  const points = Array.from({ length: 11 }, (_, step) => ({ step, value: step }))
  expect(thin(points, 11)).toEqual(points)
  expect(thin(points, 6).map(({ step }) => step)).toEqual([0, 2, 4, 6, 8, 10])
  expect(thin(points, 4).at(-1)?.step).toBe(10)
})

test('marks of an axis are round and within its range', () => {
  expect(ticks(0, 2.4)).toEqual([0, 1, 2])
  expect(ticks(0.5, 1)).toHaveLength(3)
  expect(ticks(0, 1)).toEqual([0, 0.25, 0.5, 0.75, 1])
})
