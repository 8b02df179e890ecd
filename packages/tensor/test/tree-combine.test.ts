import { fc, test } from '@fast-check/vitest'
import { StateError, tree } from '@linum/tensor'
import { describe, expect } from 'vitest'

test('all asks every leaf', () => {
  expect([tree.all({ a: true, b: [true] }), tree.all([true, { x: false }]), tree.all([])]).toEqual([true, false, true])
})

test('flattenWithPath gives what flatten gives, and where it was', () => {
  const t = { b: [1, null], a: { c: 2 } }
  const [leaves, def] = tree.flattenWithPath(t)
  expect(leaves.map(([path, leaf]) => [tree.keystr(path), leaf])).toEqual([
    ["['a']['c']", 2],
    ["['b'][0]", 1],
  ])
  expect(tree.unflatten(def, [20, 10])).toEqual({ a: { c: 20 }, b: [10, null] })
})

describe('transpose', () => {
  test('turns a list of records into a record of lists', () => {
    const inside = tree.structure({ a: 0, b: 0 })
    expect(
      tree.transpose(tree.structure([0, 0]), inside, [
        { a: 1, b: 2 },
        { a: 3, b: 4 },
      ]),
    ).toEqual({ a: [1, 3], b: [2, 4] })
  })
  test('says where the tree is of another structure', () => {
    expect(() => tree.transpose(tree.structure([0]), tree.structure({ a: 0 }), [{ b: 1 }])).toThrow(
      new StateError(
        'tree.transpose: the trees have different structures at [0], got an object with keys a and an object with keys b',
      ),
    )
  })
  test.prop([fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })])('twice is nothing', (m, n) => {
    const rows = Array.from({ length: m }, (_, i) => Array.from({ length: n }, (_v, k) => i * n + k))
    const [outer, inner] = [tree.structure(Array(m).fill(0)), tree.structure(Array(n).fill(0))]
    expect(tree.transpose(inner, outer, tree.transpose(outer, inner, rows))).toEqual(rows)
  })
})

describe('broadcast', () => {
  test('repeats the leaves of the upper part', () => {
    expect(tree.broadcast([1, { x: 2 }], [[0, 0], { x: { y: 0, z: null } }])).toEqual([
      [1, 1],
      { x: { y: 2, z: null } },
    ])
    expect(tree.broadcast(7, { a: [0, 0] })).toEqual({ a: [7, 7] })
  })
  test('says where the prefix is no upper part', () => {
    expect(() => tree.broadcast({ a: [1, 2] }, { a: [1] })).toThrow(
      new StateError(
        "tree.broadcast: the trees have different structures at ['a'], got an array of 2 and an array of 1",
      ),
    )
    expect(() => tree.broadcast([1], 1)).toThrow(StateError)
  })
})
