import { fc, test } from '@fast-check/vitest'
import * as np from '@linum/tensor'
import {
  arange,
  array,
  dot,
  dotGeneral,
  eye,
  inner,
  matmul,
  ones,
  outer,
  ShapeError,
  tensordot,
  type Tensor,
  zeros,
} from '@linum/tensor'
import { describe, expect } from 'vitest'

const value = (x: Tensor): unknown => x.toArray()
const count = (shape: readonly number[], from = 0): Tensor =>
  arange(from, from + shape.reduce((a, b) => a * b, 1)).reshape(shape)

describe('matmul', () => {
  test('multiplies matrices and vectors', () => {
    expect(value(count([2, 2]).matmul(count([2, 2])))).toEqual([
      [2, 3],
      [6, 11],
    ])
    expect(value(count([2, 3]).matmul(array([1, 2, 3])))).toEqual([8, 26])
    expect(value(array([1, 2]).matmul(count([2, 3])))).toEqual([6, 9, 12])
    expect(value(array([1, 2]).matmul(array([3, 4])))).toBe(11)
  })

  test('broadcasts leading axes', () => {
    expect(ones([5, 1, 2, 3]).matmul(ones([4, 3, 6])).shape).toEqual([5, 4, 2, 6])
    expect(ones([5, 2, 3]).matmul(ones([3])).shape).toEqual([5, 2])
    expect(ones([3]).matmul(ones([5, 3, 2])).shape).toEqual([5, 2])
    expect(ones([2, 3]).matmul(ones([5, 3, 2])).shape).toEqual([5, 2, 2])
    expect(ones([5, 2, 3]).matmul(ones([3, 4])).shape).toEqual([5, 2, 4])
  })

  test('of nothing to sum over is zero', () => {
    expect(value(zeros([2, 0]).matmul(zeros([0, 2])))).toEqual([
      [0, 0],
      [0, 0],
    ])
    expect(zeros([0, 3]).matmul(zeros([3, 2])).shape).toEqual([0, 2])
  })

  test('of integers wraps, of bool asks whether any pair holds', () => {
    expect(value(array([65536, 1], { dtype: 'int32' }).matmul(array([65536, 7], { dtype: 'int32' })))).toBe(7)
    expect(value(array([4294967295], { dtype: 'uint32' }).matmul(array([2], { dtype: 'uint32' })))).toBe(4294967294)
    expect(value(array([true, true]).matmul(array([true, true])))).toBe(true)
    expect(value(array([true, false]).matmul(array([false, true])))).toBe(false)
    expect(array([1], { dtype: 'int32' }).matmul(array([1.5])).dtype).toBe('float32')
  })

  test('carries NaN and infinities of its own row and column alone', () => {
    expect(
      value(
        array([
          [1, NaN],
          [1, 1],
        ]).matmul(eye(2)),
      ),
    ).toEqual([
      [NaN, NaN],
      [1, 1],
    ])
    expect(value(array([[0, 1]]).matmul(array([[Infinity], [1]])))).toEqual([[NaN]])
  })

  test('refuses scalars and extents that differ', () => {
    expect(() => matmul(array(1), ones([2]))).toThrow(
      new ShapeError('matmul: operands must have at least one axis, got shapes () and (2,); use multiply for scalars'),
    )
    expect(() => matmul(ones([2, 3]), ones([2, 3]))).toThrow(
      new ShapeError('matmul: the last axis of (2, 3) and axis -2 of (2, 3) must agree, got 3 and 2'),
    )
    expect(() => matmul(ones([2]), ones([3]))).toThrow(
      new ShapeError('matmul: the last axis of (2,) and axis -1 of (3,) must agree, got 2 and 3'),
    )
    expect(() => matmul(ones([2, 1, 3]), ones([3, 3, 1]))).toThrow(
      'matmul: Incompatible shapes for broadcasting: shapes=[(2,), (3,)]',
    )
  })
})

