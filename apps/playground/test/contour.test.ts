import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { contour } from '../src/page/contour.js'

test('a step between two columns is one vertical line', () => {
  const values = Float32Array.from([0, 1, 0, 1, 0, 1])
  expect(contour(values, 2, 3, 0.25)).toEqual([
    [0.25, 0, 0.25, 1],
    [0.25, 1, 0.25, 2],
  ])
})

test('a saddle is parted by its mean', () => {
  const ends = (values: readonly number[]): readonly string[] =>
    contour(Float32Array.from(values), 2, 2, 0).map((segment) => segment.join(' '))
  // High at the top left and the bottom right: a bridge of high values between them, or of low ones.
  expect(ends([3, -1, -1, 3])).toEqual(['0.75 0 1 0.25', '0.25 1 0 0.75'])
  expect(ends([1, -3, -3, 1])).toEqual(['0 0.25 0.25 0', '1 0.75 0.75 1'])
})

const [width, height] = [6, 5]

test.prop([fc.array(fc.integer({ min: -9, max: 9 }), { minLength: width * height, maxLength: width * height })], {
  numRuns: 50,
})('segments are within the grid, and meet: only on its border does a line end', (numbers) => {
  // Never on a corner.
  const values = Float32Array.from(numbers, (n) => n + 0.5)
  const met = new Map<string, number>()
  for (const [x0, y0, x1, y1] of contour(values, width, height, 0)) {
    for (const [x, y] of [
      [x0, y0],
      [x1, y1],
    ] as const) {
      expect(x >= 0 && x <= width - 1 && y >= 0 && y <= height - 1).toBe(true)
      const key = `${x.toFixed(6)} ${y.toFixed(6)}`
      met.set(key, (met.get(key) ?? 0) + 1)
    }
  }
  for (const [key, count] of met) {
    const [x, y] = key.split(' ').map(Number) as [number, number]
    const border = x === 0 || y === 0 || x === width - 1 || y === height - 1
    expect(count).toBe(border ? 1 : 2)
  }
})
