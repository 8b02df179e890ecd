import { fc, test } from '@fast-check/vitest'
import {
  add,
  array,
  associativeScan,
  iota,
  jit,
  maximum,
  ShapeError,
  StateError,
  type Tensor,
  type TensorLike,
} from '@linum/tensor'
import { describe, expect } from 'vitest'

const sum = (a: TensorLike, b: TensorLike): Tensor => add(a, b)

describe('associativeScan', () => {
  test.prop([fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 20 }), fc.boolean()])(
    'of sums is the running sum, from either end',
    (xs, reverse) => {
      const x = array(Int32Array.from(xs))
      const running = (ys: readonly number[]): number[] => {
        let total = 0
        return ys.map((y) => (total += y))
      }
      const want = reverse ? running([...xs].reverse()).reverse() : running(xs)
      expect(associativeScan(sum, x, { reverse }).toArray()).toEqual(want)
      expect(jit((t: Tensor) => associativeScan(sum, t, { reverse }))(x).toArray()).toEqual(want)
    },
  )

  test('keeps the order of the arguments: affine maps compose from left to right', () => {
    // x -> m x + b, applied one after the other.
    const [m, b] = [array([2, 3, 1, -1, 2]), array([1, 0, 4, 2, 1])]
    const then = (f: readonly [Tensor, Tensor], g: readonly [Tensor, Tensor]): readonly [Tensor, Tensor] => [
      f[0].mul(g[0]),
      f[1].mul(g[0]).add(g[1]),
    ]
    const [slopes, shifts] = associativeScan(then, [m, b] as readonly [Tensor, Tensor])
    expect(slopes.toArray()).toEqual([2, 6, 6, -6, -12])
    expect(shifts.toArray()).toEqual([1, 3, 7, -5, -9])
  })

  test('goes along any axis of every leaf of a tree', () => {
    const x = iota([2, 3], 1)
    const out = associativeScan(
      (a: { p: Tensor; q: Tensor }, c: { p: Tensor; q: Tensor }) => ({ p: a.p.add(c.p), q: maximum(a.q, c.q) }),
      { p: x, q: x },
      { axis: -1 },
    )
    expect(out.p.toArray()).toEqual([
      [0, 1, 3],
      [0, 1, 3],
    ])
    expect(out.q.toArray()).toEqual([
      [0, 1, 2],
      [0, 1, 2],
    ])
  })

  test('combines whole stretches: rounds grow with the logarithm of the length', () => {
    let calls = 0
    associativeScan(
      (a: Tensor, c: Tensor) => {
        calls++
        return a.add(c)
      },
      iota([64], 0),
    )
    expect(calls).toBeLessThanOrEqual(12)
  })

  test('refuses leaves of different lengths, and functions that change shape or structure', () => {
    expect(() => associativeScan((a: Tensor[]) => a, [iota([2], 0), iota([3], 0)])).toThrow(ShapeError)
    expect(() => associativeScan((a: Tensor) => a.sum(), iota([4], 0))).toThrow(ShapeError)
    expect(() => associativeScan((a: Tensor) => [a] as unknown as Tensor, iota([4], 0))).toThrow(StateError)
    expect(() => associativeScan(5 as unknown as (a: Tensor, b: Tensor) => Tensor, iota([4], 0))).toThrow(TypeError)
    expect(() => associativeScan(sum, array(1))).toThrow(ShapeError)
  })
})
