import { fc, test } from '@fast-check/vitest'
import { arange, array, type Index, jit, type Tensor } from '@linum/tensor'
import { describe, expect } from 'vitest'
import { nested, type Picked, reference } from './index-reference.js'

const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 })
const bound = fc.option(fc.integer({ min: -6, max: 6 }))
const range = fc.tuple(bound, bound, fc.constantFrom(1, 2, 3, -1, -2))
/** Shapes that broadcast together. */
const leads = fc.constantFrom<readonly (readonly number[])[]>(
  [[2]],
  [[3], [1]],
  [[2, 1], [1, 3], [3]],
  [[], [2]],
  [[1]],
  [[0]],
)

/** An index for every axis of a shape, some left out, with new axes and an ellipsis between. */
const selection = (shape: readonly number[]): fc.Arbitrary<Index[]> =>
  leads.chain((lead) => {
    const list = (n: number, which: number): fc.Arbitrary<Index> => {
      const own = lead[which % lead.length]!
      const size = own.reduce((a, b) => a * b, 1)
      return fc
        .array(fc.integer({ min: -n, max: n - 1 }), { minLength: size, maxLength: size })
        .map((flat) => array(Int32Array.from(flat)).reshape([...own]))
    }
    const axis = (n: number, which: number): fc.Arbitrary<Index> =>
      fc.oneof(fc.integer({ min: -n, max: n - 1 }), range, list(n, which), fc.constant(':'))
    return fc
      .tuple(
        fc.tuple(...shape.map(axis)),
        fc.nat(shape.length),
        fc.array(fc.nat(5), { maxLength: 2 }),
        fc.option(fc.nat(5)),
      )
      .map(([all, used, news, dots]) => {
        const indices: Index[] = all.slice(0, used)
        for (const at of news) indices.splice(at % (indices.length + 1), 0, null)
        // Behind an ellipsis the indices belong to the last axes: only where all are given do they stay within theirs.
        if (dots !== null && (used === shape.length || dots % (indices.length + 1) === indices.length))
          indices.splice(used === shape.length ? dots % (indices.length + 1) : indices.length, 0, '...')
        return indices
      })
  })

const cases = shapes.chain((shape) => fc.tuple(fc.constant(shape), selection(shape)))
const numbers = (shape: readonly number[]): Tensor => arange(shape.reduce((a, b) => a * b, 1)).reshape([...shape])
const plain = (indices: readonly Index[]): readonly Picked[] =>
  indices.map((i) =>
    typeof i === 'object' && i !== null && 'toArray' in i ? { list: i.toArray() as never } : (i as never),
  )

describe('a random selection', () => {
  test.prop([cases], { numRuns: 150 })('is what the rules of NumPy select', ([shape, indices]) => {
    const want = reference(shape, plain(indices))
    const got = numbers(shape).slice(...indices)
    expect([got.shape, got.toArray()]).toEqual([want.shape, nested(want.shape, want.positions)])
    expect(jit((x: Tensor) => x.slice(...indices))(numbers(shape)).toArray()).toEqual(got.toArray())
  })

  test.prop([cases], { numRuns: 100 })(
    'is where updates go: the last of several is set, all are added',
    ([shape, indices]) => {
      const want = reference(shape, plain(indices))
      const set = [...numbers(shape).dataSync()]
      const add = [...set]
      want.positions.forEach((at, k) => {
        set[at] = 1000 + k
        add[at]! += 1000 + k
      })
      const values = arange(want.positions.length)
        .add(1000)
        .reshape([...want.shape])
      const x = numbers(shape)
      expect([
        ...x
          .at(...indices)
          .set(values)
          .dataSync(),
      ]).toEqual(set)
      expect([
        ...x
          .at(...indices)
          .add(values)
          .dataSync(),
      ]).toEqual(add)
      expect([
        ...x
          .at(...indices)
          .subtract(values)
          .at(...indices)
          .add(values)
          .dataSync(),
      ]).toEqual([...x.dataSync()])
      expect(jit((t: Tensor) => t.at(...indices).set(values))(x).toArray()).toEqual(
        x
          .at(...indices)
          .set(values)
          .toArray(),
      )
    },
  )
})

const masked = shapes.chain((shape) =>
  fc.tuple(
    fc.constant(shape),
    fc.integer({ min: 1, max: shape.length }).chain((n) => {
      const covered = shape.slice(0, n)
      const size = covered.reduce((a, b) => a * b, 1)
      return fc.array(fc.boolean(), { minLength: size, maxLength: size }).map((flat) => array(flat).reshape(covered))
    }),
  ),
)

describe('a random mask', () => {
  test.prop([masked], { numRuns: 60 })('selects where it holds, in order', ([shape, mask]) => {
    const flags = [...mask.dataSync()]
    const inner = shape.slice(mask.ndim)
    const width = inner.reduce((a, b) => a * b, 1)
    const positions = flags.flatMap((v, i) => (v === 0 ? [] : Array.from({ length: width }, (_, k) => i * width + k)))
    const x = numbers(shape)
    const got = x.slice(mask)
    expect(got.shape).toEqual([positions.length / width, ...inner])
    expect([...got.dataSync()]).toEqual(positions)
    const zeroed = [...x.dataSync()].map((v, i) => (positions.includes(i) ? -1 : v))
    expect([...x.at(mask).set(-1).dataSync()]).toEqual(zeroed)
    expect([...x.at(mask).set(got).dataSync()]).toEqual([...x.dataSync()])
  })
})
