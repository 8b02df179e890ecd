import { fc, test } from '@fast-check/vitest'
import * as np from '@linum/tensor'
import { arange, array, concatenate, ones, random, ShapeError, split, stack, type Tensor, zeros } from '@linum/tensor'
import { describe, expect } from 'vitest'

const value = (x: Tensor): unknown => x.toArray()

describe('concatenate', () => {
  test('joins along an axis and promotes', () => {
    expect(value(concatenate([array([1]), array([2, 3])]))).toEqual([1, 2, 3])
    expect(value(concatenate([ones([2, 1]), zeros([2, 2])], { axis: -1 }))).toEqual([
      [1, 0, 0],
      [1, 0, 0],
    ])
    expect(concatenate([arange(2), array([true])]).dtype).toBe('int32')
    expect(concatenate([arange(2), array([1.5])]).dtype).toBe('float32')
    expect(value(concatenate([zeros([0]), arange(2).astype('float32'), zeros([0])]))).toEqual([0, 1])
    expect(concatenate([zeros([0]), zeros([0])]).shape).toEqual([0])
    const x = ones([2])
    expect(concatenate([x])).toBe(x)
  })
  test('refuses shapes that differ elsewhere, scalars, and nothing at all', () => {
    expect(() => concatenate([ones([2, 2]), ones([3, 3])])).toThrow(
      new ShapeError('concatenate: arrays must agree on every axis but 0, got shapes (2, 2), (3, 3)'),
    )
    expect(() => concatenate([array(1), array(2)])).toThrow(
      new ShapeError('concatenate: zero-dimensional arrays cannot be concatenated; use stack'),
    )
    expect(() => concatenate([])).toThrow(new TypeError('concatenate: needs an array of at least one tensor'))
    expect(() => concatenate(ones([2]) as unknown as Tensor[])).toThrow(TypeError)
    expect(() => concatenate([random.split(random.key(0)), ones([2])])).toThrow(np.DtypeError)
  })
})

describe('stack', () => {
  test('joins along a new axis', () => {
    expect(value(stack([array([1, 2]), array([3, 4])]))).toEqual([
      [1, 2],
      [3, 4],
    ])
    expect(value(stack([array([1, 2]), array([3, 4])], { axis: -1 }))).toEqual([
      [1, 3],
      [2, 4],
    ])
    expect(value(stack([1, 2, array(3)]))).toEqual([1, 2, 3])
    expect(() => stack([ones([2]), ones([3])])).toThrow(
      new ShapeError('stack: all arrays must have the same shape, got (2,) and (3,)'),
    )
    expect(() => stack([ones([2]), ones([2])], { axis: 2 })).toThrow(ShapeError)
  })
  test('joins keys', () => {
    expect(value(stack([random.key(1), random.key(2)]))).toEqual([
      [0, 1],
      [0, 2],
    ])
  })
})

describe('split', () => {
  test('cuts into equal parts, or before the given indices', () => {
    expect(split(arange(6), 3).map(value)).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
    ])
    expect(split(arange(6), [1, 4]).map(value)).toEqual([[0], [1, 2, 3], [4, 5]])
    expect(split(arange(4), [-1, 9]).map(value)).toEqual([[0, 1, 2], [3], []])
    expect(split(arange(6).reshape([2, 3]), 3, { axis: 1 }).map((x) => x.shape)).toEqual([
      [2, 1],
      [2, 1],
      [2, 1],
    ])
    expect(split(arange(4), [3, 1]).map(value)).toEqual([[0, 1, 2], [], [1, 2, 3]])
  })
  test('refuses parts that are unequal and cuts between elements', () => {
    expect(() => split(arange(5), 2)).toThrow(
      new ShapeError('split: array split does not result in an equal division, got axis of size 5 into 2 parts'),
    )
    expect(() => split(arange(5), 0)).toThrow(ShapeError)
    expect(() => split(arange(5), 2.5)).toThrow(ShapeError)
    expect(() => split(arange(5), [1.5])).toThrow(new TypeError('split: indices must be integers, got [1.5]'))
    expect(() => split(array(1), 1)).toThrow(ShapeError)
  })
})

const parts = fc.array(fc.nat(3), { minLength: 1, maxLength: 4 })
test.prop([parts, fc.nat(2), fc.nat(2)])('concatenate undoes split, along any axis', (sizes, before, after) => {
  const n = sizes.reduce((a, b) => a + b, 0)
  const shape = [...Array.from({ length: before }, () => 2), n, ...Array.from({ length: after }, () => 2)]
  const x = arange(shape.reduce((a, b) => a * b, 1)).reshape(shape)
  const cuts = sizes.slice(0, -1).map((_, i) => sizes.slice(0, i + 1).reduce((a, b) => a + b, 0))
  const pieces = split(x, cuts, { axis: before })
  expect(pieces.map((p) => p.shape[before])).toEqual(sizes)
  expect(value(concatenate(pieces, { axis: before }))).toEqual(value(x))
})
test.prop([fc.integer({ min: 1, max: 4 }), fc.nat(2)])('element k of a stack is the k-th array', (n, axis) => {
  const arrays = Array.from({ length: n }, (_, k) =>
    arange(6)
      .reshape([2, 3])
      .add(100 * k),
  )
  const stacked = stack(arrays, { axis })
  arrays.forEach((a, k) =>
    expect(value(stacked.slice(...Array.from({ length: axis }, () => ':'), k))).toEqual(value(a)),
  )
})
