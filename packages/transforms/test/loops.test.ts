import { Module, type Param, Rngs, Variable } from '@linum/graph'
import { array, eye, ones, type Tensor, zeros } from '@linum/tensor'
import { foriLoop, grad, jit, traceCount, whileLoop } from '@linum/transforms'
import { describe, expect, it } from 'vitest'
import { Count, Foo, Linear, numbers, param, thrown } from './models.js'

const int = (n: number): Tensor => array(n, { dtype: 'int32' })

class Doubler extends Module {
  w = new Linear(2, 2)
  calls = new Count(int(0))
  forward(x: Tensor): Tensor {
    this.calls.update((n) => n.add(1))
    return this.w.forward(x)
  }
}

describe('whileLoop', () => {
  it('carries a module, whose Variables change from step to step', () => {
    const m = new Doubler()
    const { calls } = m
    const [same, y, left] = whileLoop(
      ([, , n]) => n.greater(0),
      ([m, x, n]): readonly [Doubler, Tensor, Tensor] => [m, m.forward(x), n.sub(1)],
      [m, ones([2]), int(3)] as readonly [Doubler, Tensor, Tensor],
    )
    expect(same).toBe(m)
    expect([numbers(calls), m.calls === calls, y.toArray(), left.item()]).toEqual([3, true, [8, 8], 0])
  })

  it('runs not once where the test fails at first', () => {
    const m = new Foo({ a: param(1) })
    whileLoop(
      () => false,
      (m: Foo) => {
        ;(m.a as Param).update((v) => v.add(1))
        return m
      },
      m,
    )
    expect(numbers(m.a)).toBe(1)
  })

  it('an object that is in the value twice stays one object', () => {
    const m = new Foo({ a: param(0) })
    const [n, a, b] = whileLoop(
      ([n]) => n.less(3),
      ([n, a, b]): readonly [Tensor, Foo, Foo] => {
        ;(a.a as Param).update((v) => v.add(1))
        ;(b.a as Param).update((v) => v.add(10))
        return [n.add(1), a, b]
      },
      [int(0), m, m] as readonly [Tensor, Foo, Foo],
    )
    expect([n.item(), a === m, b === m, numbers(m.a)]).toEqual([3, true, true, 33])
  })

  it('inside jit, and a random stream that moves on', () => {
    const rngs = new Rngs(0)
    const walk = jit((rngs: Rngs, n: Tensor) =>
      whileLoop(
        ([, n]) => n.greater(0),
        ([rngs, n, x]): readonly [Rngs, Tensor, Tensor] => [rngs, n.sub(1), x.add(rngs.normal([]))],
        [rngs, n, zeros([])] as readonly [Rngs, Tensor, Tensor],
      ),
    )
    const [same, , x] = walk(rngs, int(4))
    const twin = new Rngs(0)
    const want = Array.from({ length: 4 }, () => Number(twin.normal([]).item())).reduce((a, b) => a + b, 0)
    expect(same).toBe(rngs)
    expect(x.item()).toBeCloseTo(want, 5)
    expect(numbers(rngs.stream('default').count)).toBe(4)
  })

  it('replaced objects, new attributes and changed static values are refused, with the paths', () => {
    const reference =
      /requires body function's input and output to have the same reference and pytree structure, but they differ:\n/
    const loop = (body: (m: Foo) => Foo): string =>
      thrown(() => whileLoop(() => false, body, new Foo({ a: param(1), flag: true })))
    const replaced = loop((m) => {
      m.a = param(2)
      return m
    })
    expect(replaced).toMatch(reference)
    expect(replaced).toMatch(/^GraphError: whileLoop/)
    expect(replaced).toContain('\n  a: Param before, Param, new after\n')
    expect(loop((m) => new Foo({ a: m.a, flag: true }))).toContain('\n  the value: Foo before, Foo, new after\n')
    expect(loop((m) => Object.assign(m, { b: 1 }))).toContain('\n  b: nothing before, 1 after\n')
    expect(loop((m) => Object.assign(m, { flag: false }))).toContain('\n  flag: true before, false after\n')
    expect(loop((m) => Object.assign(m, { b: m.a }))).toContain('\n  b: nothing before, the same object as a after\n')
  })

  it('a changed type is refused, with the path', () => {
    const loop = (value: Tensor): string =>
      thrown(() =>
        whileLoop(
          () => false,
          (m: Foo) => {
            ;(m.a as Variable).value = value
            return m
          },
          new Foo({ a: new Variable(zeros([2])) }),
        ),
      )
    expect(loop(zeros([3]))).toBe(
      "ShapeError: whileLoop: the carry must keep its types, got float32(3,) for float32(2,) at 'a'",
    )
    expect(loop(zeros([2], { dtype: 'int32' }))).toBe(
      "DtypeError: whileLoop: the carry must keep its types, got int32(2,) for float32(2,) at 'a'; convert it with astype",
    )
  })

  it('a test that writes is refused', () => {
    const m = new Foo({ a: param(1) })
    const test = (m: Foo): Tensor => (m.a as Param).update((v) => v.add(1)).less(10)
    expect(thrown(() => whileLoop(test, (m) => m, m))).toBe(
      "GraphError: whileLoop: the test must not change the value, but it wrote 'a'; do that in the body",
    )
    const edit = (m: Foo): boolean => {
      m.b = 1
      return false
    }
    expect(thrown(() => whileLoop(edit, (m) => m, m))).toContain('\n  b: nothing before, 1 after\n')
    expect(Object.keys(m)).toEqual(['a'])
  })
})

