import { array, ones, type Tensor, type TensorLike, zeros } from '@linum/tensor'
import { clone, Param, Rngs, type Structural, Variable } from '@linum/graph'
import { jit, lower, traceCount } from '@linum/transforms'
import { describe, expect, it, vi } from 'vitest'
import { Count, Foo, Linear, Net, numbers, param } from './models.js'

/** The trace count after each of these calls. */
const counts = <A extends readonly unknown[] | []>(
  f: (...args: A) => unknown,
  ...calls: readonly (() => A)[]
): readonly number[] =>
  calls.map((args) => {
    f(...args())
    return traceCount(f)
  })

const changing = (m: Foo, f: (m: Foo) => void) => (): [Foo] => {
  f(m)
  return [m]
}

describe('a function is traced again', () => {
  it('for another structure, static value or metadata; not for another value or an equal object', () => {
    const make = (): Foo => new Foo({ layer: new Linear(2, 3), flag: true })
    const m = make()
    const f = jit((m: Foo) => (m.layer as Linear).w.sum())
    const layer = (m: Foo): Linear => m.layer as Linear
    const dress = (m: Foo): void => {
      layer(m).w.setMetadata({ sharding: 'x' })
      m.alias = layer(m)
    }
    expect(
      counts(
        f,
        () => [m],
        () => [m],
        changing(m, (m) => {
          m.flag = false
        }),
        changing(m, (m) => {
          m.flag = true
        }),
        changing(m, (m) => layer(m).w.setMetadata({ sharding: 'x' })),
        changing(m, (m) => {
          layer(m).w.value = zeros([2, 3])
        }),
        changing(m, (m) => {
          m.alias = m.layer
        }),
        changing(make(), dress),
      ),
    ).toEqual([1, 1, 2, 2, 3, 3, 4, 4])
  })

  it('once for each order of two parts of different types that are swapped at each call, not at all for equal types', () => {
    const swap = (): ((m: Foo) => void) =>
      jit((m: Foo) => {
        ;[m.a, m.b] = [m.b, m.a]
      })
    const different = new Foo({ a: new Linear(1, 1), b: new Linear(2, 2) })
    const equal = new Foo({ a: new Linear(1, 1), b: new Linear(1, 1) })
    expect(counts(swap(), ...Array.from({ length: 4 }, () => (): [Foo] => [different]))).toEqual([1, 2, 2, 2])
    expect(counts(swap(), ...Array.from({ length: 4 }, () => (): [Foo] => [equal]))).toEqual([1, 1, 1, 1])
  })

  it('for another shape, dtype or class of a leaf', () => {
    const f = jit((m: Foo) => (m.p as Param).add(1))
    const m = (p: unknown) => (): [Foo] => [new Foo({ p })]
    expect(
      counts(
        f,
        m(new Param(ones([2]))),
        m(new Param(ones([3]))),
        m(new Param(ones([2]))),
        m(new Param(ones([2], { dtype: 'int32' }))),
        m(new Count(ones([2]))),
        m(ones([2])),
        m(new Param(zeros([2]))),
      ),
    ).toEqual([1, 2, 2, 3, 4, 5, 5])
  })

  it('for another form of a value that holds several tensors', () => {
    const f = jit((v: Variable<object>) => Object.keys(v.value))
    const x = ones([1])
    expect([{ a: x }, { b: x }, { a: x }].map((value) => f(new Variable<object>(value)))).toEqual([['a'], ['b'], ['a']])
    expect(traceCount(f)).toBe(2)
  })

  it('for another sharing within or across arguments', () => {
    const [a, b] = [param(1), param(2)]
    const f = jit((x: Param, y: Param, m: Foo) => x.add(y).add(m.p as Param))
    expect(
      counts(
        f,
        () => [a, b, new Foo({ p: param(3) })],
        () => [b, a, new Foo({ p: param(3) })],
        () => [a, a, new Foo({ p: param(3) })],
        () => [a, b, new Foo({ p: b })],
        () => [b, a, new Foo({ p: a })],
        () => [a, b, new Foo({ p: a })],
      ),
    ).toEqual([1, 1, 2, 3, 3, 4])
    expect(f(a, b, new Foo({ p: a })).item()).toBe(4)
    expect(f(a, a, new Foo({ p: b })).item()).toBe(4)
  })

  it('for a static object of another content, where it says what it equals', () => {
    class Config implements Structural {
      readonly rate: number
      constructor(rate: number) {
        this.rate = rate
      }
      equals(other: unknown): boolean {
        return other instanceof Config && other.rate === this.rate
      }
      get hash(): number {
        return this.rate
      }
    }
    const f = jit((m: Foo) => (m.p as Param).mul((m.config as Config).rate))
    const m = (config: unknown) => (): [Foo] => [new Foo({ config, p: param(1) })]
    expect(counts(f, m(new Config(2)), m(new Config(2)), m(new Config(3)), m(new Config(2)))).toEqual([1, 1, 2, 2])
    expect(f(...m(new Config(3))()).item()).toBe(3)
  })

  it('not for NaN among the static values, and for -0 apart from 0', () => {
    const f = jit((m: Foo) => m.x)
    const m = (x: number) => (): [Foo] => [new Foo({ x })]
    expect(counts(f, m(Number.NaN), m(Number.NaN), m(0), m(-0), m(0))).toEqual([1, 1, 2, 3, 3])
    expect(f(...m(-0)())).toBe(-0)
  })

  it('after a call that threw', () => {
    let fail = true
    const f = jit((m: Linear) => {
      if (fail) throw new Error('no')
      return m.b
    })
    const m = new Linear(1, 1)
    expect(() => f(m)).toThrow('no')
    fail = false
    f(m)
    f(m)
    expect(traceCount(f)).toBe(2)
  })
})

