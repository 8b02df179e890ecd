import { fc, test } from '@fast-check/vitest'
import {
  arange,
  array,
  dotGeneral,
  einsum,
  jit,
  kron,
  makeProgram,
  ones,
  ShapeError,
  type Tensor,
  vdot,
  vecdot,
} from '@linum/tensor'
import { describe, expect } from 'vitest'

const count = (shape: readonly number[]): Tensor => arange(shape.reduce((a, b) => a * b, 1)).reshape(shape)

describe('einsum', () => {
  const a = count([2, 3])
  const b = count([3, 2])

  test('says most products of arrays', () => {
    expect(einsum('ij,jk->ik', a, b).toArray()).toEqual(a.matmul(b).toArray())
    expect(einsum('ij,jk', a, b).toArray()).toEqual(a.matmul(b).toArray())
    expect(einsum('ij->ji', a).toArray()).toEqual(a.T.toArray())
    expect(einsum('ij->', a).item()).toBe(15)
    expect(einsum('ii', count([3, 3])).item()).toBe(12)
    expect(einsum('ii->i', count([3, 3])).toArray()).toEqual([0, 4, 8])
    expect(einsum('i,j', array([1, 2]), array([3, 4])).toArray()).toEqual([
      [3, 4],
      [6, 8],
    ])
    expect(einsum('...ij,...jk->...ik', ones([4, 1, 2, 3]), ones([5, 3, 6])).shape).toEqual([4, 5, 2, 6])
  })

  test('of bool asks whether some product holds', () => {
    const x = array([[true, false]])
    expect([einsum('ij,ij->i', x, x.logicalNot()).toArray(), einsum('ij,ij->i', x, x).dtype]).toEqual([[false], 'bool'])
  })

  test('multiplies in the cheapest order', () => {
    const program = makeProgram((x: Tensor, y: Tensor, z: Tensor) => einsum('ab,bc,cd->ad', x, y, z))(
      ones([50, 2]),
      ones([2, 50]),
      ones([50, 3]),
    )
    const dots = program.equations.filter((e) => e.primitive === 'dot_general')
    expect(dots.map((e) => e.outputs[0]!.aval.shape)).toEqual([[2, 3], expect.arrayContaining([50, 3])])
  })

  test('takes a chain of many operands', () => {
    const chain = Array.from({ length: 9 }, () =>
      array([
        [1, 1],
        [0, 1],
      ]),
    )
    expect(einsum('ab,bc,cd,de,ef,fg,gh,hi,ij->aj', ...chain).toArray()).toEqual([
      [1, 9],
      [0, 1],
    ])
  })

  test('refuses subscripts that do not fit', () => {
    expect(() => einsum('ij,jk->ik', a)).toThrow(
      new ShapeError(
        "einsum: there must be one term for each of 1 operands, got 'ij,jk->ik'; write subscripts as in 'ij,jk->ik'",
      ),
    )
    expect(() => einsum('ij,jk->ik', a, a)).toThrow(/axes named 'j' must have one extent, got 3 and 2/)
    expect(() => einsum('ii', a)).toThrow(/axes named 'i' must have one extent, got 2 and 3 in shape \(2, 3\)/)
    expect(() => einsum('ij->k', a)).toThrow(/a label 'k' that no operand has/)
    expect(() => einsum('ij->ii', a)).toThrow(/must name each label once/)
    expect(() => einsum('ijk', a)).toThrow(/must name the axes of an operand of shape \(2, 3\)/)
    expect(() => einsum('i1', a)).toThrow(/no list of letters/)
    expect(() => einsum(a as never)).toThrow(TypeError)
    expect(() => einsum('ij', [1] as never)).toThrow(TypeError)
  })
})

