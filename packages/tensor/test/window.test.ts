import { fc, test } from '@fast-check/vitest'
import { arange, array, DtypeError, jit, reduceWindow, ShapeError, type Tensor, zeros } from '@linum/tensor'
import { bind1, JsDevice } from '@linum/tensor/core'
import * as np from '@linum/tensor'
import { addDevice } from '@linum/tensor/core'
import { afterAll, describe, expect } from 'vitest'

describe('reduceWindow', () => {
  const x = array([3, 1, 4, 1, 5])

  test('gives the sum and the extremes of every window', () => {
    expect(reduceWindow(x, 'sum', [2], 1, 'VALID').toArray()).toEqual([4, 5, 5, 6])
    expect(reduceWindow(x, 'max', [3], 2, 'SAME').toArray()).toEqual([3, 4, 5])
    expect(reduceWindow(x, 'min', [3], 1, 'SAME_LOWER').toArray()).toEqual([1, 1, 1, 1, 1])
    expect(reduceWindow(x, 'max', [2], [1], [[0, 0]], { windowDilation: 3 }).toArray()).toEqual([3, 5])
    expect(reduceWindow(x, 'sum', [2], 1, 'VALID', { init: 10 }).toArray()).toEqual([14, 15, 15, 16])
    expect(reduceWindow(x, 'max', [2], 1, 'VALID', { init: 4 }).toArray()).toEqual([4, 4, 4, 5])
  })

  test('of a window without elements gives what any element beats', () => {
    const edge = [[2, 0]] as const
    expect(reduceWindow(x, 'sum', [1], 3, edge).toArray()).toEqual([0, 1, 5])
    expect(reduceWindow(x, 'max', [1], 3, edge).toArray()).toEqual([-Infinity, 1, 5])
    expect(reduceWindow(x.astype('int8'), 'min', [1], 3, edge).toArray()).toEqual([127, 1, 5])
    expect(reduceWindow(zeros([0]), 'max', [1], 1, [[1, 1]]).toArray()).toEqual([-Infinity, -Infinity])
  })

  test('gives poolings of images', () => {
    const images = arange(16).reshape([1, 4, 4, 1]).astype('float32')
    const maxPool = reduceWindow(images, 'max', [1, 2, 2, 1], [1, 2, 2, 1], 'VALID')
    expect(maxPool.reshape([2, 2]).toArray()).toEqual([
      [5, 7],
      [13, 15],
    ])
    const same = [[1, 3, 3, 1], [1, 2, 2, 1], 'SAME'] as const
    const counts = reduceWindow(images.mul(0).add(1), 'sum', ...same)
    expect(counts.reshape([2, 2]).toArray()).toEqual([
      [9, 6],
      [6, 4],
    ])
    const average = reduceWindow(images, 'sum', ...same).div(counts)
    expect(average.reshape([2, 2]).toArray()).toEqual([
      [5, 6.5],
      [11, 12.5],
    ])
  })

  test('of halves rounds once', () => {
    const half = np.ones([3], { dtype: 'bfloat16' }).mul(array([256, 1, 1], { dtype: 'bfloat16' }))
    expect(reduceWindow(half, 'sum', [3], 1, 'VALID').item()).toBe(258)
  })

  test('refuses what does not fit', () => {
    expect(() => reduceWindow(x, 'sum', [2, 2], 1, 'VALID')).toThrow(
      new ShapeError(
        'reduceWindow: window must have one entry for each of 1 axes, got [2, 2]; use 1 for axes without windows',
      ),
    )
    expect(() => reduceWindow(x, 'mean' as never, [2], 1, 'VALID')).toThrow(/unknown operation, got 'mean'/)
    expect(() => reduceWindow(x.greater(2), 'sum', [2], 1, 'VALID')).toThrow(DtypeError)
    expect(() => reduceWindow(x, 'sum', [2], 0, 'VALID')).toThrow(
      /^reduceWindow: strides must hold one positive integer/,
    )
    expect(() => reduceWindow(np.random.split(np.random.key(0)), 'max', [1], 1, 'VALID')).toThrow(DtypeError)
  })
})

const places = (
  x: Tensor,
  op: 'max' | 'min',
  window: readonly number[],
  padding: readonly [number, number][],
): Tensor => {
  const ones = window.map(() => 1)
  const moves = { window, strides: ones, padding, baseDilation: ones, windowDilation: ones }
  return bind1('window_argument', [x, bind1('reduce_window', [x], { op, ...moves })], moves)
}