describe('static arguments', () => {
  it('are part of the key and arrive as they are', () => {
    const f = jit((x: Tensor, flag: boolean, n: number) => (flag ? x.mul(n) : x), { staticArgnums: [1, 2] })
    const x = ones([2])
    expect(
      counts(f, ...[true, true, false, true, false].map((flag) => (): [Tensor, boolean, number] => [x, flag, 2])),
    ).toEqual([1, 1, 2, 2, 2])
    expect(f(x, true, 3).toArray()).toEqual([3, 3])
    expect(f(x, true, 2).toArray()).toEqual([2, 2])
    expect(traceCount(f)).toBe(3)
  })

  it('are objects by identity, or by content where they say how', () => {
    const f = jit((x: Tensor, config: { readonly rate: number }) => x.mul(config.rate), { staticArgnums: [1] })
    const [a, b] = [{ rate: 2 }, { rate: 2 }]
    expect(
      counts(
        f,
        () => [ones([1]), a],
        () => [ones([1]), b],
        () => [ones([1]), a],
      ),
    ).toEqual([1, 2, 2])
  })

  it('may be a Module, which is then a constant', () => {
    const m = new Linear(2, 2)
    const f = jit((x: Tensor, m: Linear) => m.forward(x), { staticArgnums: [1] })
    expect(f(ones([1, 2]), m).toArray()).toEqual([[2, 2]])
  })

  it('strings, booleans, functions, null and undefined are static without being listed', () => {
    const f = jit((x: Tensor, g: (x: Tensor) => Tensor, name: string, flag: boolean, none: null | undefined) => {
      expect([name, flag, none ?? null]).toEqual(['a', true, null])
      return g(x)
    })
    const [double, triple] = [(x: Tensor): Tensor => x.mul(2), (x: Tensor): Tensor => x.mul(3)]
    expect(f(ones([1]), double, 'a', true, null).toArray()).toEqual([2])
    expect(f(ones([1]), double, 'a', true, null).toArray()).toEqual([2])
    expect(f(ones([1]), triple, 'a', true, null).toArray()).toEqual([3])
    expect(traceCount(f)).toBe(2)
  })
})

