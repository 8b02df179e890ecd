import { fc, test } from '@fast-check/vitest'
import * as np from '@linum/tensor'
import { arange, array, ShapeError, type Tensor, zeros } from '@linum/tensor'
import { describe, expect } from 'vitest'

const value = (x: Tensor): unknown => x.toArray()
const flat = (x: Tensor): number[] => Array.from(x.dataSync())
const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)
const count = (shape: readonly number[]): Tensor => arange(sizeOf(shape)).reshape(shape)

describe('reshape', () => {
  test('keeps the elements in row-major order, inferring one extent', () => {
    expect(value(arange(6).reshape([2, 3]))).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ])
    expect(arange(6).reshape([-1, 2]).shape).toEqual([3, 2])
    expect(arange(1).reshape([]).shape).toEqual([])
    expect(zeros([0, 3]).reshape([-1, 3]).shape).toEqual([0, 3])
    expect(zeros([0, 3]).ravel().shape).toEqual([0])
    expect(count([2, 3]).ravel().shape).toEqual([6])
  })

  test('to its own shape is the tensor itself', () => {
    const x = count([2, 3])
    expect(x.reshape([2, 3])).toBe(x)
  })

  test('refuses another size, two unknowns, and what is no shape', () => {
    expect(() => arange(6).reshape([4])).toThrow(
      new ShapeError('reshape: cannot reshape array of shape (6,) (size 6) into shape (4,) (size 4)'),
    )
    expect(() => arange(6).reshape([4, -1])).toThrow(
      new ShapeError(
        'reshape: cannot reshape array of shape (6,) (size 6) into shape (4, -1); -1 has no integral value',
      ),
    )
    expect(() => zeros([0]).reshape([0, -1])).toThrow(ShapeError)
    expect(() => arange(6).reshape([-1, -1])).toThrow(ShapeError)
    expect(() => arange(6).reshape([-2, -3])).toThrow(ShapeError)
    expect(() => arange(6).reshape(6 as unknown as number[])).toThrow('got 6; write [6]')
  })
})

describe('transpose', () => {
  test('reverses the axes, or orders them as told', () => {
    expect(value(count([2, 3]).transpose())).toEqual([
      [0, 3],
      [1, 4],
      [2, 5],
    ])
    expect(count([2, 3, 4]).transpose([1, -1, 0]).shape).toEqual([3, 4, 2])
    expect(array(5).transpose().shape).toEqual([])
    const x = arange(3)
    expect(x.transpose()).toBe(x)
  })

  test('refuses what is no permutation', () => {
    for (const axes of [[0], [0, 0], [0, 2], [0, 1, 1]]) expect(() => count([2, 3]).transpose(axes)).toThrow(ShapeError)
    expect(() => count([2, 3]).transpose([0, 0])).toThrow(
      new ShapeError('transpose: axes must be a permutation of the 2 axes of shape (2, 3), got [0, 0]'),
    )
  })

  test('swapaxes and moveaxis move some axes and leave the others', () => {
    expect(count([2, 3, 4]).swapaxes(0, -1).shape).toEqual([4, 3, 2])
    expect(count([2, 3, 4]).moveaxis(0, -1).shape).toEqual([3, 4, 2])
    expect(count([2, 3, 4, 5]).moveaxis([0, 1], [-1, -2]).shape).toEqual([4, 5, 3, 2])
    expect(() => count([2, 3]).moveaxis([0, 1], [0])).toThrow(
      new ShapeError('moveaxis: source and destination must have the same length, got 2 and 1'),
    )
    expect(() => count([2, 3]).moveaxis([0, 0], [0, 1])).toThrow(ShapeError)
    expect(() => count([2, 3]).swapaxes(0, 2)).toThrow(ShapeError)
  })
})

describe('expandDims and squeeze', () => {
  test('add and remove axes of extent 1', () => {
    expect(count([2, 3]).expandDims(0).shape).toEqual([1, 2, 3])
    expect(count([2, 3]).expandDims(-1).shape).toEqual([2, 3, 1])
    expect(count([2, 3]).expandDims([0, -1]).shape).toEqual([1, 2, 3, 1])
    expect(zeros([1, 2, 1]).squeeze().shape).toEqual([2])
    expect(zeros([1, 2, 1]).squeeze({ axis: -1 }).shape).toEqual([1, 2])
    expect(() => zeros([1, 2]).squeeze({ axis: 1 })).toThrow(
      new ShapeError('squeeze: cannot squeeze axis 1 of shape (1, 2); its size is not one'),
    )
    expect(() => zeros([2]).expandDims(2)).toThrow(ShapeError)
    expect(() => zeros([2]).expandDims([0, 0])).toThrow(ShapeError)
  })
})

describe('broadcastTo', () => {
  test('repeats along new axes and axes of extent 1', () => {
    expect(value(array([1, 2]).broadcastTo([2, 2]))).toEqual([
      [1, 2],
      [1, 2],
    ])
    expect(value(array([[1], [2]]).broadcastTo([2, 2]))).toEqual([
      [1, 1],
      [2, 2],
    ])
    expect(array(1).broadcastTo([0, 3]).shape).toEqual([0, 3])
    expect(() => array([1, 2]).broadcastTo([3])).toThrow(
      new ShapeError('broadcastTo: Incompatible shapes for broadcasting: (2,) and requested shape (3,)'),
    )
    expect(() => zeros([1, 2]).broadcastTo([2])).toThrow(ShapeError)
  })
  test('broadcastArrays does so for several at once', () => {
    expect(np.broadcastArrays(zeros([2, 1]), zeros([3]), 1).map((x) => x.shape)).toEqual([
      [2, 3],
      [2, 3],
      [2, 3],
    ])
  })
})

