import { fc, test } from '@fast-check/vitest'
import * as np from '@linum/tensor'
import { array, random, ShapeError, type Tensor, zeros } from '@linum/tensor'
import { describe, expect } from 'vitest'

const value = (x: Tensor): unknown => x.toArray()

describe('sort', () => {
  test('ascends with NaN last; descending is its mirror image', () => {
    const x = array([3, NaN, -1, Infinity, 2, -Infinity])
    expect(value(x.sort())).toEqual([-Infinity, -1, 2, 3, Infinity, NaN])
    expect(value(x.sort({ descending: true }))).toEqual([NaN, Infinity, 3, 2, -1, -Infinity])
  })

  test('is along the last axis, another, or over all elements', () => {
    const x = array([
      [3, 1],
      [2, 4],
    ])
    expect(value(x.sort())).toEqual([
      [1, 3],
      [2, 4],
    ])
    expect(value(x.sort({ axis: 0 }))).toEqual([
      [2, 1],
      [3, 4],
    ])
    expect(value(x.sort({ axis: null }))).toEqual([1, 2, 3, 4])
    expect(value(zeros([2, 0]).sort())).toEqual([[], []])
    expect(() => array(1).sort()).toThrow(ShapeError)
  })

  test('knows the sign of integers and of none', () => {
    expect(value(array([1, -1, 2147483647, -2147483648], { dtype: 'int32' }).sort())).toEqual([
      -2147483648, -1, 1, 2147483647,
    ])
    expect(value(array([1, 4294967295, 0], { dtype: 'uint32' }).sort())).toEqual([0, 1, 4294967295])
    expect(value(array([true, false, true]).sort())).toEqual([false, true, true])
  })

  test('keeps 0 and -0 in their order', () => {
    expect(value(array([0, -0, -1, -0]).sort())).toEqual([-1, 0, -0, -0])
  })

  test('takes no random keys', () => {
    expect(() => random.split(random.key(0)).sort()).toThrow(np.DtypeError)
  })
})

describe('argsort', () => {
  test('keeps the order of equals, also descending', () => {
    const x = array([1, 0, 1, 0, NaN, NaN])
    expect(value(x.argsort())).toEqual([1, 3, 0, 2, 4, 5])
    expect(value(x.argsort({ descending: true }))).toEqual([4, 5, 0, 2, 1, 3])
    expect(x.argsort().dtype).toBe('int32')
    expect(
      value(
        array([
          [3, 1],
          [2, 4],
        ]).argsort({ axis: 0 }),
      ),
    ).toEqual([
      [1, 0],
      [0, 1],
    ])
    expect(
      value(
        array([
          [3, 1],
          [2, 4],
        ]).argsort({ axis: null }),
      ),
    ).toEqual([1, 2, 0, 3])
  })
})

const numbers = fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constant(NaN)), { maxLength: 12 })
const compare = (a: number, b: number): number =>
  Number.isNaN(a) ? (Number.isNaN(b) ? 0 : 1) : Number.isNaN(b) ? -1 : a - b
const order = (xs: readonly number[]): number[] => xs.map((_, i) => i).sort((i, j) => compare(xs[i]!, xs[j]!) || i - j)

test.prop([numbers])('both agree with a stable sort of the positions', (xs) => {
  expect(value(array(xs).argsort())).toEqual(order(xs))
  expect(value(array(xs).sort())).toEqual(order(xs).map((i) => xs[i]))
  expect(value(array(xs).argsort({ descending: true }))).toEqual(
    xs.map((_, i) => i).sort((i, j) => compare(xs[j]!, xs[i]!) || i - j),
  )
})
test.prop([numbers])('sorting twice is sorting once', (xs) => {
  expect(value(array(xs).sort().sort())).toEqual(value(array(xs).sort()))
})
