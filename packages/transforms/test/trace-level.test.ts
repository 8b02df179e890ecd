import { array, ones, type Tensor, TraceError } from '@linum/tensor'
import { currentTrace } from '@linum/tensor/core'
import { Param, Rngs, state, Variable } from '@linum/graph'
import { grad, jit, traceCount, valueAndGrad } from '@linum/transforms'
import { describe, expect, it } from 'vitest'
import { Count, counter, Foo, Linear, Net, numbers, param, StatefulLinear, thrown } from './models.js'

const advice = 'pass the object that holds it to the transformed function as an argument'
const x = (): Tensor => array([1])

describe('captured objects', () => {
  it('may be read', () => {
    const m = new Linear(2, 2)
    const f = jit((x: Tensor) => m.forward(x).mul(m.dout))
    expect(f(ones([1, 2])).toArray()).toEqual([[4, 4]])
    expect(grad((x: Tensor) => m.forward(x).sum())(ones([1, 2])).toArray()).toEqual([[2, 2]])
    expect(jit((p: Param) => grad((q: Param) => q.mul(p).sum())(p.copy()))(param(3)).value.item()).toBe(3)
  })

  it('may not be written, and are not', () => {
    const p = param(1)
    const writes: readonly (() => unknown)[] = [
      () => {
        p.value = array(2)
      },
      () => p.set(array(2)),
      () => p.update((v) => v.add(1)),
      () => p.setRaw(array(2)),
      () => p.copyFrom(param(2)),
      () => p.setMetadata({ a: 1 }),
    ]
    for (const write of writes) {
      for (const run of [
        jit((x: Tensor) => (write(), x.sum())),
        grad((x: Tensor) => (write(), x.sum())),
        valueAndGrad((x: Tensor) => (write(), x.sum())),
      ]) {
        expect(thrown(() => run(x()))).toBe(`TraceError: Cannot mutate Param from a different trace level; ${advice}`)
      }
    }
    expect([numbers(p), p.metadata]).toEqual([1, {}])
    expect(currentTrace()).toBeNull()
  })

  it('are named by their class: a module that counts, streams of keys', () => {
    const [m, rngs] = [new StatefulLinear(1, 1), new Rngs(0)]
    expect(thrown(() => jit((x: Tensor) => m.forward(x))(ones([1, 1])))).toBe(
      `TraceError: Cannot mutate Count from a different trace level; ${advice}`,
    )
    expect(thrown(() => jit((x: Tensor) => rngs.normal([1]).add(x))(x()))).toBe(
      `TraceError: Cannot mutate RngCount from a different trace level; ${advice}`,
    )
    expect(numbers(rngs.stream().count)).toBe(0)
  })

  it('may not be returned', () => {
    const m = new Linear(1, 1)
    const words = `TraceError: Cannot extract graph node from different trace level, got Param; ${advice}`
    expect(thrown(() => jit((_: Tensor) => m)(x()))).toBe(words)
    expect(thrown(() => jit((_: Tensor) => [m.w])(x()))).toBe(words)
    expect(thrown(() => grad((x: Tensor) => [x.sum(), m] as const, { hasAux: true })(x()))).toBe(words)
  })

  it('may not be put into an argument', () => {
    const [m, p] = [new Foo(), param(1)]
    expect(
      thrown(() =>
        jit((m: Foo) => {
          m.p = p
        })(m),
      ),
    ).toBe(`TraceError: Cannot extract graph node from different trace level, got Param; ${advice}`)
    expect('p' in m).toBe(false)
  })

  it('inside a nested transform are those of the outer one', () => {
    const f = (m: Foo): unknown =>
      jit((y: Tensor) => {
        ;(m.p as Param).value = y
        return y
      })(x())
    expect(thrown(() => jit(f)(new Foo({ p: param(1) })))).toBe(
      `TraceError: Cannot mutate Param from a different trace level; ${advice}`,
    )
  })
})

