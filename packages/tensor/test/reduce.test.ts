import { fc, test } from '@fast-check/vitest'
import * as np from '@linum/tensor'
import { arange, array, DtypeError, ones, ShapeError, type Tensor, zeros, withDevice, full } from '@linum/tensor'
import { describe, expect } from 'vitest'

const value = (x: Tensor): unknown => x.toArray()
const matrix = array([
  [1, 2, 3],
  [4, 5, 6],
])

describe('a reduction', () => {
  test('is over all axes, one, several or none', () => {
    expect(value(matrix.sum())).toBe(21)
    expect(value(matrix.sum({ axis: null }))).toBe(21)
    expect(value(matrix.sum({ axis: 0 }))).toEqual([5, 7, 9])
    expect(value(matrix.sum({ axis: -1 }))).toEqual([6, 15])
    expect(value(matrix.sum({ axis: [1, 0] }))).toBe(21)
    expect(value(matrix.sum({ axis: [] }))).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ])
  })

  test('keeps its axes with extent 1 where asked to', () => {
    expect(matrix.sum({ axis: 1, keepdims: true }).shape).toEqual([2, 1])
    expect(matrix.max({ keepdims: true }).shape).toEqual([1, 1])
    expect(matrix.argmax({ keepdims: true }).shape).toEqual([1, 1])
    expect(matrix.argmin({ axis: 0, keepdims: true }).shape).toEqual([1, 3])
    expect(matrix.mean({ axis: [0], keepdims: true }).shape).toEqual([1, 3])
    expect(matrix.logsumexp({ axis: 0, keepdims: true }).shape).toEqual([1, 3])
  })

  test('of nothing is the neutral element, or refused where there is none', () => {
    const none = zeros([0, 2])
    expect(value(none.sum())).toBe(0)
    expect(value(none.prod({ axis: 0 }))).toEqual([1, 1])
    expect(value(none.all())).toBe(true)
    expect(value(none.any())).toBe(false)
    expect(value(none.mean())).toBe(NaN)
    expect(value(none.logsumexp())).toBe(-Infinity)
    expect(value(none.sum({ axis: 1 }))).toEqual([])
    expect(() => none.max()).toThrow(
      new ShapeError(
        'reduce_max: zero-size array of shape (0, 2) has no identity for this reduction; give { initial }',
      ),
    )
    expect(() => none.argmin({ axis: 0 })).toThrow(
      new ShapeError('argmin: attempt to get argmin of an empty sequence, got shape (0, 2)'),
    )
    expect(value(none.max({ axis: 0, initial: 3 }))).toEqual([3, 3])
    expect(value(none.max({ axis: 1 }))).toEqual([])
  })

  test('takes one more element as initial, and only where a mask holds', () => {
    expect(value(matrix.sum({ initial: 100 }))).toBe(121)
    expect(value(matrix.prod({ axis: 0, initial: 2 }))).toEqual([8, 20, 36])
    expect(value(matrix.max({ initial: 10 }))).toBe(10)
    expect(value(matrix.min({ initial: 10 }))).toBe(1)
    const odd = matrix.mod(2).eq(1)
    expect(value(matrix.sum({ where: odd }))).toBe(9)
    expect(value(matrix.max({ axis: 1, where: odd }))).toEqual([3, 5])
    expect(value(matrix.mean({ axis: 0, where: odd }))).toEqual([1, 5, 3])
    expect(value(matrix.var({ where: odd }))).toBeCloseTo(8 / 3, 5)
    expect(value(matrix.all({ where: odd }))).toBe(true)
    expect(value(matrix.sum({ axis: 0, where: array([[true], [false]]) }))).toEqual([1, 2, 3])
  })

  test('of integers keeps the dtype and wraps; of bool counts in int32', () => {
    expect(arange(4).sum().dtype).toBe('int32')
    expect(value(array([2147483647, 1], { dtype: 'int32' }).sum())).toBe(-2147483648)
    expect(value(array([65536, 65537], { dtype: 'uint32' }).prod())).toBe(65536)
    expect([array([true, true]).sum().dtype, value(array([true, true]).sum())]).toEqual(['int32', 2])
    expect(array([1]).sum({ dtype: 'int32' }).dtype).toBe('int32')
    expect(arange(4).mean().dtype).toBe('float32')
    expect(value(array([true, false]).max())).toBe(true)
    expect(value(array([4294967295, 1], { dtype: 'uint32' }).max())).toBe(4294967295)
    expect(value(array([-5, -3], { dtype: 'int32' }).max())).toBe(-3)
  })

  test('of floats adds up in float64 and rounds once on the js device', () => {
    withDevice('js', () => {
      expect(value(array([1e8, 1, -1e8]).sum())).toBe(1)
      expect(value(array([16777216, 1, 1]).sum())).toBe(16777218)
      expect(value(array([2 ** 100, 2 ** 100, 2 ** -100]).prod())).toBe(2 ** 100)
    })
  })

  test.each(['js', 'wasm'])('of many floats is as exact as pairwise summation on %s', (device) => {
    withDevice(device, () => {
      // A tenth is no float32: one running total in float32 is off by some thousands.
      const n = 10_000_000
      expect(Math.abs(Number(full([n], 0.1).sum()) / (n * Math.fround(0.1)) - 1)).toBeLessThan(1e-6)
    })
  })

  test('finds NaN: it is the extreme, and the first one is the argument', () => {
    const x = array([
      [1, NaN, 3, NaN],
      [4, 1, 4, 0],
    ])
    expect(value(x.max({ axis: 1 }))).toEqual([NaN, 4])
    expect(value(x.min({ axis: 1 }))).toEqual([NaN, 0])
    expect(value(x.argmax({ axis: 1 }))).toEqual([1, 0])
    expect(value(x.argmin({ axis: 1 }))).toEqual([1, 3])
    expect(x.argmax().dtype).toBe('int32')
    expect(value(array([-0, 0]).argmax())).toBe(0)
    expect(value(array([-Infinity, -Infinity]).argmax())).toBe(0)
    expect(value(array([true, false, false]).argmin())).toBe(1)
  })

  test('refuses what it cannot reduce', () => {
    expect(() => matrix.sum({ axis: 2 })).toThrow(ShapeError)
    expect(() => matrix.argmax({ axis: -3 })).toThrow(ShapeError)
    expect(() => np.random.key(0).reshape([1]).max()).toThrow(DtypeError)
  })
})

