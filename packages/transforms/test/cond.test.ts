import { BatchStat, Module, type Param, Variable } from '@linum/graph'
import { array, type Tensor, type TensorLike, zeros } from '@linum/tensor'
import { cond, grad, jit, switchCase } from '@linum/transforms'
import { describe, expect, it } from 'vitest'
import { counter, Foo, Linear, numbers, param, thrown } from './models.js'

class Env extends Module {
  state = new BatchStat(array(0, { dtype: 'int32' }))
  steps = counter()
}

describe('cond', () => {
  it('runs the branch that the predicate says, on the original objects', () => {
    const [a, b] = [param(1), param(2)]
    const m = new Foo({ a, b })
    const out = cond(
      true,
      (m: Foo) => {
        ;(m.a as Param).value = array(10)
        return (m.b as Param).add(1)
      },
      (m: Foo) => {
        ;(m.b as Param).value = array(20)
        return (m.a as Param).add(1)
      },
      m,
    )
    expect([numbers(a), numbers(b), out.item()]).toEqual([10, 2, 3])
    expect([m.a === a, m.b === b]).toEqual([true, true])
  })

  it('inside jit takes the branch of the moment, with one trace', () => {
    const env = new Env()
    const step = jit((env: Env, reset: TensorLike) => {
      cond(
        reset,
        (env: Env) => {
          env.state.value = array(0, { dtype: 'int32' })
        },
        (env: Env) => {
          env.state.update((s) => s.add(1))
        },
        env,
      )
      env.steps.update((n) => n.add(1))
    })
    const seen = [0, 0, 1, 0].map((reset) => {
      step(env, array(reset))
      return numbers(env.state)
    })
    expect([seen, numbers(env.steps)]).toEqual([[1, 2, 0, 1], 4])
  })

  it('a shared reference is written once, through every name', () => {
    const shared = param(0)
    const m = new Foo({ a: shared, b: shared })
    const add = (n: number) => (m: Foo) => {
      ;(m.a as Param).update((v) => v.add(n))
      ;(m.b as Param).update((v) => v.add(n + 1))
    }
    cond(array(1), add(1), add(10), m)
    expect([numbers(shared), m.a === m.b]).toEqual([3, true])
  })

  it('edits that all branches make appear outside, and so does what they return', () => {
    const m = new Foo({ a: param(1), old: param(2), flag: false })
    const { a } = m
    const out = cond(
      false,
      (m: Foo) => {
        delete m.old
        m.flag = true
        m.fresh = new Variable(array(1))
        return [m, m.a, new Linear(1, 2)] as const
      },
      (m: Foo) => {
        delete m.old
        m.flag = true
        m.fresh = new Variable(array(2))
        return [m, m.a, new Linear(1, 2)] as const
      },
      m,
    )
    expect([out[0] === m, out[1] === a, out[2] instanceof Linear]).toEqual([true, true, true])
    expect(['old' in m, m.flag, numbers(m.fresh)]).toEqual([false, true, 2])
  })

  it('has derivatives', () => {
    const f = (m: Foo, x: Tensor): Tensor =>
      cond(
        x.greater(0),
        (m: Foo, x: Tensor) => (m.a as Param).mul(x),
        (m: Foo, x: Tensor) => (m.a as Param).square().mul(x),
        m,
        x,
      )
    const g = (x: number): unknown => numbers(grad(f)(new Foo({ a: param(3) }), array(x))['a'])
    expect([g(2), g(-2)]).toEqual([2, -12])
  })

  it('branches that differ in structure are refused, with the paths', () => {
    const m = new Foo({ a: param(1), flag: true })
    const message = thrown(() =>
      cond(
        true,
        (m: Foo) => {
          m.flag = false
          m.extra = param(1)
        },
        () => undefined,
        m,
      ),
    )
    expect(message).toBe(
      'GraphError: cond: all branches must leave the same reference and pytree structure in their operands and results, but they differ:\n' +
        '  0/extra: Param, new in onTrue, nothing in onFalse\n' +
        '  0/flag: false in onTrue, true in onFalse\n' +
        'Make the change in every branch, before or after',
    )
    expect(Object.keys(m)).toEqual(['a', 'flag'])
  })

  it('a Variable of another type in one branch is refused, with the path', () => {
    const m = new Foo({ a: new Variable<Tensor>(zeros([2])) })
    const write = (value: Tensor) => (m: Foo) => {
      ;(m.a as Variable).value = value
    }
    expect(thrown(() => cond(true, write(zeros([2])), write(zeros([3])), m))).toBe(
      "ShapeError: cond: all branches must give the same types, got float32(2,) from onTrue and float32(3,) from onFalse at '0/a'",
    )
    expect(thrown(() => cond(true, write(zeros([2])), write(zeros([2], { dtype: 'int32' })), m))).toBe(
      "DtypeError: cond: all branches must give the same types, got float32(2,) from onTrue and int32(2,) from onFalse at '0/a'; convert it with astype",
    )
    expect((m.a as Variable).shape).toEqual([2])
  })

  it('a captured Variable may not be written', () => {
    const captured = param(1)
    expect(
      thrown(() =>
        cond(
          true,
          () => void captured.update((v) => v.add(1)),
          () => undefined,
        ),
      ),
    ).toMatch(/^TraceError: Cannot mutate Param from a different trace level/)
  })

  it('numbers that branches return become tensors, of one type', () => {
    const pick = (p: boolean): Tensor =>
      cond<readonly [], TensorLike>(
        p,
        () => array(1),
        () => 2,
      ) as Tensor
    expect([pick(true).item(), pick(false).item()]).toEqual([1, 2])
  })

  it('traces each branch once for calls with the same functions, and anew where it captures a tensor', () => {
    let traces = 0
    const m = new Foo({ a: param(0) })
    const up = (m: Foo): void => {
      traces++
      ;(m.a as Param).update((v) => v.add(1))
    }
    const keep = (): void => undefined
    for (let i = 0; i < 5; i++) cond(array(i % 2), up, keep, m)
    expect([numbers(m.a), traces]).toEqual([2, 2])
    const held = param(1)
    const read = (m: Foo): void => void (m.a as Param).update((v) => v.add(held))
    for (let i = 0; i < 5; i++) {
      cond(true, read, keep, m)
      held.value = held.value.mul(10)
    }
    expect(numbers(m.a)).toBe(11113)
  })
})

describe('switchCase', () => {
  it('runs the branch of that number, clamped, and updates the operands', () => {
    const m = new Foo({ a: param(1) })
    const branches = [1, 10, 100].map((n) => (m: Foo) => {
      ;(m.a as Param).update((v) => v.add(n))
      return n
    })
    const run = jit((i: TensorLike, m: Foo) => switchCase(i, branches, m))
    const seen = [0, 1, 2, 7, -1].map((i) => (run(array(i, { dtype: 'int32' }), m) as unknown as Tensor).item())
    expect([seen, numbers(m.a)]).toEqual([[1, 10, 100, 100, 1], 213])
    switchCase(2, branches, m)
    switchCase(1, branches, m)
    expect(numbers(m.a)).toBe(323)
  })

  it('names the branches that differ', () => {
    expect(thrown(() => switchCase(0, [() => param(1), () => param(1), (): unknown => new Linear(1, 1)]))).toContain(
      '  result: Param, new in branch 0, Linear, new in branch 2\n',
    )
    expect(thrown(() => switchCase(0, []))).toMatch(/^TypeError: switchCase: needs at least one branch/)
  })
})