describe('a jitted function', () => {
  it('that writes to several Variables writes to none where one may not be written', () => {
    const both = jit((a: Param, b: Param) => {
      a.update((v) => v.add(1))
      b.update((v) => v.add(1))
    })
    both(param(1), param(1))
    const captured = param(1)
    const own = jit((p: Param) => {
      expect(() => both(p, captured)).toThrow(TraceError)
      return p.mul(10)
    })
    expect(own(param(2)).item()).toBe(20)
    expect(numbers(captured)).toBe(1)
  })

  it('that closes over a traced value is traced anew for each', () => {
    const held: { y: Tensor } = { y: array([100]) }
    const inner = jit((x: Tensor) => x.add(held.y))
    const outer = jit((x: Tensor) => {
      held.y = x.mul(10)
      return inner(x)
    })
    expect(outer(array([1])).toArray()).toEqual([11])
    expect(outer(array([1, 2])).toArray()).toEqual([11, 22])
    held.y = array([1000])
    expect(inner(array([1])).toArray()).toEqual([1001])
    expect(traceCount(inner)).toBe(3)
  })
})

describe('objects of a transform that has ended', () => {
  it('may not be written', () => {
    let kept: Foo | undefined
    jit((m: Foo) => {
      kept = m
    })(new Foo({ p: param(1) }))
    expect(
      thrown(() => {
        ;(kept!.p as Param).value = array(2)
      }),
    ).toBe(`TraceError: Cannot mutate Param from a different trace level; ${advice}`)
  })

  it('cannot be read as numbers', () => {
    let kept: Variable | undefined
    jit((m: Foo) => {
      kept = m.p as Param
    })(new Foo({ p: param(1) }))
    expect(() => kept!.value.item()).toThrow(/a traced value of shape \(\) has no elements inside jit\(anonymous\)/)
    expect(thrown(() => kept!.add(1))).toMatch(
      /^TraceError: jit\(anonymous\): a traced value of shape \[\] \(an argument\) was used after its transform had ended/,
    )
  })
})

describe('a traced value that is stored on a captured Module', () => {
  const leak = (): Foo => {
    const m = new Foo({ part: new Foo() })
    jit(function step(x: Tensor) {
      ;(m.part as Foo).last = x.mul(2)
      return x
    })(ones([2]))
    return m
  }

  it('is reported, with its place, when the Module is an argument next', () => {
    const words =
      'argument 1 at part/last holds a traced value of jit(step), which has ended; return it from the function instead of storing it on an object from outside'
    expect(
      thrown(() =>
        jit(function next(_: Tensor, m: Foo) {
          return m.part
        })(x(), leak()),
      ),
    ).toBe(`TraceError: jit(next): ${words}`)
    expect(thrown(() => grad((x: Tensor, _m: Foo) => x.sum())(x(), leak()))).toBe(`TraceError: grad: ${words}`)
  })

  it('is reported also where the function was traced before', () => {
    const next = jit((m: Foo) => (m.part as Foo).last)
    const m = new Foo({ part: new Foo({ last: ones([2]) }) })
    next(m)
    next(m)
    ;(m.part as Foo).last = (leak().part as Foo).last
    expect(thrown(() => next(m))).toMatch(
      /^TraceError: jit\(anonymous\): argument 0 at part\/last holds a traced value of jit\(step\), which has ended/,
    )
  })

  it('is reported when it is used', () => {
    const value = (leak().part as Foo).last as Tensor
    expect(thrown(() => value.add(1))).toBe(
      'TraceError: jit(step): a traced value of shape [2] (the result of mul, operation 1 of the function) was used after its transform had ended; return it from the function instead of storing it outside',
    )
  })

  it('is reported in a captured Module as well', () => {
    const m = leak()
    expect(() => jit((x: Tensor) => x.add((m.part as Foo).last as Tensor))(ones([2]))).toThrow(TraceError)
  })
})

