import { fc, test } from '@fast-check/vitest'
import * as np from '@linum/tensor'
import { arange, array, DtypeError, jit, ShapeError, type Tensor, TraceError, zeros } from '@linum/tensor'
import { describe, expect } from 'vitest'
import { bothWays, ints, values } from './both-ways.js'

const grid = arange(6).reshape([2, 3])

describe('rearrangement', () => {
  test('says what it does not understand', () => {
    const wrong: readonly (readonly [() => unknown, new (m: string) => Error, string])[] = [
      [() => np.tile(grid, -1), RangeError, 'tile: repetitions must be non-negative integers, got [-1]'],
      [
        () => grid.repeat([1, 2], { axis: 1 }),
        ShapeError,
        'repeat: needs one count per entry of an axis of size 3, got 2',
      ],
      [() => grid.repeat(-1), RangeError, 'repeat: counts must be non-negative integers, got [-1]'],
      [() => np.roll(grid, 0.5), TypeError, 'roll: a shift must be an integer, got 0.5'],
      [() => np.roll(grid, array(1.5)), DtypeError, 'roll: shifts must be integers, got float32'],
      [
        () => np.roll(grid, [1, 2, 3], { axis: [0, 1] }),
        ShapeError,
        'roll: needs one shift per axis, got 3 shifts for 2 axes',
      ],
      [() => np.rot90(grid, { axes: [1, 1] }), ShapeError, 'rot90: axes must be different'],
      [() => np.resize(zeros([0]), [2]), ShapeError, 'resize: an empty array cannot fill shape (2,)'],
      [
        () => np.rollaxis(grid, 0, { start: 3 }),
        ShapeError,
        'rollaxis: start 3 is out of bounds for array of dimension 2',
      ],
      [() => np.matrixTranspose(arange(3)), ShapeError, 'matrixTranspose: needs at least two axes'],
      [() => np.unstack(array(1)), ShapeError, 'unstack: a scalar has no axis'],
      [() => np.arraySplit(grid, 0), RangeError, 'arraySplit: number of sections must be at least 1, got 0'],
      [() => np.vsplit(arange(4), 2), ShapeError, 'vsplit: needs at least 2 axes, got shape (4,)'],
      [() => np.hstack([]), TypeError, 'concatenate: needs an array of at least one tensor'],
      [
        () => grid.diagonal({ axis1: 1, axis2: -1 }),
        ShapeError,
        'diagonal: axis1 and axis2 cannot be the same, got 1 and -1',
      ],
      [() => arange(3).diagonal(), ShapeError, 'diagonal: needs at least two axes, got shape (3,)'],
      [
        () => np.diag(zeros([1, 1, 1])),
        ShapeError,
        'diag: needs one or two axes, got shape (1, 1, 1); use diagonal for more',
      ],
      [() => np.fillDiagonal(zeros([2, 2, 3]), 1), ShapeError, 'fillDiagonal: all axes must have the same length'],
      [() => np.vander(grid), ShapeError, 'vander: needs one axis, got shape (2, 3)'],
      [() => np.blockDiag(zeros([1, 1, 1])), ShapeError, 'blockDiag: arrays must have at most two axes'],
      [() => np.meshgrid([grid]), ShapeError, 'meshgrid: arrays must have one axis, got shape (2, 3)'],
      [
        () => np.meshgrid([arange(2)], { indexing: 'yx' as 'xy' }),
        RangeError,
        "meshgrid: unknown indexing, got 'yx'; use 'xy' or 'ij'",
      ],
      [() => np.geomspace(0, 1), RangeError, 'geomspace: the ends must have one sign and not be 0, got 0 and 1'],
      [() => np.nonzero(array(1)), ShapeError, 'nonzero: a scalar has no positions'],
      [() => np.nonzero(grid, { size: -1 }), RangeError, 'nonzero: size must be a non-negative integer, got -1'],
      [
        () => np.nonzero(grid, { size: 1, fillValue: [1] }),
        ShapeError,
        'nonzero: needs one fill value per axis, got 1 for 2 axes',
      ],
      [
        () => np.compress(ints([0, 0, 1]), arange(2)),
        ShapeError,
        'compress: the condition holds beyond the end of axis 0 of size 2',
      ],
      [
        () => np.choose(ints([3]), [1, 2]),
        RangeError,
        "choose: index 3 is out of bounds for 2 choices; give { mode: 'clip' } or 'wrap'",
      ],
      [
        () => np.ravelMultiIndex([ints([3])], [3]),
        RangeError,
        'ravelMultiIndex: index 3 is out of bounds for axis 0 of size 3',
      ],
      [() => np.insert(arange(3), 4, 0), RangeError, 'insert: place 4 is out of bounds for axis of size 3'],
      [() => np.delete(arange(3), [3]), RangeError, 'delete: place 3 is out of bounds for axis of size 3'],
      [() => np.delete(arange(3), array([0.5])), DtypeError, 'delete: places must be integers, got float32'],
      [() => (np.where as (...xs: unknown[]) => unknown)(grid, 1), TypeError, 'where: needs both values or none'],
      [() => np.pad(grid, 1, { mode: 'median' as 'mean' }), RangeError, "pad: unknown mode, got 'median'"],
      [
        () =>
          np.pad(grid, [
            [1, 1],
            [-1, 0],
          ]),
        ShapeError,
        'pad: needs one pair of non-negative integers per axis of shape (2, 3)',
      ],
      [
        () => np.pad(zeros([0]), 1, { mode: 'edge' }),
        ShapeError,
        "pad: cannot extend empty axis 0 of shape (0,) by mode 'edge'; use mode 'constant'",
      ],
      [
        () => np.pad(grid, 1, { mode: 'mean', statLength: 0 }),
        RangeError,
        'pad: statLength must be at least 1, got [0, 0]',
      ],
      [
        () => np.broadcastShapes([2], [3]),
        ShapeError,
        'broadcastShapes: Incompatible shapes for broadcasting: shapes=[(2,), (3,)]',
      ],
    ]
    for (const [f, type, message] of wrong) {
      expect(f, message).toThrow(type)
      expect(f).toThrow(message)
    }
  })

  test('says what a trace cannot do, and the remedy', () => {
    const traced =
      (f: (x: Tensor) => unknown): (() => unknown) =>
      () =>
        jit((x: Tensor) => [f(x)].flat() as Tensor[])(ints([1, 0]))
    const wrong: readonly (readonly [(x: Tensor) => unknown, string])[] = [
      [(x) => arange(2).repeat(x), 'give { totalRepeatLength }'],
      [(x) => np.nonzero(x), 'nonzero(mask, { size })'],
      [(x) => np.where(x), 'nonzero(mask, { size })'],
      [(x) => np.delete(arange(3), x), 'give numbers, or a single traced scalar'],
      [(x) => np.insert(arange(3), x, 0), 'insert: traced places have no values yet'],
      [(x) => np.compress(x, arange(2)), 'a traced mask has no number of true elements yet'],
      [(x) => np.choose(x, [1, 2]), 'choose'],
    ]
    for (const [f, message] of wrong) {
      expect(traced(f)).toThrow(TraceError)
      expect(traced(f)).toThrow(message)
    }
  })

  test('traced counts, shifts and places give what concrete ones do', () => {
    const x = arange(5)
    const counts = ints([1, 0, 2, 0, 1])
    for (const n of [0, 3, 4, 7])
      expect(values(bothWays((c: Tensor) => x.repeat(c, { totalRepeatLength: n }), counts))).toEqual(
        values(x.repeat([1, 0, 2, 0, 1], { totalRepeatLength: n })),
      )
    for (const k of [-7, -1, 0, 3, 11]) expect(values(np.roll(x, ints(k)))).toEqual(values(np.roll(x, k)))
    expect(values(jit((i: Tensor) => np.delete(x, i))(ints(-2)))).toEqual([0, 1, 2, 4])
  })

  test('a mask says which rows and columns, and which entries go', () => {
    const [rows, columns] = np.ix(array([true, false, true]), ints([1, 0]))
    expect(values(arange(9).reshape([3, 3]).slice(rows!, columns!))).toEqual([
      [1, 0],
      [7, 6],
    ])
    expect(values(np.delete(arange(4), array([true, false, false, true])))).toEqual([1, 2])
    expect(np.broadcastShapes([2, 1], [3], [])).toEqual([2, 3])
  })

  test('a copy has a buffer of its own', () => {
    const x = array([1, -0, NaN])
    const y = np.copy(x)
    x[Symbol.dispose]()
    expect([...y.dataSync()]).toEqual([1, -0, NaN])
  })

  test('the diagonal of a tall matrix may wrap', () => {
    expect(values(np.fillDiagonal(zeros([5, 2]), 7, { wrap: true }))).toEqual([
      [7, 0],
      [0, 7],
      [0, 0],
      [7, 0],
      [0, 7],
    ])
    expect(values(np.fillDiagonal(zeros([4, 2]), array([1, 2, 3])))).toEqual([
      [1, 0],
      [0, 2],
      [0, 0],
      [0, 0],
    ])
  })
})