describe('flip', () => {
  test('reverses all axes or the given ones', () => {
    expect(value(count([2, 2]).flip())).toEqual([
      [3, 2],
      [1, 0],
    ])
    expect(value(count([2, 2]).flip({ axis: 1 }))).toEqual([
      [1, 0],
      [3, 2],
    ])
    expect(value(count([2, 2]).flip({ axis: [] }))).toEqual([
      [0, 1],
      [2, 3],
    ])
    expect(value(array(5).flip())).toBe(5)
  })
})

describe('pad', () => {
  test('puts a constant before and after each axis', () => {
    expect(value(np.pad(array([1, 2]), [[1, 2]]))).toEqual([0, 1, 2, 0, 0])
    expect(
      value(
        np.pad(
          count([1, 2]),
          [
            [0, 1],
            [1, 0],
          ],
          { constantValues: 7 },
        ),
      ),
    ).toEqual([
      [7, 0, 1],
      [7, 7, 7],
    ])
    expect(np.pad(count([2, 3]), 1).shape).toEqual([4, 5])
    expect(np.pad(count([2, 3]), [1, 2]).shape).toEqual([5, 6])
    expect(value(np.pad(array([true]), [[1, 0]]))).toEqual([false, true])
    expect(value(np.pad(zeros([0]), [[1, 1]], { constantValues: 3 }))).toEqual([3, 3])
    expect(value(np.pad(array(5), []))).toBe(5)
    expect(value(np.pad(array([1], { dtype: 'int32' }), 1, { constantValues: 2 }))).toEqual([2, 1, 2])
    expect(np.pad(array([1]), [[0, 1]], { mode: 'constant' }).shape).toEqual([2])
  })
  test('refuses widths that do not fit and modes it does not know', () => {
    const three = [
      [1, 1],
      [1, 1],
      [1, 1],
    ] as const
    expect(() => np.pad(count([2, 3]), three)).toThrow(
      new ShapeError('pad: needs one pair of non-negative integers per axis of shape (2, 3), got [[1,1],[1,1],[1,1]]'),
    )
    expect(() => np.pad(array([1]), [[-1, 0]])).toThrow(ShapeError)
    expect(() => np.pad(array([1]), [[0.5, 0]])).toThrow(ShapeError)
    expect(() => np.pad(array([1]), 1, { mode: 'median' as 'constant' })).toThrow(RangeError)
  })
})

describe('laws', () => {
  const shape = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 })
  const permuted = shape.chain((s) =>
    fc
      .shuffledSubarray(
        s.map((_, i) => i),
        { minLength: s.length, maxLength: s.length },
      )
      .map((perm) => [s, perm] as const),
  )
  const inverse = (perm: readonly number[]): number[] => perm.map((_, i) => perm.indexOf(i))

  test.prop([permuted])('a transpose is undone by the inverse permutation', ([s, perm]) => {
    const x = count(s)
    expect(flat(x.transpose(perm).transpose(inverse(perm)))).toEqual(flat(x))
    expect(x.transpose(perm).shape).toEqual(perm.map((p) => s[p]))
  })
  test.prop([permuted], { numRuns: 60 })(
    'element [i, j, ...] of a transpose is the element at the permuted position',
    ([s, perm]) => {
      const x = count(s)
      const y = x.transpose(perm)
      if (x.size === 0) return
      const index = s.map((d) => d - 1 - (d > 2 ? 1 : 0))
      expect(Number(y.slice(...perm.map((p) => index[p]!)))).toBe(Number(x.slice(...index)))
    },
  )
  test.prop([shape, fc.nat(15)])('a flip is its own inverse', (s, bits) => {
    const axis = s.map((_, i) => i).filter((i) => (bits >> i) & 1)
    expect(flat(count(s).flip({ axis }).flip({ axis }))).toEqual(flat(count(s)))
  })
  test.prop([shape, fc.array(fc.tuple(fc.nat(3), fc.nat(3)), { minLength: 4, maxLength: 4 })])(
    'what was padded is found inside',
    (s, widths) => {
      const pairs = s.map((_, i) => widths[i]!)
      const padded = np.pad(count(s), pairs, { constantValues: -1 })
      expect(padded.shape).toEqual(s.map((d, i) => d + pairs[i]![0] + pairs[i]![1]))
      expect(flat(padded.slice(...s.map((d, i) => [pairs[i]![0], pairs[i]![0] + d])))).toEqual(flat(count(s)))
      expect(flat(padded).filter((v) => v === -1)).toHaveLength(padded.size - sizeOf(s))
    },
  )
  test.prop([shape])('expandDims and squeeze undo each other', (s) => {
    for (let axis = 0; axis <= s.length; axis++) expect(count(s).expandDims(axis).squeeze({ axis }).shape).toEqual(s)
  })
  test.prop([shape, fc.nat(3), fc.nat(3)])('swapaxes is a transpose of two axes, moveaxis of one', (s, a, b) => {
    if (s.length === 0) return
    const [i, j] = [a % s.length, b % s.length]
    expect(flat(count(s).swapaxes(i, j).swapaxes(i, j))).toEqual(flat(count(s)))
    expect(flat(count(s).moveaxis(i, j).moveaxis(j, i))).toEqual(flat(count(s)))
  })
})