describe('nesting', () => {
  it('jit in jit carries updates through both', () => {
    const inner = jit((m: StatefulLinear, x: Tensor) => m.forward(x))
    const outer = jit((m: StatefulLinear, x: Tensor) => inner(m, inner(m, x)).sum())
    const m = new StatefulLinear(2, 2)
    expect(outer(m, ones([1, 2])).item()).toBe(8)
    expect(outer(m, ones([1, 2])).item()).toBe(8)
    expect(numbers(m.count)).toBe(4)
    expect([traceCount(inner), traceCount(outer)]).toEqual([1, 1])
    expect(inner(m, ones([1, 2])).toArray()).toEqual([[2, 2]])
    expect(traceCount(inner)).toBe(1)
  })

  it('jit in jit carries edits through both', () => {
    const inner = jit((m: Foo) => {
      m.inner = param(1)
      m.me = m
      return m
    })
    const outer = jit((m: Foo) => {
      const same = inner(m) === m
      ;(m.inner as Param).update((v) => v.add(1))
      m.outer = m.inner
      return same
    })
    const m = new Foo()
    expect(outer(m)).toBe(true)
    expect([m.me === m, m.outer === m.inner, numbers(m.inner)]).toEqual([true, true, 2])
  })

  it('grad in jit: gradients, and the updates of the forward pass', () => {
    const net = new Net({ rngs: new Rngs(0) })
    const loss = (net: Net, x: Tensor): Tensor => net.forward(x).square().mean()
    const eager = new Net({ rngs: new Rngs(0) })
    const [value, grads] = valueAndGrad(loss)(eager, ones([2, 3]))
    const [jittedValue, jittedGrads] = jit((net: Net, x: Tensor) => valueAndGrad(loss)(net, x))(net, ones([2, 3]))
    expect(jittedValue.item()).toBe(value.item())
    expect(numbers(jittedGrads.first.w)).toEqual(numbers(grads.first.w))
    expect([numbers(net.calls), numbers(net.mean), numbers(net.rngs.stream().count)]).toEqual([
      1,
      numbers(eager.mean),
      3,
    ])
  })

  it('jit in grad: gradients, and the updates of the jitted function', () => {
    const forward = jit((net: Net, x: Tensor) => net.forward(x))
    const [plain, jitted] = [new Net({ rngs: new Rngs(0) }), new Net({ rngs: new Rngs(0) })]
    const want = grad((net: Net) =>
      net
        .forward(ones([2, 3]))
        .square()
        .mean(),
    )(plain)
    const got = [0, 1, 2].map(() =>
      grad((net: Net) =>
        forward(net, ones([2, 3]))
          .square()
          .mean(),
      )(jitted),
    )
    expect(numbers(got[0]!.first.w)).toEqual(numbers(want.first.w))
    expect(numbers(jitted.calls)).toBe(3)
    expect(traceCount(forward)).toBe(1)
    expect(jitted.calls.value.concrete).toBe(true)
  })

  it('grad in grad', () => {
    const m = new Foo({ p: param(3), calls: counter() })
    const cube = (m: Foo): Tensor => {
      ;(m.calls as Count).update((n) => n.add(1))
      const p = m.p as Param
      return p.mul(p).mul(p)
    }
    const second = grad((m: Foo) => (grad(cube)(m) as unknown as { p: Param }).p.value)(m) as unknown as { p: Param }
    expect(second.p.value.item()).toBe(18)
    expect(numbers(m.calls)).toBe(1)
  })

  it('objects made inside one transform may be written by it, also after a nested one', () => {
    const f = jit((x: Tensor) => {
      const m = new Foo({ p: new Param(x) })
      jit((m: Foo) => {
        ;(m.p as Param).update((v) => v.add(1))
      })(m)
      ;(m.p as Param).update((v) => v.mul(10))
      return state(m) as unknown as { p: Param }
    })
    expect(numbers(f(array([1])).p)).toEqual([20])
  })
})

describe('a function that returns a Promise', () => {
  it('is refused by each transform', () => {
    const load = async (m: Linear): Promise<Linear> => m
    const words = 'the function returned a Promise; transforms are synchronous, so await before or after'
    const m = new Linear(1, 1)
    expect(thrown(() => jit(load)(m))).toBe(`TraceError: jit(load): ${words}`)
    expect(thrown(() => grad(load as never)(m as never))).toBe(`TraceError: grad(load): ${words}`)
    expect(thrown(() => valueAndGrad(load as never, { hasAux: true })(m as never))).toBe(
      `TraceError: valueAndGrad(load): ${words}`,
    )
  })
})
