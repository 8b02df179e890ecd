import { grad, ravelTree, vmap } from '@linum/autodiff'
import { array, DtypeError, jit, ones, random, ShapeError, type Tensor } from '@linum/tensor'
import { describe, expect, it } from 'vitest'
import { bits, ints, values } from './readings.js'

describe('ravelTree', () => {
  it('puts leaves one behind the other and takes them apart again', () => {
    const x = {
      b: array([
        [1, 2],
        [3, 4],
      ]),
      a: [array(5), array([6, 7])],
    }
    const [vector, unravel] = ravelTree(x)
    expect(values(vector)).toEqual([5, 6, 7, 1, 2, 3, 4])
    expect(bits(unravel(vector))).toEqual(bits(x))
    expect(values(unravel(vector.mul(2)))).toEqual({
      a: [10, [12, 14]],
      b: [
        [2, 4],
        [6, 8],
      ],
    })
  })

  it('promotes mixed dtypes and converts them back', () => {
    const x = [ints([1, 2]), array([0.5, 1.5])]
    const [vector, unravel] = ravelTree(x)
    expect(vector.dtype).toBe('float32')
    expect(bits(unravel(vector))).toEqual(bits(x))
  })

  it('of nothing is an empty vector, and empty leaves take no room', () => {
    expect([ravelTree([])[0].shape, ravelTree({ a: null })[0].dtype]).toEqual([[0], 'float32'])
    const x = [ones([0, 3]), ones([2])]
    const [vector, unravel] = ravelTree(x)
    expect(bits(unravel(vector))).toEqual(bits(x))
  })

  it('works inside transforms', () => {
    const f = (p: { w: Tensor; b: Tensor }): Tensor => {
      const [v, unravel] = ravelTree(p)
      return v.square().sum().add(unravel(v.sin()).w.sum())
    }
    const p = { w: array([1, 2]), b: array(3) }
    const g = grad(f)(p)
    expect(values(g.b)).toBe(6)
    expect(bits(jit(grad(f))(p))).toEqual(bits(g))
    expect(values(vmap((v: Tensor) => ravelTree([v, v.mul(2)])[0])(ones([2, 1])))).toEqual([
      [1, 2],
      [1, 2],
    ])
  })

  it('refuses what is no tensor, and vectors that do not fit', () => {
    expect(() => ravelTree({ a: [ones([2]), 'x'] })).toThrow(
      new TypeError("ravelTree: expected tensors, got string at ['a'][1]; leave it out"),
    )
    expect(() => ravelTree([random.key(0)])).toThrow(
      new TypeError('ravelTree: expected tensors, got a random key at [0]; leave it out'),
    )
    const [, unravel] = ravelTree([ones([2])])
    expect(() => unravel(ones([3]))).toThrow(
      new ShapeError('ravelTree: unravel takes a vector of shape (2,), got (3,)'),
    )
    expect(() => unravel(ints([1, 2]))).toThrow(
      new DtypeError('ravelTree: unravel takes a vector of dtype float32, got int32; convert it with astype'),
    )
  })
})
