import { grad, jvp, linearize, vjp } from '@linum/autodiff'
import {
  array,
  jit,
  makeProgram,
  matmul,
  maximum,
  ones,
  type Program,
  random,
  relu,
  scan,
  ShapeError,
  sin,
  sort,
  sqrt,
  StateError,
  stopGradient,
  sub,
  take,
  Tensor,
  TraceError,
  where,
  whileLoop,
  zeros,
} from '@linum/tensor'
import { describe, expect, it } from 'vitest'
import { distance, gridOf } from './double-precision.js'
import { bits, ints, values } from './readings.js'

const program = <A extends readonly Tensor[]>(f: (...xs: A) => unknown, ...xs: A): Program => makeProgram(f)(...xs)

const names = (p: Program): readonly string[] => p.equations.map((e) => e.primitive)

describe('jvp', () => {
  it('gives the value and the derivative along the tangent', () => {
    expect(values(jvp((x: Tensor) => x.square(), [array([1, 2, 3])], [array([1, 10, 0])]))).toEqual([
      [1, 4, 9],
      [2, 40, 0],
    ])
    expect(values(jvp((x: Tensor, y: Tensor) => x.mul(y), [array(3), array(5)], [array(1), array(10)]))).toEqual([
      15, 35,
    ])
  })

  it('takes and gives trees', () => {
    const f = ({
      a,
      b,
    }: {
      a: readonly [Tensor, Tensor]
      b: null
    }): { product: Tensor; parts: readonly Tensor[]; b: null } => ({ product: a[0].mul(a[1]), parts: a, b })
    const at = { a: [array([1, 2]), array([3, 4])] as const, b: null }
    const moves = { a: [array([1, 0]), array([0, 10])] as const, b: null }
    expect(values(jvp(f, [at], [moves]))).toEqual([
      {
        product: [3, 8],
        parts: [
          [1, 2],
          [3, 4],
        ],
        b: null,
      },
      {
        product: [3, 20],
        parts: [
          [1, 0],
          [0, 10],
        ],
        b: null,
      },
    ])
  })

  it('takes numbers', () => {
    expect(values(jvp((x: number) => sub(1, x), [3], [2]))).toEqual([-2, -2])
  })

  it('is 0 for what does not depend on the input', () => {
    const w = array([7, 8])
    expect(values(jvp((x: Tensor) => [w.mul(2), x, 5] as const, [array(1)], [array(3)]))).toEqual([
      [[14, 16], 1, 5],
      [[0, 0], 3, 0],
    ])
    expect(values(jvp((x: Tensor) => stopGradient(x).mul(x), [array(3)], [array(1)]))).toEqual([9, 3])
    expect(values(jvp((x: Tensor) => x.floor().add(x.sign()), [array(2.5)], [array(1)]))).toEqual([3, 0])
  })

  it('ignores the tangents of integers, and gives 0 for integer results', () => {
    const f = (x: Tensor, n: Tensor): unknown => ({
      scaled: x.mul(n),
      n: n.add(1),
      above: x.greater(n),
      place: x.argmax(),
    })
    expect(
      values(jvp(f as never, [array([1, 2]), ints([3, 4])] as never, [array([10, 20]), ints([5, 5])] as never)),
    ).toEqual([
      { scaled: [3, 8], n: [4, 5], above: [false, false], place: 1 },
      { scaled: [30, 80], n: [0, 0], above: [false, false], place: 0 },
    ])
    expect(jvp((n: Tensor) => n.mul(0.5), [ints([3])], [ints([1])])[1].toArray()).toEqual([0])
  })

  it('random keys pass through', () => {
    const f = (x: Tensor, k: Tensor): Tensor => x.mul(random.uniform(k, [2]))
    const [out, dot] = jvp(f, [ones([2]), random.key(0)], [array([2, 3]), random.key(1)])
    expect(bits(dot)).toEqual(bits(out.mul(array([2, 3]))))
  })

  it('leaves that are no numbers pass through', () => {
    expect(
      values(
        jvp(
          (x: Tensor, s: string, on: boolean) => [on ? x.mul(2) : x, s, on] as const,
          [array(1), 'a', true],
          [array(3), 'b', false],
        ),
      ),
    ).toEqual([
      [2, 'a', true],
      [6, 'a', true],
    ])
  })

  it('hands out aux without a tangent', () => {
    const marker = new Date(0)
    const [out, dot, aux] = jvp((x: Tensor) => [x.mul(2), { x, marker, n: 3 }] as const, [array([1, 2])], [ones([2])], {
      hasAux: true,
    })
    expect(values([out, dot, aux.x])).toEqual([
      [2, 4],
      [2, 2],
      [1, 2],
    ])
    expect(aux.marker).toBe(marker)
    expect(aux.n).toBe(3)
    expect(aux.x.add(1).toArray()).toEqual([2, 3])
  })

  it('converts a tangent to the type of its primal', () => {
    expect(bits(jvp((x: Tensor) => x.mul(2), [ones([2])], [ints([1, 3])])[1])).toEqual(['float32', [2], [2, 6]])
  })

  it('agrees with vjp at corners', () => {
    const corners: readonly (readonly [(x: Tensor) => Tensor, readonly number[]])[] = [
      [(x) => x.abs(), [0, -0]],
      [relu, [0, 1]],
      [(x) => maximum(x, 0), [0]],
      [(x) => x.max(), [3, 3, 1]],
      [(x) => x.min(), [1, 1, 1]],
      [(x) => x.clip(0, 1), [0, 0.5, 1]],
      [(x) => x.prod(), [0, 2, 3]],
      [(x) => x.prod(), [0, 0, 3]],
      [(x) => x.pow(2), [0]],
      [(x) => x.pow(0), [0]],
      [(x) => sort(x), [1, 1, 0]],
      [(x) => take(x, ints([2, -1, 1])), [1, 2, 3]],
      [(x) => x.var(), [1, 1]],
      [(x) => x.remainder(2), [-3, 5]],
    ]
    for (const [f, at] of corners) {
      at.forEach((_, i) => {
        const unit = array(at.map((_, k) => Number(i === k)))
        const [out, dot] = jvp(f, [array(at)], [unit])
        const rows = Array.from({ length: out.size }, (_, o) => {
          const [, back] = vjp(f, [array(at)])
          const ct = array(Array.from({ length: out.size }, (_, k) => Number(k === o))).reshape([...out.shape])
          return (back(ct)[0] as Tensor).slice(i).add(0).item()
        })
        expect([...dot.ravel().add(0).dataSync()], `${String(f)} at ${at.join()}`).toEqual(rows)
      })
    }
  })

  it('does not see the derivative of a choice not taken, where vjp multiplies it by 0', () => {
    const f = (x: Tensor): Tensor => where(x.greater(0), x.log(), 0)
    expect(jvp(f, [array(0)], [array(1)])[1].item()).toBe(0)
    expect(grad(f)(array(0)).item()).toBeNaN()
  })

  it('is infinite or undefined where the derivative is', () => {
    expect(jvp(sqrt, [array(0)], [array(1)])[1].item()).toBe(Infinity)
    expect(jvp((x: Tensor) => x.square().sum().sqrt(), [zeros([2])], [ones([2])])[1].item()).toBeNaN()
  })
})