describe('numbers', () => {
  it('among the arguments are traced, so that another one does not retrace', () => {
    const f = jit(
      (m: Linear, rate: TensorLike, options: { readonly shift: TensorLike; readonly list: readonly TensorLike[] }) => {
        m.b.update((b) => b.add(rate))
        return m.b.add(options.shift).add(options.list[1]!)
      },
    )
    const m = new Linear(1, 1)
    expect(f(m, 1, { shift: 10, list: [0, 100] }).toArray()).toEqual([111])
    expect(f(m, 2, { shift: 20, list: [0, 200] }).toArray()).toEqual([223])
    expect(traceCount(f)).toBe(1)
    expect([m.b.weak, numbers(m.b)]).toEqual([false, [3]])
  })

  it('among the arguments are weak float32, which an integer beside them gives way to', () => {
    const f = jit((x: Tensor, y: Tensor, n: TensorLike) => [x.add(n), y.mul(n)] as const)
    const [i, g] = f(ones([2], { dtype: 'int32' }), ones([2]), 2)
    expect([i.dtype, g.dtype]).toEqual(['float32', 'float32'])
    expect(jit((n: TensorLike) => n)(2)).toMatchObject({ weak: true, dtype: 'float32', shape: [] })
  })

  it('and booleans in the result come back as they are', () => {
    const f = jit((m: Linear) => [m.din, true, { k: 1.5 }] as const)
    expect(f(new Linear(2, 1))).toEqual([2, true, { k: 1.5 }])
    expect(f(new Linear(2, 1))).toEqual([2, true, { k: 1.5 }])
  })

  it('held by a Module are static', () => {
    const f = jit((m: Foo) => {
      expect(typeof m.rate).toBe('number')
      return (m.p as Param).mul(m.rate as number)
    })
    expect(
      counts(
        f,
        () => [new Foo({ rate: 1, p: param(1) })],
        () => [new Foo({ rate: 2, p: param(1) })],
      ),
    ).toEqual([1, 2])
  })

  it('held by a Variable are static too', () => {
    const f = jit((v: Variable<number>) => {
      v.value += 1
      return v.value
    })
    const v = new Variable(1)
    expect([f(v), f(v), f(v), v.value]).toEqual([2, 3, 4, 4])
    expect(traceCount(f)).toBe(3)
  })
})

describe('a long run', () => {
  it('of a step that changes values only is traced once', () => {
    const net = new Net({ rngs: new Rngs(0) })
    const step = jit((net: Net, x: Tensor, rate: TensorLike) => {
      const y = net.forward(x)
      net.second.b.update((b) => b.sub(y.mean({ axis: 0 }).mul(rate)))
      return y.sum()
    })
    for (let i = 0; i < 100; i++) step(net, ones([2, 3]).mul(i), i / 100)
    expect(traceCount(step)).toBe(1)
    expect(numbers(net.calls)).toBe(100)
    step(clone(net), ones([2, 3]), 1)
    expect(traceCount(step)).toBe(1)
  })

  it('of a step that keeps retracing is told so once, with the reason', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    try {
      const grows = jit(function grow(x: Tensor) {
        return x.sum()
      })
      for (let i = 1; i < 25; i++) grows(ones([i]))
      expect(warn.mock.calls).toEqual([
        [
          'jit(grow): traced 16 times; the type of 0 (15 float32, then 16 float32) keeps changing. Keep shapes, static attributes and structure fixed, or list what varies in staticArgnums.',
        ],
      ])
      const flips = jit((m: Foo) => m.n)
      for (let n = 0; n < 20; n++) flips(new Foo({ n }))
      expect(warn.mock.calls[1]).toEqual([
        'jit(anonymous): traced 16 times; the structure of the arguments (a static attribute, a class or sharing) keeps changing. Keep shapes, static attributes and structure fixed, or list what varies in staticArgnums.',
      ])
      expect(warn.mock.calls.length).toBe(2)
    } finally {
      warn.mockRestore()
    }
  })
})

describe('what a jitted function tells', () => {
  it('its name, and the program that a call runs, without running it', () => {
    const f = jit(function scale(m: Linear, x: Tensor) {
      m.b.update((b) => b.add(1))
      return m.forward(x)
    })
    const m = new Linear(2, 3)
    const program = lower(f, m, ones([1, 2]))
    expect(f.name).toBe('scale')
    expect(program.inputs.map((v) => v.aval.shape)).toEqual([[3], [2, 3], [1, 2]])
    expect(program.equations.map((e) => e.primitive)).toContain('dot_general')
    expect(numbers(m.b)).toEqual([0, 0, 0])
    expect(traceCount(f)).toBe(1)
    f(m, ones([1, 2]))
    expect(traceCount(f)).toBe(1)
    expect(numbers(m.b)).toEqual([1, 1, 1])
  })

  it('each jit of a function keeps its own traces', () => {
    const f = (x: Tensor): Tensor => x.add(1)
    const [a, b] = [jit(f), jit(f)]
    a(array([1]))
    expect([traceCount(a), traceCount(b)]).toEqual([1, 0])
  })
})
