import { fc, test } from '@fast-check/vitest'
import { add, array, broadcastArrays, full, ones, pad, ShapeError, zeros } from '@linum/tensor'
import { describe, expect } from 'vitest'
import {
  broadcastShapes,
  checkAxes,
  checkAxis,
  checkShape,
  formatShape,
  sameShape,
  sizeOf,
  stridesOf,
} from '../src/core/shape.js'

const extents = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 5 })

describe('broadcasting', () => {
  test('aligns shapes at their last axes', () => {
    expect(
      broadcastShapes('add', [
        [2, 1, 4],
        [3, 1],
      ]),
    ).toEqual([2, 3, 4])
    expect(broadcastShapes('add', [[], [2]])).toEqual([2])
    expect(broadcastShapes('add', [[1], [0]])).toEqual([0])
    expect(broadcastShapes('add', [])).toEqual([])
    expect(broadcastShapes('add', [[3, 1], [1, 2], [1]])).toEqual([3, 2])
  })

  test('refuses shapes that do not fit, in the words of the reference', () => {
    expect(() => add(ones([2, 3]), ones([2]))).toThrow(
      new ShapeError('add: Incompatible shapes for broadcasting: shapes=[(2, 3), (2,)]'),
    )
    expect(() => broadcastArrays(ones([0]), ones([2]), ones([]))).toThrow(
      'broadcastArrays: Incompatible shapes for broadcasting: shapes=[(0,), (2,), ()]',
    )
  })

  // Operands of one shape, each with some extents set to 1 and some leading axes left out.
  const compatible = fc
    .tuple(extents, fc.array(fc.tuple(fc.nat(31), fc.nat(5)), { minLength: 1, maxLength: 4 }))
    .map(([shape, holes]) => ({
      shape,
      operands: holes.map(([bits, skip]) =>
        shape.map((d, i) => ((bits >> i) & 1 ? 1 : d)).slice(Math.min(skip, shape.length)),
      ),
    }))
  test.prop([compatible])('of one shape with its own reductions gives that shape', ({ shape, operands }) => {
    expect(broadcastShapes('f', [shape, ...operands])).toEqual(shape)
    expect(broadcastShapes('f', [...operands, shape])).toEqual(shape)
  })
  test.prop([compatible])('is associative', ({ operands }) => {
    expect(operands.reduce((a, b) => broadcastShapes('f', [a, b]) as number[], [])).toEqual(
      broadcastShapes('f', operands),
    )
  })
})

describe('a shape', () => {
  test.each([
    [[1.5], '[1.5]'],
    [[-1], '[-1]'],
    [[NaN], '[NaN]'],
    [[2, Infinity], '[2, Infinity]'],
    [['2'], '[2]'],
    [[[2]], '[2]'],
    [[2, undefined], '[2, ]'],
  ])('of %s is refused', (shape, shown) => {
    expect(() => zeros(shape as number[])).toThrow(
      new ShapeError(`zeros: a shape is an array of non-negative integers, got ${shown}`),
    )
  })

  test('that is a number or nothing is refused with how to write it', () => {
    expect(() => zeros(3 as unknown as number[])).toThrow(
      new ShapeError('zeros: a shape is an array of non-negative integers, got 3; write [3]'),
    )
    expect(() => zeros(undefined as unknown as number[])).toThrow('got undefined; write [2, 3]')
    expect(() => ones('2' as unknown as number[])).toThrow(ShapeError)
  })

  test('with more elements than can be addressed is refused before anything is allocated', () => {
    expect(() => zeros([65536, 65536])).toThrow(
      new ShapeError('zeros: shape (65536, 65536) has 4294967296 elements; at most 2147483647 can be addressed'),
    )
    expect(() => full([Number.MAX_SAFE_INTEGER, 2 ** 40], 1)).toThrow(ShapeError)
    expect(() => zeros([1e300, 1e300, 0])).toThrow(ShapeError)
    expect(checkShape('f', [2 ** 31 - 1])).toEqual([2 ** 31 - 1])
  })

  test('of a result that cannot be addressed is refused before anything is allocated', () => {
    const [tall, wide] = [zeros([65536, 1]), zeros([1, 65536])]
    expect(() => tall.add(wide)).toThrow(
      new ShapeError('add: shape (65536, 65536) has 4294967296 elements; at most 2147483647 can be addressed'),
    )
    expect(() => tall.matmul(wide)).toThrow(ShapeError)
    expect(() => pad(array([1]), [[0, 2 ** 40]])).toThrow(ShapeError)
    expect(() => wide.broadcastTo([65536, 65536])).toThrow(ShapeError)
  })

  test('prints as a tuple', () => {
    expect([[], [3], [2, 3]].map(formatShape)).toEqual(['()', '(3,)', '(2, 3)'])
  })

  test.prop([extents])('has row-major strides that reach its last element', (shape) => {
    const strides = stridesOf(shape)
    expect(strides).toHaveLength(shape.length)
    if (!shape.includes(0)) expect(shape.reduce((at, d, i) => at + (d - 1) * strides[i]!, 0)).toBe(sizeOf(shape) - 1)
  })
  test.prop([extents, extents])('equals another with the same extents', (a, b) => {
    expect(sameShape(a, [...a])).toBe(true)
    expect(sameShape(a, b)).toBe(JSON.stringify(a) === JSON.stringify(b))
  })
})

describe('an axis', () => {
  test('counts from the end where it is negative', () => {
    expect([0, 2, -1, -3].map((a) => checkAxis('f', a, 3))).toEqual([0, 2, 2, 0])
    expect(checkAxes('f', [2, -3], 3)).toEqual([0, 2])
    expect(checkAxes('f', null, 2)).toEqual([0, 1])
    expect(checkAxes('f', undefined, 2)).toEqual([0, 1])
    expect(checkAxes('f', [], 2)).toEqual([])
  })

  test.each([3, -4, 0.5, NaN])('of %s does not exist in three dimensions', (axis) => {
    expect(() => ones([1, 2, 3]).sum({ axis })).toThrow(
      new ShapeError(`sum: axis ${axis} is out of bounds for array of dimension 3`),
    )
  })

  test('must not be given twice', () => {
    expect(() => ones([1, 2, 3]).sum({ axis: [2, -1] })).toThrow(
      new ShapeError('sum: duplicate value in axis, got [2, 2]'),
    )
  })
})
