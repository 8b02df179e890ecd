import { fc, test } from '@fast-check/vitest'
import * as np from '@linum/tensor'
import {
  arange,
  array,
  asarray,
  DtypeError,
  eye,
  full,
  iota,
  linspace,
  ones,
  random,
  ShapeError,
  type Tensor,
  zeros,
} from '@linum/tensor'
import { describe, expect, vi } from 'vitest'

const value = (x: Tensor): unknown => x.toArray()

describe('array', () => {
  test('of numbers is float32, of booleans bool, of a mixture float32', () => {
    expect([array([1, 2]).dtype, array([true]).dtype, array([true, 2]).dtype, array([]).dtype]).toEqual([
      'float32',
      'bool',
      'float32',
      'float32',
    ])
    expect(value(array([true, 2]))).toEqual([1, 2])
    expect([array(1).weak, array([1]).weak, array(1, { dtype: 'int32' }).weak, array(true).weak]).toEqual([
      true,
      false,
      false,
      false,
    ])
  })

  test('takes its shape from the nesting', () => {
    expect([array(1), array([]), array([[], []]), array([[[1], [2]]])].map((x) => x.shape)).toEqual([
      [],
      [0],
      [2, 0],
      [1, 2, 1],
    ])
  })

  test('of a typed array keeps its dtype', () => {
    expect([array(Float32Array.of(1)).dtype, array(Int32Array.of(1)).dtype, array(Uint32Array.of(1)).dtype]).toEqual([
      'float32',
      'int32',
      'uint32',
    ])
    expect(value(array(Int8Array.of(-1, 2), { dtype: 'int32' }))).toEqual([-1, 2])
    expect(value(array(Uint8Array.of(0, 7), { dtype: 'bool' }))).toEqual([false, true])
    expect(value(array(Float32Array.of(1, 2), { dtype: 'int32' }))).toEqual([1, 2])
    expect(array(Int8Array.of(1)).dtype).toBe('int8')
    expect(() => array(BigInt64Array.of(1n))).toThrow(
      new DtypeError("array: BigInt64Array has no dtype here; give one, such as { dtype: 'int32' }"),
    )
    expect(() => array(new DataView(new ArrayBuffer(8)))).toThrow(
      new TypeError('array: a DataView has no elements; give a typed array, such as new Float32Array(view.buffer)'),
    )
  })

  test('of a Float64Array warns once that it becomes float32', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    try {
      expect(array(Float64Array.of(0.1)).dtype).toBe('float32')
      array(Float64Array.of(0.2))
      expect(warn.mock.calls).toEqual([
        ["array: a Float64Array becomes float32; give { dtype: 'float32' } to say that it is meant"],
      ])
      array(Float64Array.of(0.2), { dtype: 'float32' })
      expect(warn).toHaveBeenCalledTimes(1)
    } finally {
      warn.mockRestore()
    }
  })

  test('stacks the tensors it holds, and copies one', () => {
    expect(value(array([array([1, 2]), array([3, 4])]))).toEqual([
      [1, 2],
      [3, 4],
    ])
    expect(value(array([1, array(2), [3][0]!]))).toEqual([1, 2, 3])
    expect(
      value(
        array([
          [array(1), 2],
          [3, 4],
        ]),
      ),
    ).toEqual([
      [1, 2],
      [3, 4],
    ])
    expect(array(arange(2), { dtype: 'float32' }).dtype).toBe('float32')
    expect(() => array([array([1, 2]), 3])).toThrow(ShapeError)
  })

  test.each<[string, new (m: string) => Error, unknown]>([
    [
      'array: rows must have one length, got a row of 1 where 2 elements were expected on axis 1',
      ShapeError,
      [[1, 2], [3]],
    ],
    ['array: rows must have one length, got number where 1 elements were expected on axis 1', ShapeError, [[1], 2]],
    ['array: elements must be numbers or booleans, got rows of different depth', TypeError, [1, [2]]],
    ['array: elements must be numbers or booleans, got string', TypeError, ['1']],
    ['array: elements must be numbers or booleans, got null', TypeError, [null]],
    ['array: elements must be numbers or booleans, got bigint', TypeError, [1n]],
    ['array: elements must be numbers or booleans, got undefined', TypeError, undefined],
    ['array: elements must be numbers or booleans, got string', TypeError, 'abc'],
    ['array: elements must be numbers or booleans, got object', TypeError, {}],
  ])('%s', (message, error, data) => {
    expect(() => array(data as number[])).toThrow(error)
    expect(() => array(data as number[])).toThrow(message)
  })

  test('refuses holes and rows within themselves', () => {
    // eslint-disable-next-line no-sparse-arrays
    expect(() => array([1, , 2] as number[])).toThrow(TypeError)
    const self: unknown[] = []
    self.push(self)
    expect(() => array(self as number[])).toThrow(RangeError)
  })

  test('refuses numbers that an integer dtype does not hold', () => {
    expect(() => array([1.5], { dtype: 'int32' })).toThrow(
      new DtypeError("array: int32 holds integers, got 1.5; use float32, or convert with astype('int32')"),
    )
    expect(() => array([NaN], { dtype: 'uint32' })).toThrow(DtypeError)
    expect(() => array(Float32Array.of(Infinity), { dtype: 'int32' })).toThrow(DtypeError)
    expect(() => array([2 ** 31], { dtype: 'int32' })).toThrow(
      new RangeError('array: 2147483648 is out of the range of int32'),
    )
    expect(() => array([-1], { dtype: 'uint32' })).toThrow(RangeError)
    expect(() => array([1], { dtype: 'key' })).toThrow(
      new DtypeError('array: random keys are made with random.key(seed) or random.wrapKeyData(words)'),
    )
  })

  test('asarray gives a tensor back as it is', () => {
    const x = ones([2])
    expect(asarray(x)).toBe(x)
    expect(asarray(x, { dtype: 'float32' })).toBe(x)
    expect(asarray(x, { dtype: 'int32' }).dtype).toBe('int32')
    expect(value(asarray([1, 2]))).toEqual([1, 2])
  })
})

