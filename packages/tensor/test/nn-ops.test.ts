import { fc, test } from '@fast-check/vitest'
import * as np from '@linum/tensor'
import { array, type Tensor, zeros } from '@linum/tensor'
import { describe, expect } from 'vitest'

const value = (x: Tensor): unknown => x.toArray()
const near = (xs: readonly number[]): unknown[] => xs.map((x) => expect.closeTo(x, 6))

describe('softmax', () => {
  test('gives probabilities along the last axis, or others', () => {
    expect(value(np.softmax(array([0, Math.log(3)])))).toEqual(near([0.25, 0.75]))
    expect(value(np.softmax(zeros([2, 4]), { axis: 0 }))).toEqual([
      [0.5, 0.5, 0.5, 0.5],
      [0.5, 0.5, 0.5, 0.5],
    ])
    expect(value(np.softmax(zeros([2, 2]), { axis: [0, 1] }))).toEqual([
      [0.25, 0.25],
      [0.25, 0.25],
    ])
    expect(np.softmax(np.arange(3)).dtype).toBe('float32')
  })

  test('does not overflow', () => {
    expect(value(np.softmax(array([1000, 1000, -1000])))).toEqual([0.5, 0.5, 0])
    expect(value(np.logSoftmax(array([1000, 0])))).toEqual([0, -1000])
  })

  test('of infinities is NaN where no probability can be said', () => {
    expect(value(np.softmax(array([-Infinity, -Infinity])))).toEqual([NaN, NaN])
    expect(value(np.softmax(array([-Infinity, 0])))).toEqual([0, 1])
  })

  test('leaves masked elements out, with probability 0', () => {
    const where = array([true, false, true])
    expect(value(np.softmax(array([1, 1000, 1]), { where }))).toEqual([0.5, 0, 0.5])
    expect(value(np.logSoftmax(array([1, 1000, 1]), { where }))).toEqual([
      expect.closeTo(Math.log(0.5), 6),
      -Infinity,
      expect.closeTo(Math.log(0.5), 6),
    ])
  })

  const rows = fc.array(fc.float({ min: -30, max: 30, noNaN: true }), { minLength: 1, maxLength: 8 })
  test.prop([rows])('sums to 1, and its logarithm is logSoftmax', (xs) => {
    const p = np.softmax(array(xs))
    expect(Number(p.sum())).toBeCloseTo(1, 5)
    const direct = value(np.logSoftmax(array(xs))) as number[]
    ;(value(np.log(p)) as number[]).forEach((v, i) => expect(Math.abs(v - direct[i]!)).toBeLessThan(1e-4))
  })
  test.prop([rows, fc.integer({ min: -20, max: 20 })])('does not change when its operand is shifted', (xs, c) => {
    const [a, b] = [np.softmax(array(xs)), np.softmax(array(xs).add(c))].map((x) => value(x) as number[])
    a!.forEach((v, i) => expect(Math.abs(v - b![i]!)).toBeLessThan(1e-5))
  })
})

describe('oneHot', () => {
  test('puts 1 at the index, on a new last axis or another', () => {
    const x = array([0, 2], { dtype: 'int32' })
    expect(value(np.oneHot(x, 3))).toEqual([
      [1, 0, 0],
      [0, 0, 1],
    ])
    expect(value(np.oneHot(x, 3, { axis: 0 }))).toEqual([
      [1, 0],
      [0, 0],
      [0, 1],
    ])
    expect(np.oneHot(x, 3, { dtype: 'bool' }).dtype).toBe('bool')
    expect(value(np.oneHot(1, 3))).toEqual([0, 1, 0])
  })

  test('is all 0 for an index out of range', () => {
    expect(value(np.oneHot(array([-1, 3], { dtype: 'int32' }), 3))).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ])
    expect(np.oneHot(array([1], { dtype: 'int32' }), 0).shape).toEqual([1, 0])
  })

  test('refuses a number of classes that is none', () => {
    for (const n of [-1, 1.5, NaN, 1e12])
      expect(() => np.oneHot(array([1], { dtype: 'int32' }), n)).toThrow(np.ShapeError)
  })
})

describe('activations', () => {
  test('relu keeps what is positive, and NaN', () => {
    expect(value(np.relu(array([-1, 0, 2, NaN])))).toEqual([0, 0, 2, NaN])
    expect(value(np.relu(np.arange(3).sub(1)))).toEqual([0, 0, 1])
    expect(np.relu(np.arange(3)).dtype).toBe('int32')
  })
  test('softplus and logSigmoid stay finite where exp does not', () => {
    expect(value(np.softplus(array([-200, 0, 200])))).toEqual([0, expect.closeTo(Math.LN2, 6), 200])
    expect(value(np.logSigmoid(array([-200, 0])))).toEqual([-200, expect.closeTo(-Math.LN2, 6)])
    expect(value(np.sigmoid(array([-200, 0, 200])))).toEqual([0, 0.5, 1])
  })
  test('stopGradient changes no value', () => {
    expect(value(np.stopGradient(array([1, 2])))).toEqual([1, 2])
  })
})