describe('what does not move costs nothing', () => {
  it('no tangent is computed of captured values', () => {
    const w = ones([3, 3])
    const p = program((x: Tensor, t: Tensor) => jvp((y: Tensor) => matmul(w.exp(), y), [x], [t]), ones([3]), ones([3]))
    expect(names(p)).toEqual(['exp', 'dot_general', 'dot_general'])
  })

  it('nor of stopped values, integers and comparisons', () => {
    const p = program(
      (x: Tensor, t: Tensor) =>
        jvp((y: Tensor) => stopGradient(y.exp()).mul(y.greater(0).astype('float32')), [x], [t])[0],
      ones([3]),
      ones([3]),
    )
    expect(names(p)).toEqual(['exp', 'stop_gradient', 'gt', 'convert', 'mul'])
  })

  it('nor in a jitted function', () => {
    const f = jit((w: Tensor, x: Tensor) => matmul(w.exp(), x))
    const p = program(
      (w: Tensor, x: Tensor, t: Tensor) => jvp((y: Tensor) => f(w, y), [x], [t]),
      ones([3, 3]),
      ones([3]),
      ones([3]),
    )
    const [call] = p.equations
    expect(call!.primitive === 'jit' && names(call.params.program)).toEqual(['exp', 'dot_general', 'dot_general'])
  })

  it('nor in a loop, for constants, scanned values and integers', () => {
    const f = (w: Tensor, x: Tensor, xs: Tensor): unknown =>
      scan(
        ({ n, c }: { n: Tensor; c: Tensor }, v: Tensor) => [{ n: n.add(1), c: c.mul(w).add(v) }, null] as const,
        { n: ints(0), c: x },
        xs,
      )
    const p = program(
      (w: Tensor, x: Tensor, t: Tensor) => jvp((y: Tensor) => f(w, y, ones([4])), [x], [t]),
      array(2),
      array(3),
      array(1),
    )
    const loop = p.equations.find((e) => e.primitive === 'scan')!
    expect(loop.primitive === 'scan' && [loop.params.constants, loop.params.carry, names(loop.params.body)]).toEqual([
      1,
      3,
      ['add', 'mul', 'mul', 'add'],
    ])
  })
})

