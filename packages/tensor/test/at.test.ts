import * as np from '@linum/tensor'
import {
  arange,
  array,
  DtypeError,
  type Index,
  type IndexMode,
  jit,
  printProgram,
  makeProgram,
  random,
  ShapeError,
  type Tensor,
  TraceError,
  zeros,
} from '@linum/tensor'
import { describe, expect, test } from 'vitest'
import { ints } from './both-ways.js'

const value = (x: Tensor): unknown => x.toArray()
const ten = arange(10)
const grid = arange(12).reshape([3, 4])

describe('slice by arrays', () => {
  test('takes tensors, typed arrays and nested arrays; a mask as a tensor or as booleans', () => {
    const five = arange(5)
    expect(value(five.slice(ints([3, 0])))).toEqual([3, 0])
    expect(value(five.slice(Uint8Array.of(3, 255)))).toEqual([3, 4])
    expect(value(five.slice([[3, 0]]))).toEqual([[3, 0]])
    expect(value(five.slice([true, false, false, true, false]))).toEqual([0, 3])
    expect(value(grid.slice(grid.greater(9)))).toEqual([10, 11])
    expect(value(grid.slice([[ints(2)], [0]] as never, 1))).toEqual([[9], [1]])
    expect(value(array([[1, 2]]).slice(0, ints([1, 1]), null))).toEqual([[2], [2]])
  })

  test('of numbers and ranges alone stays one static slice, of a traced number one dynamic window', () => {
    const steps = (f: (x: Tensor, i: Tensor) => Tensor): string => printProgram(makeProgram(f)(grid, ints(1)))
    expect(steps((x) => x.slice('1:', 0))).not.toMatch(/gather|dynamic/)
    expect(steps((x, i) => x.slice(i, '1:3'))).toMatch(/dynamic_slice\[sizes=\(1, 2\)\]/)
    expect(steps((x, i) => x.at(i).set(0))).toMatch(/scatter\[axes=\(0,\) op=set\]/)
    expect(steps((x) => x.at('1:', 0).add(1))).not.toMatch(/scatter/)
  })

  test('works on random keys, also with a traced number', () => {
    const keys = random.split(random.key(1), 3)
    const word = (k: Tensor): unknown => value(random.keyData(k))
    expect(word(keys.slice(ints([2, 0])))).toEqual([word(keys.slice(2)), word(keys.slice(0))])
    expect(word(jit((k: Tensor, i: Tensor) => k.slice(i))(keys, ints(1)))).toEqual(word(keys.slice(1)))
    expect(
      word(
        keys
          .at(ints([1]))
          .set(keys.slice('2:'))
          .slice(1),
      ),
    ).toEqual(word(keys.slice(2)))
  })

  test.each<[Index[], new (message: string) => Error, string]>([
    [
      [array([1, 2])],
      DtypeError,
      "slice: indices must be integers or booleans, got float32; make them with { dtype: 'int32' }",
    ],
    [
      [Float32Array.of(1)],
      DtypeError,
      'slice: indices must be integers or booleans, got a Float32Array; use an Int32Array',
    ],
    [[[[0.5]]], DtypeError, 'slice: an index array holds integers, or booleans for a mask, got 0.5'],
    [[[[0, 1], [2]]], ShapeError, 'slice: rows must have one length, got a row of 1'],
    [
      [array([true, false])],
      ShapeError,
      'slice: a mask must have the shape of the axes that it selects from, got (2,) for (3,) of shape (3, 4)',
    ],
    [[0, array([true, false])], ShapeError, 'got (2,) for (4,)'],
    [[array(true)], ShapeError, 'slice: a mask must have at least one axis, got a scalar'],
    [[ints([0, 1]), ints([0, 1, 2])], ShapeError, 'Incompatible shapes for broadcasting: shapes=[(2,), (3,)]'],
    [[ints([0]), 0, 0], ShapeError, 'slice: too many indices: array is 2-dimensional, but 3 were indexed'],
    [[array([[true]]), 0], ShapeError, 'too many indices: array is 2-dimensional, but 3 were indexed'],
  ])('refuses %j', (indices, type, message) => {
    const slice = (): Tensor => grid.slice(...indices)
    expect(slice).toThrow(type)
    expect(slice).toThrow(message)
  })

  test('refuses positions on an axis without any, and masks inside a trace', () => {
    expect(() => zeros([0, 2]).slice(ints([0]))).toThrow(
      new ShapeError('slice: an index array of shape (1,) into axis 0 of size 0'),
    )
    expect(zeros([0, 2]).slice(ints([]).reshape([0])).shape).toEqual([0, 2])
    const masked = jit((x: Tensor) => x.slice(x.greater(3)))
    expect(() => masked(grid)).toThrow(TraceError)
    expect(() => masked(grid)).toThrow('use where(mask, x, 0), or nonzero(mask, { size })')
  })
})