describe('foriLoop', () => {
  it('counts, and carries a module', () => {
    const m = new Linear(10, 10)
    const [same, y] = foriLoop(
      2,
      4,
      (i, [m, x]): readonly [Linear, Tensor] => {
        m.w.value = eye(10).mul(i)
        return [m, m.forward(x)]
      },
      [m, ones([10])] as readonly [Linear, Tensor],
    )
    expect([same === m, y.toArray()]).toEqual([true, Array.from({ length: 10 }, () => 6)])
    expect(m.w.toArray()).toEqual(eye(10).mul(3).toArray())
  })

  it('has derivatives where the bounds are numbers', () => {
    const f = (m: Foo): Tensor => foriLoop(0, 3, (_, x: Tensor) => x.mul(m.a as Param), ones([]))
    expect(numbers(grad(f)(new Foo({ a: param(2) }))['a'])).toBe(12)
  })

  it('takes tensors for bounds', () => {
    const m = new Foo({ a: param(0) })
    const run = jit((m: Foo, n: Tensor) =>
      foriLoop(
        0,
        n,
        (i, m: Foo) => {
          ;(m.a as Param).update((v) => v.add(i))
          return m
        },
        m,
      ),
    )
    run(m, int(4))
    run(m, int(5))
    expect([numbers(m.a), traceCount(run)]).toEqual([16, 1])
  })

  it('numbers and booleans in the value: numbers are tensors, booleans stay', () => {
    expect(foriLoop(0, 4, (_, x) => (x as unknown as Tensor).mul(2) as never, 1) as unknown).toMatchObject({
      dtype: 'float32',
    })
    expect(thrown(() => foriLoop(0, 4, (_, x) => !x, true))).toContain('\n  the value: true before, false after\n')
  })

  it('no step at all gives back what came in', () => {
    const m = new Foo({ a: param(5) })
    expect(foriLoop(3, 3, (_, m) => m, m)).toBe(m)
    expect(numbers(m.a)).toBe(5)
  })

  it('traces the body once for calls with the same function', () => {
    let traces = 0
    const body = (i: Tensor, m: Foo): Foo => {
      traces++
      ;(m.a as Param).update((v) => v.add(i))
      return m
    }
    const m = new Foo({ a: param(0) })
    for (let k = 0; k < 6; k++) foriLoop(0, 3, body, m)
    expect([numbers(m.a), traces]).toEqual([18, 2])
  })
})