describe('window_argument', () => {
  test('finds the first of equal elements and the first NaN', () => {
    expect(places(array([2, 2, 1, 2]), 'max', [2], [[0, 0]]).toArray()).toEqual([0, 1, 3])
    expect(places(array([2, 2, 1, 1]), 'min', [3], [[0, 0]]).toArray()).toEqual([2, 2])
    expect(places(array([1, NaN, NaN, 0]), 'max', [3], [[0, 0]]).toArray()).toEqual([1, 1])
  })

  test('never finds padding', () => {
    expect(places(array([-Infinity, -Infinity]), 'max', [2], [[1, 1]]).toArray()).toEqual([0, 0, 1])
    expect(places(array([5]), 'max', [1], [[1, 1]]).toArray()).toEqual([-1, 0, -1])
  })

  test('counts in the whole operand', () => {
    const x = array([
      [1, 9, 2],
      [8, 3, 7],
    ])
    expect(
      places(
        x,
        'max',
        [2, 2],
        [
          [0, 0],
          [0, 0],
        ],
      ).toArray(),
    ).toEqual([[1, 1]])
  })
})

interface Case {
  readonly rows: number
  readonly columns: number
  readonly window: readonly [number, number]
  readonly strides: readonly [number, number]
  readonly low: number
  readonly high: number
  readonly base: number
  readonly spread: number
}
const small = fc.integer({ min: 1, max: 3 })
const cases: fc.Arbitrary<Case> = fc.record({
  rows: fc.integer({ min: 1, max: 5 }),
  columns: fc.integer({ min: 1, max: 5 }),
  window: fc.tuple(small, small),
  strides: fc.tuple(small, small),
  low: fc.integer({ min: -1, max: 3 }),
  high: fc.integer({ min: 0, max: 3 }),
  base: small,
  spread: small,
})

const folds = {
  sum: (v: readonly number[]): number => v.reduce((a, b) => a + b, 0),
  max: (v: readonly number[]): number => Math.max(...v),
  min: (v: readonly number[]): number => Math.min(...v),
}

/** The definition: elements that a window covers, place by place. */
const direct = (data: readonly (readonly number[])[], c: Case, op: keyof typeof folds): number[] => {
  const count = (n: number, w: number, s: number): number =>
    Math.max(0, Math.floor(((n - 1) * c.base + 1 + c.low + c.high - ((w - 1) * c.spread + 1)) / s) + 1)
  const element = (place: number, stride: number, position: number): number =>
    (place * stride + position * c.spread - c.low) / c.base
  const out: number[] = []
  for (let i = 0; i < count(c.rows, c.window[0], c.strides[0]); i++)
    for (let j = 0; j < count(c.columns, c.window[1], c.strides[1]); j++) {
      const values: number[] = []
      for (let p = 0; p < c.window[0]; p++)
        for (let q = 0; q < c.window[1]; q++) {
          const v = data[element(i, c.strides[0], p)]?.[element(j, c.strides[1], q)]
          if (v !== undefined) values.push(v)
        }
      out.push(folds[op](values))
    }
  return out
}

afterAll(
  addDevice(
    new (class extends JsDevice {
      override readonly name: string = 'interpreted'
    })({ interpret: true }),
  ),
)

test.prop([cases], { numRuns: 20 })('it is the fold of what each window covers, on every way to run it', (c) => {
  const data = Array.from({ length: c.rows }, (_, i) =>
    Array.from({ length: c.columns }, (_, j) => ((i * c.columns + j) * 7) % 11),
  )
  const x = array(data)
  for (const op of ['sum', 'max', 'min'] as const) {
    const run = (t: Tensor): Tensor =>
      reduceWindow(
        t.mul(2),
        op,
        c.window,
        c.strides,
        [
          [c.low, c.high],
          [c.low, c.high],
        ],
        { baseDilation: c.base, windowDilation: c.spread },
      ).add(1)
    const want = direct(data, c, op).map((v) => 2 * v + 1)
    expect([...run(x).dataSync()]).toEqual(want)
    expect([...jit(run)(x).dataSync()]).toEqual(want)
    expect([...run(x.to('interpreted')).dataSync()]).toEqual(want)
  }
})
