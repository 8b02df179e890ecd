import { clone, jit, np, Rngs, split, tree, type Tensor } from 'linum'
import { expect, test } from 'vitest'
import { Linear, Pair } from './models.js'
import { expectClose } from './numbers.js'

test('sharing survives a lifted transform, across arguments too', () => {
  const l = new Linear(2, 2, { rngs: new Rngs(0) })
  const p = new Pair(l)
  const before = l.w.value
  const same = jit((q: Pair, m: Linear) => {
    q.b.w.update((w) => w.mul(2))
    return q.a === m
  })(p, l)
  expect(same).toBe(true)
  expectClose(l.w, before.mul(2).toArray())
  expect([p.a === p.b, p.a === l]).toEqual([true, true])
})

test('states hold a shared layer once each, so trees do not show the sharing', () => {
  const l = new Linear(2, 2, { rngs: new Rngs(0) })
  const p = new Pair(l)
  const leaves = tree.leaves([split(p)[1], split(l)[1]])
  expect(leaves.map((leaf) => (leaf as Tensor).shape)).toEqual([[2], [2, 2], [2], [2, 2]])
})

test('a copy shares within itself and not with the original', () => {
  const p = new Pair(new Linear(2, 2, { rngs: new Rngs(0) }))
  const q = clone(p)
  expect([q.a === q.b, q.a === p.a]).toEqual([true, false])
  q.a.w.value = np.zeros([2, 2])
  expectClose(q.b.w, [
    [0, 0],
    [0, 0],
  ])
  expect(p.a.w.value.toArray()).not.toEqual([
    [0, 0],
    [0, 0],
  ])
})
