import { PathContains } from '@linum/filters'
import { mapState, Module, Param, type StateOf, type VariableState } from '@linum/graph'
import { array, cos, ones, sin, type Tensor, zeros } from '@linum/tensor'
import { customVjp, DiffState, grad, jit, traceCount } from '@linum/transforms'
import { describe, expect, it } from 'vitest'
import { Count, Foo, numbers, param, thrown } from './models.js'

class Wave extends Module {
  x = new Param(array(1))
  y = new Param(array(2))
}

describe('customVjp', () => {
  it('differentiates a function of a module by its rule, which may call the function', () => {
    const f: (m: Wave) => Tensor = customVjp(
      (m: Wave) => sin(m.x.value).mul(m.y),
      (m: Wave) => [f(m), [cos(m.x.value), sin(m.x.value), m] as const] as const,
      ([cosX, sinX, m], [[update], out]) => {
        expect(Object.keys(update)).toEqual(['x', 'y'])
        return [
          mapState(
            ([key], leaf) =>
              (leaf as VariableState).replace(key === 'x' ? cosX.mul(out).mul(m.y) : sinX.mul(out).mul(10)),
            update as never,
          ),
        ]
      },
    )
    const m = new Wave()
    expect(f(m).item()).toBeCloseTo(Math.sin(1) * 2, 6)
    const g = grad(f)(m)
    expect([numbers(g.x), numbers(g.y)]).toEqual([
      expect.closeTo(Math.cos(1) * 2, 5),
      // Ten times the derivative, which tells the rule from the function.
      expect.closeTo(Math.sin(1) * 10, 5),
    ])
  })

  it('state updates happen once, in a plain call as under grad and jit', () => {
    class Counted extends Wave {
      z = new Count(array(0, { dtype: 'int32' }))
    }
    const body = (m: Counted): Tensor => {
      m.z.update((z) => z.add(1))
      return m.x.mul(m.y)
    }
    const f = customVjp(
      body,
      (m: Counted) => [body(m), [m.x.value, m.y.value] as const] as const,
      ([x, y], [, out]) => [{ x: y.mul(out), y: x.mul(out) }],
    )
    const m = new Counted()
    f(m)
    expect(numbers(m.z)).toBe(1)
    const g = grad(f)(m)
    expect([numbers(m.z), numbers(g.x), numbers(g.y)]).toEqual([2, 2, 1])
    const step = jit((m: Counted) => grad(f)(m))
    step(m)
    step(m)
    expect([numbers(m.z), traceCount(step)]).toEqual([4, 1])
  })

  it('nondiffArgnums: a position is handed to the rule, DiffState picks Variables', () => {
    const f = customVjp(
      (mode: string, m: Wave, x: Tensor) => (mode === 'up' ? m.x.mul(x) : m.y.mul(x)),
      (mode, m, x) => [mode === 'up' ? m.x.mul(x) : m.y.mul(x), m] as const,
      (mode, m, [inputs, out]) => {
        expect([mode, inputs.length, inputs[1]]).toEqual(['up', 2, null])
        return [{ x: out.mul(100) }, m.x.mul(out)]
      },
      { nondiffArgnums: [0, new DiffState(1, PathContains('x'))] },
    )
    const m = new Wave()
    const [gm, gx] = grad(f, { argnums: [new DiffState(1, PathContains('x')), 2] })('up', m, array(5)) as readonly [
      { readonly x: VariableState },
      Tensor,
    ]
    expect([numbers(gm.x), gx.item()]).toEqual([100, 1])
  })

  it('a cotangent that does not fit is refused, with the path', () => {
    const make = (bwd: () => readonly unknown[]): string =>
      thrown(() =>
        grad(
          customVjp(
            (m: Wave) => m.x.mul(m.y),
            (m: Wave) => [m.x.mul(m.y), null] as const,
            bwd,
          ),
        )(new Wave()),
      )
    expect(make(() => [{ x: ones([2]), y: array(1) }])).toBe(
      "ShapeError: customVjp(anonymous): the cotangent that bwd returned for argument 0 at 'x' must have the shape of what it belongs to, got (2,) for ()",
    )
    expect(make(() => [{ x: array(1) }])).toMatch(/^StateError: .* for argument 0 at 'y' is missing/)
    expect(make(() => [{ x: array(1), y: array(1), z: array(1) }])).toMatch(/^StateError: .* has a value at 'z'/)
    expect(make(() => [])).toMatch(
      /^StateError: .*: bwd must return an array of one cotangent per argument, 1 in all, got an array of 0/,
    )
    expect(make(() => [{ x: array(1, { dtype: 'int32' }), y: null }])).toMatch(
      /^DtypeError: .* at 'x' must have the dtype/,
    )
  })

  it('null is no cotangent, for a Variable or a whole module', () => {
    const f = customVjp(
      (m: Wave, x: Tensor) => m.x.mul(m.y).mul(x),
      (m, x) => [m.x.mul(m.y).mul(x), null] as const,
      (_, [, out]) => [null, out.mul(7)],
    )
    const [g, gx] = grad(f, { argnums: [0, 1] })(new Wave(), array(3)) as readonly [StateOf<Wave, Param>, Tensor]
    expect([numbers(g.x), numbers(g.y), gx.item()]).toEqual([0, 0, 7])
  })

  it('fwd must leave what the function leaves', () => {
    const f = customVjp(
      (m: Foo) => (m.a as Param).mul(1),
      (m: Foo) => {
        m.extra = true
        return [(m.a as Param).mul(1), null] as const
      },
      () => [null],
    )
    const m = new Foo({ a: param(1) })
    expect(thrown(() => grad(f)(m))).toBe(
      'GraphError: customVjp(anonymous): fwd must leave the same reference and pytree structure as the function, but they differ:\n' +
        '  0/0/extra: nothing in the function, true in fwd',
    )
    expect(Object.keys(m)).toEqual(['a'])
    expect(
      thrown(() =>
        customVjp(
          (x: Tensor) => x,
          (x) => [x, null] as const,
          () => [null],
          { nondiffArgnums: [0, 0] },
        ),
      ),
    ).toBe('RangeError: customVjp(anonymous): argnum 0 is repeated in nondiffArgnums')
    expect(
      thrown(() =>
        grad(
          customVjp(
            (x: Tensor) => x,
            ((x: Tensor) => x) as never,
            () => [null],
          ),
        )(zeros([])),
      ),
    ).toMatch(/^StateError: customVjp\(anonymous\): fwd must return a pair/)
  })
})