const small = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 3 })

describe('laws', () => {
  test.prop([small, fc.integer({ min: -9, max: 9 })], { numRuns: 40 })(
    'rolling there and back changes nothing',
    (shape, k) => {
      const x = arange(shape.reduce((a, b) => a * b, 1)).reshape(shape)
      expect(values(np.roll(np.roll(x, k), -k))).toEqual(values(x))
      expect(values(np.roll(np.roll(x, k, { axis: -1 }), -k, { axis: -1 }))).toEqual(values(x))
    },
  )

  test.prop([fc.nat(6), fc.integer({ min: 1, max: 4 })], { numRuns: 30 })(
    'pieces of a split join to the whole, in sizes that differ by one',
    (n, parts) => {
      const pieces = np.arraySplit(arange(n), parts)
      const sizes = pieces.map((p) => p.size)
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
      expect(values(np.concat(pieces))).toEqual(values(arange(n)))
    },
  )

  test.prop([fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }), fc.nat(9)], { numRuns: 40 })(
    'positions of a fixed number are those of the mask, then the filling',
    (flags, size) => {
      const found = flags.flatMap((f, i) => (f ? [i] : []))
      const want = Array.from({ length: size }, (_, i) => found[i] ?? -1)
      expect(values(bothWays((m: Tensor) => np.flatnonzero(m, { size, fillValue: -1 }), array(flags)))).toEqual(want)
      expect(values(np.flatnonzero(array(flags)))).toEqual(found)
    },
  )

  test.prop([fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 })], { numRuns: 30 })(
    'a position is its coordinates in a row',
    (shape) => {
      const all = arange(shape.reduce((a, b) => a * b, 1))
      const parts = np.unravelIndex(all, shape)
      expect(values(np.ravelMultiIndex(parts, shape))).toEqual(values(all))
      expect(values(np.stack(parts))).toEqual(values(np.indices(shape).reshape([shape.length, -1])))
    },
  )

  test.prop([fc.nat(5), fc.integer({ min: -3, max: 3 })], { numRuns: 30 })(
    'a diagonal is found where it was put',
    (n, k) => {
      const v = arange(n).add(1)
      expect(values(np.diag(np.diag(v, { k }), { k }))).toEqual(values(v))
      expect(np.diag(v, { k }).sum().item()).toBe(v.sum().item())
    },
  )

  test.prop([small, fc.nat(3), fc.nat(3)], { numRuns: 30 })(
    'insert and delete undo each other',
    (shape, place, value) => {
      const x = arange(shape.reduce((a, b) => a * b, 1)).reshape(shape)
      const at = Math.min(place, shape[0]!)
      expect(values(np.delete(np.insert(x, at, value, { axis: 0 }), at, { axis: 0 }))).toEqual(values(x))
    },
  )
})
