import { type Pullback, vjp } from '@linum/autodiff'
import { array, jit, ones, ShapeError, sin, StateError, type Tensor, type TensorLike, tree } from '@linum/tensor'
import { describe, expect, it } from 'vitest'

const numbers = (x: unknown): unknown => tree.map((t: Tensor) => t.toArray(), x)
const ints = (data: number[]): Tensor => array(data, { dtype: 'int32' })

describe('vjp', () => {
  it('gives the value and the way back', () => {
    const [out, back] = vjp((x: Tensor, y: Tensor) => x.mul(y), [array([1, 2]), array([3, 4])])
    expect(out.toArray()).toEqual([3, 8])
    expect(numbers(back(array([1, 10])))).toEqual([
      [3, 40],
      [1, 20],
    ])
  })

  it('gives a Jacobian, row by row, from one run of the function', () => {
    let runs = 0
    const f = (x: Tensor): Tensor => {
      runs++
      return x.mul(x.sum())
    }
    const [, back] = vjp(f, [array([1, 2, 3])])
    const rows = [0, 1, 2].map((i) => numbers(back(array([0, 1, 2].map((k) => Number(k === i))))))
    expect(rows).toEqual([[[7, 1, 1]], [[2, 8, 2]], [[3, 3, 9]]])
    expect(runs).toBe(1)
  })

  it('takes and gives trees', () => {
    const f = (p: { a: readonly [Tensor, Tensor]; n: null }): { product: Tensor; parts: readonly Tensor[] } => ({
      product: p.a[0].mul(p.a[1]),
      parts: p.a,
    })
    const [out, back] = vjp(f, [{ a: [array([1, 2]), array([3, 4])], n: null }])
    expect(numbers(out)).toEqual({
      product: [3, 8],
      parts: [
        [1, 2],
        [3, 4],
      ],
    })
    expect(numbers(back({ product: ones([2]), parts: [array([10, 20]), array([0, 0])] }))).toEqual([
      {
        a: [
          [13, 24],
          [1, 2],
        ],
        n: null,
      },
    ])
  })

  it('gives null for arguments that are no real numbers, and takes anything for such outputs', () => {
    const f = (x: Tensor, n: Tensor, flag: boolean, name: string): readonly [Tensor, Tensor, string] => [
      flag ? x.mul(n) : x,
      n.add(1),
      name,
    ]
    const [out, back] = vjp(f, [array([1, 2]), ints([3, 4]), true, 'a'])
    expect(numbers(out.slice(0, 2))).toEqual([
      [3, 8],
      [4, 5],
    ])
    expect(out[2]).toBe('a')
    const [dx, dn, dflag, dname] = back([ones([2]), ints([0, 0]), 'any']) as readonly unknown[]
    expect((dx as Tensor).toArray()).toEqual([3, 4])
    expect([dn, dflag, dname]).toEqual([null, null, null])
  })

  it('gives zeros for what is not used', () => {
    const [, back] = vjp((x: Tensor, _y: Tensor) => x.mul(2), [array([1, 2]), ones([2, 2])])
    expect(numbers(back(ones([2])))).toEqual([
      [2, 2],
      [
        [0, 0],
        [0, 0],
      ],
    ])
  })

  it('takes numbers for tensors, also as cotangents', () => {
    const [out, back] = vjp((x: TensorLike) => array(x).mul(3), [2])
    expect(out.item()).toBe(6)
    expect((back(5 as never) as readonly Tensor[])[0]!.item()).toBe(15)
  })

  it('hands out aux as it is', () => {
    const marker = new Date(0)
    const [out, back, aux] = vjp((x: Tensor) => [x.mul(2), { x, marker }] as const, [array([1, 2])], { hasAux: true })
    expect(out.toArray()).toEqual([2, 4])
    expect(aux.x.toArray()).toEqual([1, 2])
    expect(aux.marker).toBe(marker)
    expect(numbers(back(ones([2])))).toEqual([[2, 2]])
  })

  it('goes back through a jitted function, and is itself jitted', () => {
    const f = jit((x: Tensor) => sin(x).mul(x))
    const x = array([0.3, 2])
    const rows = (x: Tensor, ct: Tensor): readonly unknown[] => vjp(f, [x])[1](ct)
    const want = x.cos().mul(x).add(x.sin())
    for (const back of [rows, jit(rows)]) {
      const [got] = back(x, ones([2])) as readonly [Tensor]
      expect(got.sub(want).abs().max().item()).toBeLessThan(1e-6)
    }
  })

  it('the pullback of a pullback is the second derivative', () => {
    const first = (x: Tensor): Tensor =>
      (vjp((y: Tensor) => y.mul(y).mul(y), [x])[1](ones([2])) as readonly [Tensor])[0]
    const [out, back] = vjp(first, [array([1, 2])])
    expect(out.toArray()).toEqual([3, 12])
    expect(numbers(back(ones([2])))).toEqual([[6, 12]])
  })

  it('a pullback made inside a transform works inside it', () => {
    const f = jit((x: Tensor) => {
      const [out, back] = vjp((y: Tensor) => y.square(), [x])
      return (back(out) as readonly [Tensor])[0]
    })
    expect(f(array([2, 3])).toArray()).toEqual([16, 54])
  })
})

describe('errors of vjp', () => {
  const [, back] = vjp((x: Tensor) => ({ a: x, b: [x.sum(), x] as const }), [array([1, 2])])
  const call = back as unknown as (ct: unknown) => unknown

  it('a cotangent of another structure', () => {
    expect(() => call(ones([2]))).toThrow(
      new StateError('vjp: the cotangent must have the structure of the output, got * for {a: *, b: [*, *]}'),
    )
    expect(() => call({ a: ones([2]), b: [array(1)] })).toThrow(
      new StateError(
        'vjp: the cotangent must have the structure of the output, got {a: *, b: [*]} for {a: *, b: [*, *]}',
      ),
    )
  })

  it('a cotangent of another shape, or none', () => {
    expect(() => call({ a: ones([3]), b: [array(1), ones([2])] })).toThrow(
      new ShapeError("vjp: a cotangent must have the output's shape (2,), got (3,) at ['a']"),
    )
    expect(() => call({ a: 'x', b: [array(1), ones([2])] })).toThrow(
      new ShapeError("vjp: a cotangent must have the output's shape (2,), got string at ['a']"),
    )
  })

  it('aux that is not there', () => {
    expect(() => vjp((x: Tensor) => x as never, [ones([2])], { hasAux: true })).toThrow(
      new TypeError('vjp: with hasAux the function must return [output, aux], got object'),
    )
    expect(() => vjp((x: Tensor) => [x] as never, [ones([2])], { hasAux: true })).toThrow(
      new TypeError('vjp: with hasAux the function must return [output, aux], got an array of 1'),
    )
  })

  it('a function that returns a Promise', () => {
    expect(() => vjp(((x: Tensor) => Promise.resolve(x)) as never, [ones([2])] as never)).toThrow(
      /vjp: the function returned a Promise; transforms are synchronous/,
    )
  })

  it('a call after one that failed', () => {
    const pullback: Pullback<{ a: Tensor; b: readonly [Tensor, Tensor] }> = back
    expect(() => call(1)).toThrow(StateError)
    expect(numbers(pullback({ a: ones([2]), b: [array(1), ones([2])] }))).toEqual([[3, 3]])
  })
})