describe('other products', () => {
  test('dot, inner, outer and tensordot', () => {
    expect(value(dot(count([2, 2]), count([2, 2])))).toEqual([
      [2, 3],
      [6, 11],
    ])
    expect(value(dot(array(2), array([1, 2])))).toEqual([2, 4])
    expect(value(inner(array([1, 2]), array([3, 4])))).toBe(11)
    expect(inner(ones([2, 3]), ones([4, 3])).shape).toEqual([2, 4])
    expect(value(outer(array([1, 2]), array([[3, 4]])))).toEqual([
      [3, 4],
      [6, 8],
    ])
    expect(tensordot(ones([2, 3, 4]), ones([3, 4, 5])).shape).toEqual([2, 5])
    expect(tensordot(ones([2, 3]), ones([3, 4]), { axes: 1 }).shape).toEqual([2, 4])
    expect(tensordot(ones([2, 3]), ones([4, 2]), { axes: [[0], [-1]] }).shape).toEqual([3, 4])
    expect(tensordot(ones([2]), ones([3]), { axes: 0 }).shape).toEqual([2, 3])
  })

  test('dotGeneral puts batch axes first, then the rest of the left, then of the right', () => {
    const r = dotGeneral(ones([2, 3, 4, 5]), ones([4, 6, 2]), { contract: [[2], [0]], batch: [[0], [2]] })
    expect(r.shape).toEqual([2, 3, 5, 6])
    expect(value(r.slice(0, 0, 0, 0))).toBe(4)
    expect(() => dotGeneral(ones([2]), ones([3]), { contract: [[0], [0]] })).toThrow(
      new ShapeError('dot_general: contracting axes [0] of shape (2,) and [0] of (3,) must have equal extents'),
    )
    expect(() => dotGeneral(ones([2]), ones([2]), { contract: [[5], [5]] })).toThrow(ShapeError)
    expect(() => dotGeneral(ones([2]), ones([2]), { contract: [[0], []] })).toThrow(ShapeError)
  })
})

// Sizes on both sides of the tiles of the product.
const extent = fc.integer({ min: 0, max: 9 })
const matrices = fc.tuple(extent, extent, extent, fc.nat(1000))
const numbers = (shape: readonly number[], seed: number): Tensor =>
  arange(shape.reduce((a, b) => a * b, 1))
    .mul(7919)
    .add(seed)
    .mod(17)
    .sub(8)
    .reshape(shape)

test.prop([matrices, fc.boolean(), fc.boolean(), fc.constantFrom('float32' as const, 'int32' as const)])(
  'matmul is the sum over products, however the operands are stored',
  ([m, k, n, seed], turnLeft, turnRight, dtype) => {
    const a = (turnLeft ? numbers([k, m], seed).T : numbers([m, k], seed)).astype(dtype)
    const b = (turnRight ? numbers([n, k], seed + 1).T : numbers([k, n], seed + 1)).astype(dtype)
    const [x, y] = [a.toArray() as number[][], b.toArray() as number[][]]
    const expected = x.map((row) => Array.from({ length: n }, (_, j) => row.reduce((s, v, i) => s + v * y[i]![j]!, 0)))
    expect(value(a.matmul(b))).toEqual(expected)
    expect(value(np.jit((p: Tensor, q: Tensor) => p.T.matmul(q.T))(a.T, b.T))).toEqual(expected)
  },
)
test.prop([matrices])('a product transposed is the product of the transposes in the other order', ([m, k, n, seed]) => {
  const [a, b] = [numbers([m, k], seed), numbers([k, n], seed)]
  expect(value(a.matmul(b).T)).toEqual(value(b.T.matmul(a.T)))
})
test.prop([fc.integer({ min: 1, max: 3 }), matrices])(
  'a batched product is the product of each pair',
  (batch, [m, k, n, seed]) => {
    const [a, b] = [numbers([batch, m, k], seed), numbers([batch, k, n], seed)]
    const c = a.matmul(b)
    for (let i = 0; i < batch; i++) expect(value(c.slice(i))).toEqual(value(a.slice(i).matmul(b.slice(i))))
  },
)