describe('at', () => {
  test('replaces, and leaves the array as it was', () => {
    const x = arange(5)
    expect(value(x.at(1).set(9))).toEqual([0, 9, 2, 3, 4])
    expect(value(x.at('::2').add(10))).toEqual([10, 1, 12, 3, 14])
    expect(value(x.at(ints([0, 0, 3])).add(1))).toEqual([2, 1, 2, 4, 4])
    expect(value(x)).toEqual([0, 1, 2, 3, 4])
    expect(value(np.at(grid, ':', ints([1, 3])).set(array([[7], [8], [9]])))).toEqual([
      [0, 7, 2, 7],
      [4, 8, 6, 8],
      [8, 9, 10, 9],
    ])
  })

  test('short and long names are the same', () => {
    const at = array([1, 2, 3]).at(ints([0, 2]))
    for (const [short, long] of [
      ['sub', 'subtract'],
      ['mul', 'multiply'],
      ['div', 'divide'],
      ['pow', 'power'],
    ] as const)
      expect(value(at[short](2))).toEqual(value(at[long](2)))
  })

  test('wrap counts positions around, for reads and for writes', () => {
    const at = array([10, 11, 12]).at(ints([-4, 3, 7]))
    expect(value(at.get({ mode: 'wrap' }))).toEqual([12, 10, 11])
    expect(value(at.add(1, { mode: 'wrap' }))).toEqual([11, 12, 13])
    expect(value(array([10, 11]).at(3).set(0, { mode: 'wrap' }))).toEqual([10, 0])
  })

  test('keeps bits: a value in a window leaves -0 and NaN elsewhere alone', () => {
    const x = array([-0, NaN, 1, -0])
    expect([...x.at('2:3').add(1).dataSync()]).toEqual([-0, NaN, 2, -0])
    expect([
      ...x
        .at(ints([2]))
        .add(1)
        .dataSync(),
    ]).toEqual([-0, NaN, 2, -0])
  })

  test('apply runs a function as often as an element is named', () => {
    const double = (x: Tensor): Tensor => x.mul(2)
    expect(
      value(
        arange(4)
          .at(ints([1, 3, 1]))
          .apply(double),
      ),
    ).toEqual([0, 4, 2, 6])
    expect(
      value(
        arange(4)
          .at(ints([1, 3, 9]))
          .apply(double, { uniqueIndices: true }),
      ),
    ).toEqual([0, 2, 2, 6])
    const traced = jit((x: Tensor, i: Tensor) => x.at(i).apply(double))
    expect(() => traced(arange(4), ints([1]))).toThrow(TraceError)
    expect(() => traced(arange(4), ints([1]))).toThrow('give { uniqueIndices: true }')
    const unique = jit((x: Tensor, i: Tensor) => x.at(i).apply(double, { uniqueIndices: true }))
    expect(value(unique(arange(4), ints([3])))).toEqual([0, 1, 2, 6])
  })

  test('refuses unknown modes, values that do not broadcast, and array functions that do not fit', () => {
    expect(() => ten.at(0).get({ mode: 'raise' as IndexMode })).toThrow(
      new RangeError("at.get: unknown mode, got 'raise'; use 'clip', 'fill', 'drop', 'wrap', 'promise_in_bounds'"),
    )
    expect(() => ten.at('1:3').set(arange(3))).toThrow(ShapeError)
    expect(() => ten.at(array([0.5])).set(1)).toThrow(DtypeError)
    expect(() => ten.at('a').set(1)).toThrow(/^at\.set: a range is/)
  })
})

describe('windows', () => {
  test('start where they fit', () => {
    expect(value(np.dynamicSlice(ten, [8], [4]))).toEqual([6, 7, 8, 9])
    expect(value(np.dynamicSlice(ten, ints([-2]), [2]))).toEqual([8, 9])
    expect(value(np.dynamicUpdateSlice(grid, ints([[7]]), [0, 0]).slice(0))).toEqual([7, 1, 2, 3])
  })

  test.each<[() => unknown, string]>([
    [() => np.dynamicSlice(grid, [0], [1, 1]), 'dynamicSlice: needs one start per axis of shape (3, 4), got 1'],
    [() => np.dynamicSlice(grid, [0, 0], [1]), 'needs one start and one size per axis'],
    [() => np.dynamicSlice(grid, [0, 0], [4, 1]), 'a window of (4, 1) does not fit shape (3, 4)'],
    [
      () => np.dynamicSlice(grid, ints([[0, 0]]), [1, 1]),
      'starts must be an array of scalars or a tensor of one axis, got shape (1, 2)',
    ],
    [() => np.dynamicSlice(grid, [ints([0]), 0], [1, 1]), 'a start must be a scalar, got shape (1,)'],
    [() => np.dynamicUpdateSlice(grid, zeros([4, 4], { dtype: 'int32' }), [0, 0]), 'a window of (4, 4) does not fit'],
    [() => np.dynamicSliceInDim(grid, 0, 1, { axis: 2 }), 'dynamicSliceInDim: axis 2 is out of bounds'],
  ])('refuses what does not fit: %s', (f, message) => {
    expect(f).toThrow(ShapeError)
    expect(f).toThrow(message)
  })

  test('refuses starts and updates of another dtype', () => {
    expect(() => np.dynamicSlice(ten, [0.5], [1])).toThrow(
      new DtypeError("dynamicSlice: starts must be integers, got float32; make them with { dtype: 'int32' }"),
    )
    expect(() => np.dynamicUpdateSlice(ten, zeros([2]), [0])).toThrow(DtypeError)
  })
})
