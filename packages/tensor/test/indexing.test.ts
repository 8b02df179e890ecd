import { fc, test } from '@fast-check/vitest'
import * as np from '@linum/tensor'
import { arange, array, type BasicIndex, DtypeError, ShapeError, type Tensor, zeros } from '@linum/tensor'
import { describe, expect } from 'vitest'

const value = (x: Tensor): unknown => x.toArray()
const ints = (xs: unknown): Tensor => array(xs as number[], { dtype: 'int32' })
const ten = arange(10)
const grid = arange(12).reshape([3, 4])

describe('slice', () => {
  test.each<[BasicIndex[], unknown]>([
    [[3], 3],
    [[-1], 9],
    [['2:4'], [2, 3]],
    [[':3'], [0, 1, 2]],
    [['7:'], [7, 8, 9]],
    [['::3'], [0, 3, 6, 9]],
    [['::-3'], [9, 6, 3, 0]],
    [['-3:-1'], [7, 8]],
    [['4:1:-1'], [4, 3, 2]],
    [['1:4:-1'], []],
    [['20:'], []],
    [['-20:2'], [0, 1]],
    [['8:20'], [8, 9]],
    [['20::-4'], [9, 5, 1]],
    [[' 1 : 7 : 2 '], [1, 3, 5]],
    [[[2]], [0, 1]],
    [[[2, 4]], [2, 3]],
    [[[null, null, -4]], [9, 5, 1]],
    [[[1, null]], [1, 2, 3, 4, 5, 6, 7, 8, 9]],
    [[':'], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
    [[null, 3], [3]],
    [['...', 3], 3],
    [[3, '...'], 3],
    [['...'], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
  ])('of ten numbers by %j gives %j', (indices, expected) => {
    expect(value(ten.slice(...indices))).toEqual(expected)
  })

  test('takes one index per axis, ... for the axes between, null for a new one', () => {
    expect(value(grid.slice(1))).toEqual([4, 5, 6, 7])
    expect(value(grid.slice(':', 1))).toEqual([1, 5, 9])
    expect(value(grid.slice('1:', '::-2'))).toEqual([
      [7, 5],
      [11, 9],
    ])
    expect(arange(24).reshape([2, 3, 4]).slice('...', 0).shape).toEqual([2, 3])
    expect(arange(24).reshape([2, 3, 4]).slice(0, '...', null, '1:').shape).toEqual([3, 1, 3])
    expect(grid.slice(null, '...', null).shape).toEqual([1, 3, 4, 1])
    expect(array(5).slice().shape).toEqual([])
    expect(array(5).slice(null).shape).toEqual([1])
    expect(grid.slice(0, 0).shape).toEqual([])
  })

  test('clamps a single index that is out of range', () => {
    expect([ten.slice(12), ten.slice(-12)].map(value)).toEqual([9, 0])
  })

  test.each<[unknown[], string]>([
    [
      ['1'],
      `slice: a range is 'start:stop:step' of integers, got "1"; write '1:3', '::-1' or [1, 3], and Int32Array.of(...) for a list of positions`,
    ],
    [['a:b'], `slice: a range is 'start:stop:step' of integers, got "a:b"; write '1:3', '::-1' or [1, 3]`],
    [['1:2:3:4'], `got "1:2:3:4"`],
    [['1.5:'], `got "1.5:"`],
    [[''], `got ""`],
    [[[1, 2, 3, 4]], 'got [1,2,3,4]'],
    [[[]], 'got []'],
    [[[0.5]], 'got [0.5]'],
    [[[NaN]], 'got [null]'],
    [[1.5], 'slice: an index must be an integer, got 1.5'],
    [[NaN], 'slice: an index must be an integer, got NaN'],
    [
      [true],
      "slice: an index is a number, a range, null, '...', an integer array or a mask, got boolean; write x.slice('1:3', 0, null, indices)",
    ],
    [[undefined], 'got undefined'],
    [[{}], 'got object'],
    [['...', '...'], "slice: an index can only have one '...'"],
  ])('refuses %j', (indices, message) => {
    const slice = (): Tensor => arange(100).slice(...(indices as BasicIndex[]))
    expect(slice).toThrow(TypeError)
    expect(slice).toThrow(message)
  })

  test('refuses a step of zero, too many indices, and an element of nothing', () => {
    expect(() => ten.slice('::0')).toThrow(new RangeError('slice: the step cannot be zero, got "::0"'))
    expect(() => ten.slice([0, 3, 0])).toThrow(RangeError)
    expect(() => grid.slice(0, 0, 0)).toThrow(
      new ShapeError('slice: too many indices: array is 2-dimensional, but 3 were indexed'),
    )
    expect(() => zeros([0]).slice(0)).toThrow(new ShapeError('slice: index 0 into axis 0 of size 0'))
    expect(zeros([0]).slice('::-1').shape).toEqual([0])
  })

  // Python's slice.indices.
  const python = (n: number, start: number | null, stop: number | null, step: number): number[] => {
    const [low, high] = step > 0 ? [0, n] : [-1, n - 1]
    const bound = (v: number): number => Math.min(Math.max(v < 0 ? v + n : v, low), high)
    const from = start === null ? (step > 0 ? 0 : n - 1) : bound(start)
    const to = stop === null ? (step > 0 ? n : -1) : bound(stop)
    const out: number[] = []
    for (let i = from; step > 0 ? i < to : i > to; i += step) out.push(i)
    return out
  }
  const bound = fc.option(fc.integer({ min: -9, max: 9 }))
  const step = fc.integer({ min: -4, max: 4 }).filter((s) => s !== 0)
  test.prop([fc.nat(6), bound, bound, step], { numRuns: 400 })(
    'selects what Python does, as text and as an array',
    (n, start, stop, s) => {
      const expected = python(n, start, stop, s)
      expect(value(arange(n).slice([start, stop, s]))).toEqual(expected)
      expect(value(arange(n).slice(`${start ?? ''}:${stop ?? ''}:${s}`))).toEqual(expected)
    },
  )
})

describe('take', () => {
  test('picks along an axis, with indices of any shape in its place', () => {
    expect(value(grid.take(ints([2, 0]), { axis: 0 }))).toEqual([
      [8, 9, 10, 11],
      [0, 1, 2, 3],
    ])
    expect(
      value(
        grid.take(
          ints([
            [0, 3],
            [1, 1],
          ]),
          { axis: 1 },
        ),
      ),
    ).toEqual([
      [
        [0, 3],
        [1, 1],
      ],
      [
        [4, 7],
        [5, 5],
      ],
      [
        [8, 11],
        [9, 9],
      ],
    ])
    expect(value(grid.take(1, { axis: 1 }))).toEqual([1, 5, 9])
    expect(value(grid.take(ints([5, 11])))).toEqual([5, 11])
    expect(grid.take(zeros([0], { dtype: 'int32' }), { axis: 0 }).shape).toEqual([0, 4])
    expect(value(grid.take(array([1], { dtype: 'uint32' }), { axis: -2 }))).toEqual([[4, 5, 6, 7]])
  })

  test.each<[np.TakeMode, unknown]>([
    ['fill', [NaN, 10, 12, 10, NaN]],
    ['clip', [10, 10, 12, 10, 12]],
    ['wrap', [12, 10, 12, 10, 10]],
  ])('outside the axis by mode %s', (mode, expected) => {
    const x = array([10, 11, 12])
    // Only fill counts negative indices from the end.
    const indices = mode === 'fill' ? ints([-4, -3, -1, 0, 3]) : ints([-1, 0, 2, 0, 3])
    expect(value(x.take(indices, { mode }))).toEqual(expected)
  })

  test('fills with NaN, the least integer, the greatest unsigned one, true, or what is given', () => {
    const at = ints([7])
    expect(
      [array([1]), ints([1]), array([1], { dtype: 'uint32' }), array([false])].map((x) => value(x.take(at))),
    ).toEqual([[NaN], [-2147483648], [4294967295], [true]])
    expect(value(array([1]).take(at, { fillValue: -1 }))).toEqual([-1])
  })

  test('refuses indices that are no integers, unknown modes and axes of size 0', () => {
    expect(() => ten.take(array([1]))).toThrow(
      new DtypeError("take: indices must be integers, got float32; make them with { dtype: 'int32' }"),
    )
    expect(() => ten.take(array([true]))).toThrow(DtypeError)
    expect(() => ten.take(0.5)).toThrow(DtypeError)
    expect(() => ten.take(0, { mode: 'raise' as 'clip' })).toThrow(
      new RangeError("take: unknown mode, got 'raise'; use 'fill', 'clip' or 'wrap'"),
    )
    expect(() => zeros([0, 2]).take(0, { axis: 0 })).toThrow(
      new ShapeError('take: cannot take from axis 0 of size 0 of shape (0, 2)'),
    )
    expect(() => grid.take(0, { axis: 2 })).toThrow(ShapeError)
  })

  test.prop([fc.array(fc.integer({ min: -12, max: 12 }), { maxLength: 6 })])(
    'by wrap counts around like a remainder, by clip stops at the ends',
    (indices) => {
      expect(value(ten.take(ints(indices), { mode: 'wrap' }))).toEqual(indices.map((i) => ((i % 10) + 10) % 10))
      expect(value(ten.take(ints(indices), { mode: 'clip' }))).toEqual(indices.map((i) => Math.min(Math.max(i, 0), 9)))
      expect(value(ten.astype('float32').take(ints(indices)))).toEqual(
        indices.map((i) => (i >= 0 && i < 10 ? i : i < 0 && i >= -10 ? i + 10 : NaN)),
      )
    },
  )
})

describe('takeAlongAxis', () => {
  test('picks one position per place of the other axes', () => {
    expect(value(np.takeAlongAxis(grid, ints([[1], [0], [3]]), { axis: 1 }))).toEqual([[1], [4], [11]])
    expect(value(np.takeAlongAxis(grid, ints([[2, 1, 0, -1]]), { axis: 0 }))).toEqual([[8, 5, 2, 11]])
    expect(value(np.takeAlongAxis(array([[1, 2]]), ints([[0], [1], [5]])))).toEqual([[1], [2], [NaN]])
    expect(value(np.takeAlongAxis(array([1, 2]), ints([5]), { mode: 'clip' }))).toEqual([2])
  })
  test('refuses indices of another rank or shape', () => {
    expect(() => np.takeAlongAxis(grid, ints([0]))).toThrow(
      new ShapeError('takeAlongAxis: indices and array must have the same number of dimensions, got 1 and 2'),
    )
    expect(() => np.takeAlongAxis(grid, ints([[0], [0]]), { axis: 1 })).toThrow(ShapeError)
    expect(() => np.takeAlongAxis(grid, array([[0]]))).toThrow(DtypeError)
  })
  test.prop([fc.array(fc.float({ noNaN: true }), { minLength: 1, maxLength: 8 })])('with argsort sorts', (xs) => {
    const x = array(xs)
    expect(value(np.takeAlongAxis(x, x.argsort()))).toEqual(value(x.sort()))
  })
})
