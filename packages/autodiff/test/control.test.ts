import { test } from '@fast-check/vitest'
import { grad, jvp, valueAndGrad, vjp, vmap } from '@linum/autodiff'
import {
  array,
  cond,
  foriLoop,
  jit,
  makeProgram,
  map,
  ones,
  type Program,
  random,
  scan,
  sin,
  stopGradient,
  switchCase,
  Tensor,
  traceCount,
  TraceError,
  where,
  whileLoop,
  zeros,
} from '@linum/tensor'
import { describe, expect, it } from 'vitest'
import { controlProgram, steps, vector } from './control-programs.js'
import { distance, gridOf } from './double-precision.js'
import { bits, ints, values } from './readings.js'

const near = (got: Tensor, want: Tensor, tolerance = 2e-6): void =>
  expect(distance(gridOf(got), gridOf(want))).toBeLessThan(tolerance)

const xs = array([1, 2, 3, 4])

/** c becomes c * w + x. */
const horner = (w: Tensor, c: Tensor, xs: Tensor): Tensor =>
  scan((c: Tensor, x: Tensor) => [c.mul(w).add(x), null] as const, c, xs)[0]

describe('the gradient of a scan', () => {
  it('reaches the start, the scanned values and what the body captured', () => {
    const [w, c] = [array(2), array(5)]
    // 5 w^4 + w^3 + 2 w^2 + 3 w + 4.
    expect(values(valueAndGrad(horner, { argnums: [0, 1, 2] })(w, c, xs))).toEqual([
      5 * 16 + 8 + 8 + 6 + 4,
      [20 * 8 + 3 * 4 + 4 * 2 + 3, 16, [8, 4, 2, 1]],
    ])
  })

  it('each of them alone is what it is among all', () => {
    const all = grad(horner, { argnums: [0, 1, 2] })(array(2), array(5), xs)
    for (const n of [0, 1, 2] as const)
      expect(bits(grad(horner, { argnums: n })(array(2), array(5), xs))).toEqual(bits(all[n]))
  })

  it('of the results of every step, in either direction', () => {
    const sums =
      (reverse: boolean) =>
      (xs: Tensor): Tensor =>
        scan((c: Tensor, x: Tensor) => [c.add(x), c.add(x)] as const, array(0), xs, { reverse })[1]
          .mul(array([1, 10, 100, 1000]))
          .sum()
    expect(values(grad(sums(false))(xs))).toEqual([1111, 1110, 1100, 1000])
    expect(values(grad(sums(true))(xs))).toEqual([1, 11, 111, 1111])
  })

  it('of trees of carries and values', () => {
    const f = (p: { c: { a: Tensor; b: readonly [Tensor] }; xs: { u: Tensor; v: Tensor } }): Tensor => {
      const body = (
        c: { a: Tensor; b: readonly [Tensor] },
        x: { u: Tensor; v: Tensor },
      ): readonly [typeof c, readonly Tensor[]] => [{ a: c.a.mul(x.u), b: [c.b[0].add(c.a)] }, [c.a.mul(x.v)]]
      const [c, [ys]] = scan(body, p.c, p.xs)
      return c.a.add(c.b[0]).add(ys!.sum())
    }
    const g = grad(f)({ c: { a: array(2), b: [array(3)] }, xs: { u: array([4, 5]), v: array([6, 7]) } })
    expect(values(g)).toEqual({ c: { a: 20 + (1 + 4) + (6 + 28), b: [1] }, xs: { u: [10 + 2 + 14, 8], v: [2, 8] } })
  })

  it('of no steps passes the cotangent on', () => {
    const f = (w: Tensor, c: Tensor, xs: Tensor): Tensor => horner(w, c, xs).mul(3)
    expect(values(grad(f, { argnums: [0, 1, 2] })(array(2), array(5), zeros([0])))).toEqual([0, 3, []])
  })

  it('with integers, bools and keys in the carry, among the values and the results', () => {
    const f = (w: Tensor, n0: Tensor, on: Tensor, key: Tensor, picks: Tensor): readonly [Tensor, unknown] => {
      const body = (
        c: { n: Tensor; on: Tensor; key: Tensor; v: Tensor },
        i: Tensor,
      ): readonly [typeof c, readonly Tensor[]] => {
        const keys = random.split(c.key)
        const noise = random.uniform(keys.slice(1))
        return [
          {
            n: c.n.add(1),
            on: c.on.logicalNot(),
            key: keys.slice(0),
            v: c.v
              .mul(where(c.on, w, w.mul(w)))
              .mul(c.n)
              .add(noise),
          },
          [c.n, c.on, keys.slice(0), i],
        ] as const
      }
      const [c, ys] = scan(body, { n: n0, on, key, v: w }, picks)
      return [c.v, [c.n, c.on, ys[0]!, ys[3]!]]
    }
    const [[value, aux], g] = valueAndGrad(f, { hasAux: true })(
      array(3),
      ints(1),
      array(true),
      random.key(0),
      ints([7, 8]),
    )
    const keys = random.split(random.key(0))
    const [first, second] = [
      random.uniform(keys.slice(1)).item() as number,
      random.uniform(random.split(keys.slice(0)).slice(1)).item() as number,
    ]
    // v1 = w w + first, v2 = 2 v1 w^2 + second.
    expect(value.item()).toBeCloseTo((9 + first) * 9 * 2 + second, 4)
    expect(g.item()).toBeCloseTo(2 * (6 * 9 + (9 + first) * 6), 3)
    expect(values(aux)).toEqual([3, true, [1, 2], [7, 8]])
  })

  it('stops where a value is stopped', () => {
    const f = (x: Tensor): Tensor =>
      scan((c: Tensor) => [stopGradient(c).mul(x), null] as const, x, null, { length: 3 })[0]
    // The last step alone: x^3 to the left of it is a constant.
    expect(grad(f)(array(2)).item()).toBe(8)
  })

  it('of a value that the loop hands through or does not use', () => {
    const f = (x: Tensor, unused: Tensor): Tensor =>
      scan(
        ([a, b]: readonly [Tensor, Tensor], v: Tensor) => [[b, a] as const, v] as const,
        [x, x.mul(2)] as const,
        unused,
      )[0][0].mul(3)
    expect(values(grad(f, { argnums: [0, 1] })(array(5), ones([3])))).toEqual([6, [0, 0, 0]])
    expect(values(grad(f, { argnums: [0, 1] })(array(5), ones([2])))).toEqual([3, [0, 0]])
  })

  it('through map and foriLoop', () => {
    expect(values(grad((x: Tensor) => map((v: Tensor) => v.mul(v), x).sum())(xs))).toEqual([2, 4, 6, 8])
    expect(grad((x: Tensor) => foriLoop(1, 4, (i, v: Tensor) => v.mul(x).mul(i), x))(array(2)).item()).toBe(4 * 8 * 6)
    expect(grad((x: Tensor) => foriLoop(3, 1, (_, v: Tensor) => v.mul(x), x))(array(2)).item()).toBe(1)
  })

  it('repeated and compiled', () => {
    const f = (w: Tensor): Tensor => horner(w, array(5), xs)
    expect(grad(grad(f))(array(2)).item()).toBe(60 * 4 + 6 * 2 + 4)
    expect(grad(grad(grad(f)))(array(2)).item()).toBe(120 * 2 + 6)
    expect(jit(grad(jit(grad(jit(f)))))(array(2)).item()).toBe(60 * 4 + 6 * 2 + 4)
  })

  it('traces the body once', () => {
    let traces = 0
    const f = (w: Tensor): Tensor =>
      scan(
        (c: Tensor) => {
          traces++
          return [sin(c).mul(w), null] as const
        },
        w,
        null,
        { length: 9 },
      )[0]
    grad(grad(f))(array(0.5))
    expect(traces).toBe(1)
  })
})