describe('jvp with other transforms', () => {
  const f = (x: Tensor): Tensor => sin(x).mul(x).sum()
  const [x, v] = [array([0.3, 2, -1]), array([1, -0.5, 2])]

  it('of a gradient is the Hessian times a vector, in every order of the modes', () => {
    const want = gridOf(x.cos().mul(2).sub(x.sin().mul(x)).mul(v))
    const products = [
      jvp(grad(f), [x], [v])[1],
      grad((y: Tensor) => jvp(f, [y], [v])[1])(x),
      grad((y: Tensor) => grad(f)(y).mul(v).sum())(x),
      jvp((y: Tensor) => jvp((z: Tensor) => sin(z).mul(z), [y], [ones([3])])[1], [x], [v])[1],
    ]
    for (const p of products) expect(distance(gridOf(p), want)).toBeLessThan(2e-6)
  })

  it('repeated gives higher derivatives', () => {
    let g = (x: Tensor): Tensor => x.pow(4)
    for (const want of [32, 48, 48, 24, 0]) {
      const inside = g
      g = (x) => jvp(inside, [x], [array(1)])[1]
      expect(g(array(2)).item()).toBeCloseTo(want, 3)
    }
  })

  it('an inner derivative does not mistake an outer tangent for its own', () => {
    // d/dx (x * d/dy (x + y)) = 1.
    const inner = (x: Tensor): Tensor => x.mul(jvp((y: Tensor) => x.add(y), [array(1)], [array(1)])[1])
    expect(jvp(inner, [array(3)], [array(1)])[1].item()).toBe(1)
  })

  it('of a while loop, whose length only its values tell', () => {
    const g = (x: Tensor): Tensor =>
      whileLoop(
        (v: Tensor) => v.less(10),
        (v) => v.mul(x),
        x,
      )
    expect(values(jvp(g, [array(2)], [array(1)]))).toEqual([16, 32])
    expect(values(jit((x: Tensor) => jvp(g, [x], [array(1)]))(array(2)))).toEqual([16, 32])
    expect(values(jvp((x: Tensor) => jvp(g, [x], [array(1)])[1], [array(2)], [array(1)]))).toEqual([32, 48])
  })

  it('of a while loop along what its test alone sees is 0', () => {
    const g = (limit: Tensor, x: Tensor): unknown =>
      whileLoop(
        ({ v }) => v.less(limit),
        ({ v, n }) => ({ v: v.mul(2), n: n.add(1) }),
        { v: x, n: ints(0) },
      )
    expect(values(jvp((l: Tensor) => g(l, array(3)), [array(10)], [array(1)]))).toEqual([
      { v: 12, n: 2 },
      { v: 0, n: 0 },
    ])
    expect(values(jvp(g, [array(10), array(3)], [array(1), array(5)]))).toEqual([
      { v: 12, n: 2 },
      { v: 20, n: 0 },
    ])
  })

  it('traces the body of a loop once', () => {
    let traces = 0
    const g = (x: Tensor): Tensor =>
      scan(
        (c: Tensor) => {
          traces++
          return [sin(c), null] as const
        },
        x,
        null,
        { length: 5 },
      )[0]
    jvp((x: Tensor) => jvp(g, [x], [x])[1], [x], [v])
    expect(traces).toBe(1)
  })
})

