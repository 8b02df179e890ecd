import * as np from '@linum/tensor'
import { add, array, jit, ones, type Tensor, TraceError } from '@linum/tensor'
import { describe, expect, test } from 'vitest'

const value = (x: Tensor): unknown => x.toArray()

describe('donated arguments', () => {
  test('throw on use afterwards, and say to whom they went', () => {
    const step = jit(
      function step(w: { a: Tensor; b: Tensor }, x: Tensor) {
        return { a: w.a.add(x), b: w.b }
      },
      { donateArgnums: [0] },
    )
    const [w, x] = [{ a: array([1, 2]), b: array([3]) }, array([1, 1])]
    const next = step(w, x)
    expect(() => w.a.add(1)).toThrow(
      new TraceError('tensor: its memory is gone, it was donated to jit(step); keep using the value that replaced it'),
    )
    expect([value(next.a), value(next.b), value(x)]).toEqual([[2, 3], [3], [1, 1]])
    expect(value(step(next, x).a)).toEqual([3, 4])
  })

  test('lend their memory to the results', () => {
    const step = jit((w: Tensor, m: Tensor, x: Tensor) => [m.mul(0.5).add(x), w.sub(m.mul(0.5).add(x)), x.sum()], {
      donateArgnums: [0, 1],
    })
    let [w, m] = [array([1, 2]), array([0, 4])]
    const buffers = new Set([w, m].map((t) => t.cell('test').buffer))
    const expected = { w: [1, 2], m: [0, 4] }
    for (let i = 0; i < 4; i++) {
      const [nextM, nextW, total] = step(w, m, array([i, 1]))
      ;[w, m] = [nextW!, nextM!]
      expected.m = expected.m.map((v, k) => v * 0.5 + [i, 1][k]!)
      expected.w = expected.w.map((v, k) => v - expected.m[k]!)
      expect([value(w), value(m), value(total!)]).toEqual([expected.w, expected.m, i + 1])
      expect(new Set([w, m].map((t) => t.cell('test').buffer))).toEqual(buffers)
    }
  })

  test('of which two share memory are not written over', () => {
    const f = jit((x: Tensor, y: Tensor) => [x.add(1), y.add(x)], { donateArgnums: [0] })
    const x = array([1, 2])
    expect(f(x, x.reshape([2])).map(value)).toEqual([
      [2, 3],
      [2, 4],
    ])
    expect(value(x)).toEqual([1, 2])
  })

  test('that come back unchanged stay usable', () => {
    const f = jit((x: Tensor) => [x, x.reshape([2, 1])], { donateArgnums: [0] })
    const x = array([1, 2])
    expect(f(x).map(value)).toEqual([
      [1, 2],
      [[1], [2]],
    ])
    expect(value(x)).toEqual([1, 2])
  })

  test('that are numbers take nothing away from other numbers', () => {
    jit((x: np.TensorLike) => add(x, 1), { donateArgnums: [0] })(77)
    expect(value(array([1]).add(77))).toEqual([78])
  })

  test('are kept while an outer transform still needs them', () => {
    const f = jit((x: Tensor) => x.mul(2), { donateArgnums: [0] })
    const w = array([1, 2])
    const g = jit((x: Tensor) => f(w).add(x))
    expect(value(g(array([1, 1])))).toEqual([3, 5])
    expect(value(g(array([2, 2])))).toEqual([4, 6])
    expect(value(w)).toEqual([1, 2])
  })

  test('are not taken by a call that throws', () => {
    const f = jit((x: Tensor, y: Tensor) => x.add(y), { donateArgnums: [0] })
    const x = array([1, 2])
    expect(() => f(x, ones([3]))).toThrow(np.ShapeError)
    expect(value(x)).toEqual([1, 2])
  })
})