const names = (p: Program): readonly string[] => p.equations.map((e) => e.primitive)

describe('the gradient of a branch', () => {
  const f = (x: Tensor): Tensor =>
    cond(
      x.greater(1),
      (v: Tensor) => v.mul(v),
      (v: Tensor) => v.mul(3),
      x,
    )

  it('is that of the one taken', () => {
    expect([-1, 2].map((x) => grad(f)(array(x)).item())).toEqual([3, 4])
    expect([-1, 2].map((x) => jit(grad(f))(array(x)).item())).toEqual([3, 4])
    expect([-1, 2].map((x) => grad(grad(f))(array(x)).item())).toEqual([0, 2])
    expect([-1, 2].map((x) => jvp(f, [array(x)], [array(10)])[1].item())).toEqual([30, 40])
  })

  it('does not see the other one, as a choice between values would', () => {
    const root = (x: Tensor): Tensor =>
      cond(
        x.greater(0),
        (v: Tensor) => v.sqrt(),
        (v: Tensor) => v.mul(0),
        x,
      )
    expect(grad(root)(array(0)).item()).toBe(0)
    expect(grad((x: Tensor) => where(x.greater(0), x.sqrt(), 0))(array(0)).item()).toBeNaN()
  })

  it('reaches captured values and trees of operands', () => {
    const g = (w: Tensor, p: { a: Tensor; b: readonly Tensor[] }): Tensor =>
      cond(
        p.a.greater(0),
        ({ a }) => a.mul(w),
        ({ b }) => b[0]!.mul(w).mul(w),
        p,
      )
    expect(values(grad(g, { argnums: [0, 1] })(array(3), { a: array(2), b: [array(5)] }))).toEqual([
      2,
      { a: 3, b: [0] },
    ])
    expect(values(grad(g, { argnums: [0, 1] })(array(3), { a: array(-2), b: [array(5)] }))).toEqual([
      30,
      { a: 0, b: [9] },
    ])
  })

  it('of switchCase, and with results that are no real numbers', () => {
    const g = (x: Tensor, i: Tensor): readonly [Tensor, Tensor] =>
      switchCase(
        i,
        [
          (v: Tensor) => [v, ints(0)] as const,
          (v: Tensor) => [v.mul(v), ints(1)] as const,
          (v: Tensor) => [v.exp().mul(0), ints(2)] as const,
        ],
        x,
      )
    expect([-1, 0, 1, 2, 5].map((i) => values(grad(g, { hasAux: true })(array(3), ints(i))))).toEqual([
      [1, 0],
      [1, 0],
      [6, 1],
      [0, 2],
      [0, 2],
    ])
  })

  it('runs one branch in each pass', () => {
    const p = makeProgram(grad(f))(array(2).astype('float32'))
    expect(names(p).filter((e) => e === 'cond').length).toBe(1)
    expect(names(makeProgram(valueAndGrad(f))(array(2).astype('float32'))).filter((e) => e === 'cond').length).toBe(2)
  })
})