describe('errors of jvp and linearize', () => {
  const id = (x: Tensor): Tensor => x
  const call =
    (...args: unknown[]): (() => unknown) =>
    () =>
      (jvp as (...xs: unknown[]) => unknown)(...args)

  it('a tangent of another shape or structure', () => {
    expect(call(id, [ones([2])], [ones([3])])).toThrow(
      new ShapeError("jvp: a tangent must have its primal's shape, got (3,) for (2,) at argument [0]"),
    )
    expect(call(id, [{ a: ones([2]) }], [{ a: 'x' }])).toThrow(
      new ShapeError("jvp: a tangent must have its primal's shape, got string for (2,) at argument [0]['a']"),
    )
    expect(call(id, [ones([2])], [[ones([2])]])).toThrow(
      new StateError('jvp: tangents must have the structure of the primals, got [[*]] for [*]'),
    )
    expect(call(id, [ones([2]), ones([2])], [ones([2])])).toThrow(
      new StateError('jvp: tangents must have the structure of the primals, got [*] for [*, *]'),
    )
    const [, linear] = linearize(id, [ones([2])])
    expect(() => linear(ones([3]))).toThrow(
      new ShapeError("linearize: a tangent must have its primal's shape, got (3,) for (2,) at argument [0]"),
    )
    expect(() => (linear as (...xs: unknown[]) => unknown)()).toThrow(
      new StateError('linearize: tangents must have the structure of the primals, got [] for [*]'),
    )
  })

  it('aux that is not there', () => {
    expect(call(id, [ones([2])], [ones([2])], { hasAux: true })).toThrow(
      new TypeError('jvp: with hasAux the function must return [output, aux], got object'),
    )
    expect(call((x: Tensor) => [x], [ones([2])], [ones([2])], { hasAux: true })).toThrow(
      new TypeError('jvp: with hasAux the function must return [output, aux], got an array of 1'),
    )
  })

  it('a function that returns a Promise', () => {
    expect(call(async (x: Tensor) => x, [ones([2])], [ones([2])])).toThrow(
      new TraceError(
        'jvp(anonymous): the function returned a Promise; transforms are synchronous, so await before or after',
      ),
    )
  })

  it('a dual number that is used afterwards', () => {
    let kept: Tensor | undefined
    jvp((x: Tensor) => (kept = x), [ones([2])], [ones([2])])
    expect(() => kept!.add(1)).toThrow(TraceError)
  })

  it('linearize of a while loop', () => {
    const f = (x: Tensor): Tensor =>
      whileLoop(
        (v: Tensor) => v.less(10),
        (v) => v.mul(2),
        x,
      )
    const [, linear] = linearize(f, [array(1)])
    expect(() => linear(array(1))).toThrow(TraceError)
    expect(zeros([1]).toArray()).toEqual([0])
  })
})