describe('statistics', () => {
  test('variance and standard deviation divide by n minus ddof', () => {
    const x = array([1, 2, 3, 4])
    expect(value(x.var())).toBe(1.25)
    expect(value(x.var({ ddof: 1 }))).toBeCloseTo(5 / 3, 6)
    expect(value(x.std())).toBeCloseTo(Math.sqrt(1.25), 6)
    expect(
      value(
        array([
          [1, 3],
          [2, 2],
        ]).std({ axis: 1 }),
      ),
    ).toEqual([1, 0])
    expect(value(array([5]).var({ ddof: 1 }))).toBe(NaN)
  })

  test('countNonzero counts, NaN included', () => {
    expect(value(array([0, -0, 1, NaN]).countNonzero())).toBe(2)
    expect(value(matrix.gt(2).countNonzero({ axis: 1 }))).toEqual([1, 3])
  })
})

describe('cumsum', () => {
  test('runs along an axis, or over all elements in a row', () => {
    expect(value(matrix.cumsum({ axis: 1 }))).toEqual([
      [1, 3, 6],
      [4, 9, 15],
    ])
    expect(value(matrix.cumsum({ axis: 0 }))).toEqual([
      [1, 2, 3],
      [5, 7, 9],
    ])
    expect(value(matrix.cumsum())).toEqual([1, 3, 6, 10, 15, 21])
    expect(value(array([true, true]).cumsum())).toEqual([1, 2])
    expect(value(array([2147483647, 1], { dtype: 'int32' }).cumsum())).toEqual([2147483647, -2147483648])
    expect(value(array([1, NaN, 2]).cumsum())).toEqual([1, NaN, NaN])
  })
})