describe('the gradient of a while loop', () => {
  const message =
    'grad: Reverse-mode differentiation does not work for whileLoop, or foriLoop with tensors as bounds, whose length is not known beforehand; use scan, foriLoop with numbers, or jvp'

  it('is refused, with the remedy', () => {
    expect(() =>
      grad((x: Tensor) =>
        whileLoop(
          (v: Tensor) => v.less(10),
          (v) => v.mul(2),
          x,
        ),
      )(array(1)),
    ).toThrow(new TraceError(message))
    expect(() => grad((x: Tensor) => foriLoop(0, ints(3), (_, v: Tensor) => v.mul(2), x))(array(1))).toThrow(
      new TraceError(message),
    )
    expect(() =>
      jit(
        grad((x: Tensor) =>
          whileLoop(
            (v: Tensor) => v.less(10),
            (v) => v.mul(2),
            x,
          ),
        ),
      )(array(1)),
    ).toThrow(new TraceError(message))
  })

  it('is not needed where only integers depend on it, or nothing flows back', () => {
    const count = whileLoop
    const f = (x: Tensor): Tensor =>
      x.mul(
        count(
          (n: Tensor) => n.less(10),
          (n) => n.mul(2),
          ints(1),
        ),
      )
    expect(grad(f)(array(3)).item()).toBe(16)
    const g = (x: Tensor): Tensor =>
      x.mul(
        stopGradient(
          whileLoop(
            (v: Tensor) => v.less(10),
            (v) => v.mul(2),
            x,
          ),
        ),
      )
    expect(grad(g)(array(3)).item()).toBe(12)
    const h = (x: Tensor): Tensor =>
      x.mul(
        whileLoop(
          (v: Tensor) => v.less(10),
          (v) => v.mul(2),
          stopGradient(x),
        ),
      )
    expect(grad(h)(array(3)).item()).toBe(12)
  })

  it('leaves the value to be had', () => {
    const [out, back] = vjp(
      (x: Tensor) =>
        whileLoop(
          (v: Tensor) => v.less(10),
          (v) => v.mul(2),
          x,
        ),
      [array(1)],
    )
    expect(out.item()).toBe(16)
    expect(() => back(array(1))).toThrow(TraceError)
  })
})

describe('loops and branches in a training step', () => {
  it('a recurrent network learns to add up', () => {
    const key = random.key(0)
    const data = random.uniform(key, [32, 5])
    const target = data.sum({ axis: 1 })
    interface Params {
      readonly w: Tensor
      readonly u: Tensor
    }
    const predict = ({ w, u }: Params, row: Tensor): Tensor =>
      scan((c: Tensor, x: Tensor) => [c.mul(w).add(x.mul(u)), null] as const, zeros([]), row)[0]
    const loss = (p: Params): Tensor =>
      vmap(predict, { inAxes: [null, 0] })(p, data)
        .sub(target)
        .square()
        .mean()
    const step = jit((p: Params): readonly [Tensor, Params] => {
      const [value, g] = valueAndGrad(loss)(p)
      return [value, { w: p.w.sub(g.w.mul(0.02)), u: p.u.sub(g.u.mul(0.02)) }]
    })
    let params: Params = { w: array(0.5).astype('float32'), u: array(0.5).astype('float32') }
    let value: Tensor | undefined
    for (let i = 0; i < 200; i++) [value, params] = step(params)
    expect(traceCount(step)).toBe(1)
    expect(value!.item()).toBeLessThan(1e-3)
    expect(Math.abs((params.w.item() as number) - 1)).toBeLessThan(0.05)
  })

  test.prop([controlProgram(steps), vector], { numRuns: 25 })(
    'their gradient is the same eager, compiled, and of a compiled function',
    ({ control, plain }, x) => {
      const loss =
        (f: (x: Tensor) => Tensor) =>
        (x: Tensor): Tensor =>
          sin(f(x)).sum()
      const want = grad(loss(control))(x)
      near(want, grad(loss(plain))(x), 1e-5)
      expect(bits(jit(grad(loss(control)))(x))).toEqual(bits(want))
      near(grad(jit(loss(control)))(x), want)
      near(vmap(grad(loss(control)))(x.reshape([1, 3])).slice(0), want)
    },
  )
})