describe('filled arrays', () => {
  test('zeros, ones and full are float32 unless told', () => {
    expect([zeros([2]), ones([1, 2]), full([2], 7)].map(value)).toEqual([[0, 0], [[1, 1]], [7, 7]])
    expect([
      zeros([2]).dtype,
      ones([], { dtype: 'bool' }).dtype,
      full([2], true).dtype,
      full([1], 2, { dtype: 'uint32' }).dtype,
    ]).toEqual(['float32', 'bool', 'bool', 'uint32'])
    expect(value(full([2], -0))).toEqual([-0, -0])
    expect(value(full([1], 1e40))).toEqual([Infinity])
    expect(value(full([2, 2], array([1, 2])))).toEqual([
      [1, 2],
      [1, 2],
    ])
    expect(full([2], array(1), { dtype: 'int32' }).dtype).toBe('int32')
    expect(() => full([2], 1.5, { dtype: 'int32' })).toThrow(DtypeError)
    expect(() => zeros([1], { dtype: 'key' })).toThrow(DtypeError)
  })

  test('the like ones take shape and dtype of another', () => {
    const x = zeros([2, 1], { dtype: 'int32' })
    expect([np.zerosLike(x), np.onesLike(x), np.fullLike(x, 5)].map((y) => [y.shape, y.dtype, value(y)])).toEqual([
      [[2, 1], 'int32', [[0], [0]]],
      [[2, 1], 'int32', [[1], [1]]],
      [[2, 1], 'int32', [[5], [5]]],
    ])
    expect(np.onesLike(x, { dtype: 'float32' }).dtype).toBe('float32')
    expect(() => np.zerosLike(random.key(0))).toThrow(DtypeError)
  })

  test('eye, tril and triu know diagonals', () => {
    expect(value(eye(2))).toEqual([
      [1, 0],
      [0, 1],
    ])
    expect(value(eye(2, { M: 3, k: 1, dtype: 'int32' }))).toEqual([
      [0, 1, 0],
      [0, 0, 1],
    ])
    expect(value(eye(2, { k: -1 }))).toEqual([
      [0, 0],
      [1, 0],
    ])
    expect(eye(0).shape).toEqual([0, 0])
    expect(value(np.tril(ones([2, 3])))).toEqual([
      [1, 0, 0],
      [1, 1, 0],
    ])
    expect(value(np.triu(ones([2, 3]), 1))).toEqual([
      [0, 1, 1],
      [0, 0, 1],
    ])
    expect(
      value(
        np.tril(
          array([
            [1, NaN],
            [2, 3],
          ]),
        ),
      ),
    ).toEqual([
      [1, 0],
      [2, 3],
    ])
    expect(np.triu(ones([4, 2, 2])).shape).toEqual([4, 2, 2])
    expect(() => np.tril(ones([2]))).toThrow(ShapeError)
    expect(() => eye(-1)).toThrow(ShapeError)
  })
})