describe('logsumexp', () => {
  test('neither overflows nor underflows', () => {
    expect(value(array([1000, 1000]).logsumexp())).toBeCloseTo(1000.6931, 3)
    expect(value(array([-1000, -1000]).logsumexp())).toBeCloseTo(-999.3069, 3)
  })
  test('of infinities is infinite, not NaN', () => {
    expect(value(array([-Infinity, -Infinity]).logsumexp())).toBe(-Infinity)
    expect(value(array([Infinity, 1]).logsumexp())).toBe(Infinity)
    expect(value(array([-Infinity, 2]).logsumexp())).toBe(2)
    expect(value(array([NaN, 2]).logsumexp())).toBe(NaN)
  })
  test('may leave elements out', () => {
    expect(value(array([1, 1000]).logsumexp({ where: array([true, false]) }))).toBe(1)
  })
})

// Against loops over nested indices.
const cube = fc.record({
  shape: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
  bits: fc.nat(15),
  keepdims: fc.boolean(),
})
test.prop([cube], { numRuns: 100 })(
  'sum, max and argmax along axes are those of nested loops',
  ({ shape, bits, keepdims }) => {
    const size = shape.reduce((a, b) => a * b, 1)
    const flat = Array.from({ length: size }, (_, i) => ((i * 7919) % 31) - 15)
    const x = array(flat, { dtype: 'int32' }).reshape(shape)
    const axis = shape.map((_, i) => i).filter((i) => (bits >> i) & 1)
    const groups = new Map<string, number[]>()
    flat.forEach((v, at) => {
      let rest = at
      const index = shape.map((_, i) => {
        const stride = shape.slice(i + 1).reduce((a, b) => a * b, 1)
        const k = Math.floor(rest / stride)
        rest %= stride
        return k
      })
      const key = index.filter((_, i) => !axis.includes(i)).join()
      groups.set(key, [...(groups.get(key) ?? []), v])
    })
    const lists = [...groups.values()]
    const flatOf = (y: Tensor): number[] => Array.from(y.dataSync())
    expect(flatOf(x.sum({ axis, keepdims }))).toEqual(lists.map((l) => l.reduce((a, b) => a + b, 0)))
    expect(flatOf(x.max({ axis, keepdims }))).toEqual(lists.map((l) => Math.max(...l)))
    expect(flatOf(x.min({ axis, keepdims }))).toEqual(lists.map((l) => Math.min(...l)))
    expect(x.sum({ axis, keepdims }).shape).toEqual(
      keepdims ? shape.map((d, i) => (axis.includes(i) ? 1 : d)) : shape.filter((_, i) => !axis.includes(i)),
    )
    expect(Number(x.argmax())).toBe(flat.indexOf(Math.max(...flat)))
    expect(Number(x.argmin())).toBe(flat.indexOf(Math.min(...flat)))
  },
)

const floats = fc.array(fc.float({ noNaN: true, min: -100, max: 100 }), { minLength: 1, maxLength: 12 })
test.prop([floats])('the mean lies between the extremes, and the variance is not negative', (xs) => {
  const x = array(xs)
  expect(Number(x.mean())).toBeGreaterThanOrEqual(Number(x.min()) - 1e-4)
  expect(Number(x.mean())).toBeLessThanOrEqual(Number(x.max()) + 1e-4)
  expect(Number(x.var())).toBeGreaterThanOrEqual(0)
})
test.prop([floats, fc.float({ noNaN: true, min: -50, max: 50 })])('logsumexp shifts with its operand', (xs, c) => {
  expect(Math.abs(Number(array(xs).add(c).logsumexp()) - Number(array(xs).logsumexp().add(c)))).toBeLessThan(1e-4)
})
test.prop([floats])('the last running sum is the sum', (xs) => {
  const total = xs.reduce((sum, x) => sum + Math.abs(x), 0)
  const difference = Number(array(xs).cumsum().slice(-1)) - Number(array(xs).sum())
  expect(Math.abs(difference)).toBeLessThanOrEqual(1e-6 * total)
})
test('a sum does not depend on how the array was cut before it', () => {
  const x = ones([3, 5]).mul(array([[0.1], [0.2], [0.3]]))
  expect(value(x.T.sum({ axis: 0 }))).toEqual(value(x.sum({ axis: 1 })))
})