const letters = ['a', 'b', 'c', 'd'] as const
const extents: Readonly<Record<string, number>> = { a: 2, b: 3, c: 1, d: 2 }
const term = fc.array(fc.constantFrom(...letters), { maxLength: 3 }).map((t) => t.join(''))
const products = fc
  .array(term, { minLength: 1, maxLength: 4 })
  .chain((terms) =>
    fc
      .shuffledSubarray([...new Set(terms.join(''))])
      .map((out) => ({ terms, out: out.join(''), subscripts: `${terms.join(',')}->${out.join('')}` })),
  )

/** The definition: every assignment of numbers to letters. */
const direct = (xs: readonly Tensor[], terms: readonly string[], out: string): number[] => {
  const used = [...new Set(out + terms.join(''))]
  const offset = (labels: string, at: Readonly<Record<string, number>>): number =>
    [...labels].reduce((n, l) => n * extents[l]! + at[l]!, 0)
  const result = new Array<number>([...out].reduce((n, l) => n * extents[l]!, 1)).fill(0)
  const data = xs.map((x) => x.dataSync())
  const visit = (k: number, at: Record<string, number>): void => {
    if (k === used.length) {
      result[offset(out, at)]! += data.reduce((p, d, i) => p * d[offset(terms[i]!, at)]!, 1)
      return
    }
    for (let v = 0; v < extents[used[k]!]!; v++) visit(k + 1, { ...at, [used[k]!]: v })
  }
  visit(0, {})
  return result
}

test.prop([products], { numRuns: 60 })(
  'it is the sum over all letters that the result lacks',
  ({ terms, out, subscripts }) => {
    const xs = terms.map((t, i) =>
      count([...t].map((l) => extents[l]!))
        .mul(3 + i)
        .mod(5)
        .sub(2),
    )
    const run = (...ys: Tensor[]): Tensor => einsum(subscripts, ...ys)
    const want = direct(xs, terms, out).map((v) => v + 0)
    expect([...run(...xs).dataSync()].map((v) => v + 0)).toEqual(want)
    expect([...jit(run)(...xs).dataSync()].map((v) => v + 0)).toEqual(want)
  },
)

describe('other products', () => {
  test('vdot takes the elements in order, whatever the shapes', () => {
    expect(vdot(count([2, 3]), count([3, 2])).item()).toBe(55)
    expect(() => vdot(ones([2]), ones([3]))).toThrow(/one size, got shapes \(2,\) and \(3,\)/)
  })

  test('vecdot broadcasts all axes but one', () => {
    expect(vecdot(count([2, 3]), array([1, 1, 2])).toArray()).toEqual([5, 17])
    expect(
      count([2, 3])
        .vecdot(count([2, 1]), { axis: 0 })
        .toArray(),
    ).toEqual([3, 4, 5])
    expect(() => vecdot(ones([2]), ones([3]))).toThrow(/one extent along axis -1, got 2 and 3/)
    expect(() => vecdot(1, ones([3]))).toThrow(ShapeError)
  })

  test('kron puts the right operand into every element of the left', () => {
    expect(kron(array([1, 10]), array([1, 2, 3])).toArray()).toEqual([1, 2, 3, 10, 20, 30])
    expect(kron(array([[1, 2]]), array([1, 1])).toArray()).toEqual([[1, 1, 2, 2]])
  })

  test('dotGeneral gives the type that is preferred', () => {
    const x = array([100, 100], { dtype: 'int8' })
    const contract = [[0], [0]] as const
    expect(dotGeneral(x, x, { contract }).item()).toBe(32)
    const wide = dotGeneral(x, x, { contract, preferredElementType: 'int32' })
    expect([wide.dtype, wide.item()]).toEqual(['int32', 20000])
    expect(dotGeneral(x, x, { contract, preferredElementType: 'float32' }).item()).toBe(20000)
    for (const preferredElementType of ['uint32', 'bool'] as const)
      expect(() => dotGeneral(x, x, { contract, preferredElementType })).toThrow(/preferredElementType must be as wide/)
  })
})
