import { BatchStat, Param, Rngs, split, state, Variable } from '@linum/graph'
import { array, ones, type Tensor, zeros } from '@linum/tensor'
import { grad, jit, jvp, vjp } from '@linum/transforms'
import { describe, expect, it } from 'vitest'
import { counter, Foo, Linear, Net, numbers, param, thrown } from './models.js'

const f = (m: Linear, x: Tensor): Tensor => m.forward(x)

describe('vjp', () => {
  it('gives the value and the way back, for modules a State', () => {
    const m = new Linear(2, 3)
    const x = array([[1, 2]])
    const [out, back] = vjp(f, [m, x])
    const [gm, gx] = back(ones([1, 3]))
    expect(out.toArray()).toEqual([[3, 3, 3]])
    expect([numbers(gm.w), numbers(gm.b), gx.toArray()]).toEqual([
      [
        [1, 1, 1],
        [2, 2, 2],
      ],
      [1, 1, 1],
      [[3, 3]],
    ])
    const [twice] = back(ones([1, 3]).mul(2))
    expect(numbers(twice.b)).toEqual([2, 2, 2])
  })

  it('is grad for a scalar, and updates happen once', () => {
    const loss = (net: Net, x: Tensor): Tensor => net.forward(x).square().mean()
    const [one, two] = [new Net({ rngs: new Rngs(0) }), new Net({ rngs: new Rngs(0) })]
    const [, back] = vjp(loss, [one, ones([2, 3])])
    const [g] = back(array(1))
    back(array(1))
    expect(numbers(g.first.w)).toEqual(numbers(grad(loss)(two, ones([2, 3])).first.w))
    expect([numbers(one.calls), numbers(one.mean)]).toEqual([1, numbers(two.mean)])
  })

  it('wrt chooses by class, integers have none, aux may hold modules', () => {
    const m = new Foo({ a: param(2), s: new BatchStat(array(3)), n: counter() })
    const product = (m: Foo, k: Tensor): readonly [Tensor, Foo] => {
      ;(m.n as Variable<Tensor>).update((n) => n.add(1))
      return [(m.a as Param).mul(m.s as BatchStat).mul(k), new Foo({ inner: m })]
    }
    const [out, back, aux] = vjp(product, [m, array(2, { dtype: 'int32' })], { wrt: Variable, hasAux: true })
    const [g, gk] = back(array(1)) as readonly [Record<string, unknown>, unknown]
    expect([out.item(), numbers(g['a']), numbers(g['s']), 'n' in g, gk]).toEqual([12, 6, 4, false, null])
    expect([aux.inner === m, numbers(m.n)]).toEqual([true, 1])
  })

  it('refuses outputs that are no tensors and cotangents of another structure', () => {
    const m = new Linear(1, 1)
    expect(thrown(() => vjp((m: Linear) => m, [m]))).toBe(
      'GraphError: vjp: the output must be of tensors, got a Linear; return it as aux, with { hasAux: true }',
    )
    expect(thrown(() => vjp((m: Linear) => [m.w.value, 'a'] as const, [m]))).toMatch(
      /^TypeError: vjp: the output must be of tensors, got string/,
    )
    expect(thrown(() => vjp((m: Linear) => m.w.value, [m], { hasAux: true } as never))).toMatch(
      /^TypeError: vjp: with hasAux/,
    )
    const [, back] = vjp((m: Linear) => [m.w.value, m.b.value] as const, [m])
    expect(thrown(() => back([ones([1, 1])] as never))).toMatch(
      /^StateError: vjp: the cotangent must have the structure/,
    )
  })

  it('works inside jit', () => {
    const m = new Linear(2, 1)
    const g = jit((m: Linear, x: Tensor) => vjp(f, [m, x])[1](ones([1, 1]))[0])(m, ones([1, 2]))
    expect(numbers(g.w)).toEqual([[1], [1]])
  })
})

describe('jvp', () => {
  it('gives the value and the derivative along tangents of modules and tensors', () => {
    const m = new Linear(2, 1)
    const [, move] = split(new Linear(2, 1))
    const [out, dout] = jvp(f, [m, array([[1, 2]])], [move, array([[10, 0]])])
    // dx @ w + x @ dw + db
    expect([out.toArray(), dout.toArray()]).toEqual([[[3]], [[13]]])
  })

  it('what is left out does not move; a module of tangents is as good as a State', () => {
    const m = new Linear(2, 1)
    const along = (move: object | null): unknown =>
      jvp((m: Linear) => m.forward(ones([1, 2])), [m], [move as object])[1].toArray()
    expect(along({ b: ones([1]).mul(3) })).toEqual([[3]])
    expect(along(new Linear(2, 1))).toEqual([[2]])
    expect(along(state(new Linear(2, 1), Param))).toEqual([[2]])
    expect(along(null)).toEqual([[0]])
  })

  it('updates happen once, aux comes along', () => {
    const net = new Net({ rngs: new Rngs(0) })
    const [, , aux] = jvp(
      (net: Net, x: Tensor) => [net.forward(x), net] as const,
      [net, ones([1, 3])],
      [{}, zeros([1, 3])],
      {
        hasAux: true,
      },
    )
    expect([aux === net, numbers(net.calls)]).toEqual([true, 1])
  })

  it('a tangent that does not fit is refused, with the path', () => {
    const m = new Linear(2, 1)
    const along = (move: object): string => thrown(() => jvp((m: Linear) => m.w.value, [m], [move]))
    expect(along({ w: ones([2]) })).toBe(
      "ShapeError: jvp: a tangent must have its primal's shape, got (2,) for (2, 1) at argument 0 at w",
    )
    expect(along({ other: ones([1]) })).toMatch(/^StateError: jvp: the tangent of argument 0 has a value at 'other'/)
    expect(thrown(() => jvp((m: Linear) => m.w.value, [m], [] as never))).toMatch(
      /^TypeError: jvp: there must be one tangent per argument/,
    )
  })
})