describe('ranges', () => {
  test('arange counts in int32, or in float32 where a number is fractional', () => {
    expect([arange(3), arange(1, 4), arange(5, 0, -2), arange(0, 1, 0.25)].map(value)).toEqual([
      [0, 1, 2],
      [1, 2, 3],
      [5, 3, 1],
      [0, 0.25, 0.5, 0.75],
    ])
    expect([
      arange(3).dtype,
      arange(0, 1, 0.25).dtype,
      arange(3, { dtype: 'float32' }).dtype,
      arange(1, 3, { dtype: 'uint32' }).dtype,
    ]).toEqual(['int32', 'float32', 'float32', 'uint32'])
    expect([arange(0).shape, arange(3, 1).shape, arange(1, 3, -1).shape]).toEqual([[0], [0], [0]])
  })

  test('arange refuses what it cannot count', () => {
    expect(() => arange(NaN)).toThrow(
      new TypeError('arange: needs finite numbers (stop) or (start, stop, step), got (NaN)'),
    )
    expect(() => arange(0, Infinity)).toThrow(TypeError)
    expect(() => arange(0, 1, 0)).toThrow(new RangeError('arange: the step cannot be zero'))
    expect(() => arange(1e12)).toThrow(ShapeError)
    expect(() => arange(0, 1, 0.5, { dtype: 'int32' })).toThrow(DtypeError)
  })

  test('linspace includes its end unless told', () => {
    expect(value(linspace(0, 1, 5))).toEqual([0, 0.25, 0.5, 0.75, 1])
    expect(value(linspace(0, 1, 4, { endpoint: false }))).toEqual([0, 0.25, 0.5, 0.75])
    expect([linspace(0, 1).shape, linspace(2, 3, 1).shape, linspace(2, 3, 0).shape]).toEqual([[50], [1], [0]])
    expect(value(linspace(2, 3, 1))).toEqual([2])
    expect(value(linspace(0, 3, 4, { dtype: 'int32' }))).toEqual([0, 1, 2, 3])
    expect(() => linspace(0, 1, -1)).toThrow(
      new RangeError('linspace: the number of samples must be a non-negative integer, got -1'),
    )
    expect(() => linspace(0, 1, 2.5)).toThrow(RangeError)
    expect(() => linspace(0, 1, 1e12)).toThrow(ShapeError)
  })

  test('iota counts along one axis', () => {
    expect(value(iota([2, 3], 1))).toEqual([
      [0, 1, 2],
      [0, 1, 2],
    ])
    expect(value(iota([2, 3], 0, { dtype: 'float32' }))).toEqual([
      [0, 0, 0],
      [1, 1, 1],
    ])
    expect(value(iota([3], -1, { dtype: 'bool' }))).toEqual([false, true, true])
    expect(() => iota([2], 1)).toThrow(new ShapeError('iota: axis 1 is out of bounds for array of dimension 1'))
    expect(() => iota([], 0)).toThrow(ShapeError)
  })

  test.prop([
    fc.integer({ min: -20, max: 20 }),
    fc.integer({ min: -20, max: 20 }),
    fc.integer({ min: -5, max: 5 }).filter((s) => s !== 0),
  ])('arange is what a loop counts', (start, stop, step) => {
    const expected: number[] = []
    for (let i = start; step > 0 ? i < stop : i > stop; i += step) expected.push(i)
    expect(value(arange(start, stop, step))).toEqual(expected)
  })
  test.prop([
    fc.float({ min: -100, max: 100, noNaN: true }),
    fc.float({ min: -100, max: 100, noNaN: true }),
    fc.integer({ min: 2, max: 20 }),
  ])('linspace starts and ends where told and never turns back', (a, b, n) => {
    const xs = value(linspace(a, b, n)) as number[]
    expect([xs[0]! + 0, xs[n - 1]! + 0]).toEqual([a + 0, b + 0])
    expect(xs.every((x, i) => i === 0 || (b >= a ? x >= xs[i - 1]! - 1e-4 : x <= xs[i - 1]! + 1e-4))).toBe(true)
  })
})
