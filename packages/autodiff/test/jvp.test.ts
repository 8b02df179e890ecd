import { fc, test } from '@fast-check/vitest'
import { grad, jvp, linearize, vjp } from '@linum/autodiff'
import {
  array,
  cond,
  foriLoop,
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
  tanh,
  Tensor,
  TraceError,
  tree,
  where,
  whileLoop,
  zeros,
} from '@linum/tensor'
import { bind, isFloat, type PrimitiveName, traceProgram } from '@linum/tensor/core'
import { describe, expect, it } from 'vitest'
import { centralDifferences, distance, type Grid, gridOf } from './double-precision.js'
import { type Case, cases, type Reals } from './primitive-cases.js'
import { input, randomProgram } from './random-programs.js'

type Tensors = readonly Tensor[]
type Many = (...xs: Tensor[]) => Tensors

const ints = (data: unknown): Tensor => array(data as never, { dtype: 'int32' })
const values = (x: unknown): unknown => tree.map((t: unknown) => (t instanceof Tensor ? t.toArray() : t), x)
const bits = (x: unknown): unknown => tree.map((t: unknown) => (t instanceof Tensor ? [t.dtype, t.shape, [...t.dataSync()]] : t), x)
const size = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1)

const numbers = (shape: readonly number[], phase: number): Tensor => array(Array.from({ length: size(shape) }, (_, i) => Math.sin(1 + 2.3 * i + phase) + 0.05)).reshape([...shape])
/** Something to pair with every real tensor; the others stay what they are. */
const alike = (xs: Tensors, phase: number): Tensor[] => xs.map((x, i) => (isFloat(x.dtype) ? numbers(x.shape, phase + i) : x))
const inner = (xs: readonly (Tensor | null)[], ys: Tensors): number =>
  ys.reduce((sum, y, i) => sum + (isFloat(y.dtype) && xs[i] ? gridOf(y).data.reduce((s, v, k) => s + v * gridOf(xs[i]!).data[k]!, 0) : 0), 0)
const magnitude = (xs: readonly (Tensor | null)[]): number => Math.max(1, ...xs.flatMap((x) => (x ? gridOf(x).data.map(Math.abs) : [])))

const grids = (ts: Tensors): readonly (Grid | null)[] => ts.map((t) => (isFloat(t.dtype) ? gridOf(t) : null))

const isReals = (x: Reals | Tensor): x is Reals => !(x instanceof Tensor)
const slots = 997
const operand = ({ shape, from, to }: Reals, picks: readonly number[], k: number): Tensor =>
  array(picks.map((p) => from + ((to - from) * (p + 0.31 + k / 7)) / slots)).reshape([...shape])
const operandsOf = (c: Case<unknown>): fc.Arbitrary<Tensors> =>
  fc.tuple(...c.operands.map((x, k) => (isReals(x) ? fc.uniqueArray(fc.nat(slots - 1), { minLength: size(x.shape), maxLength: size(x.shape) }).map((p) => operand(x, p, k)) : fc.constant(x))))

/** The derivative along the tangents of some operands only, the others taken from outside. */
const along = (f: Many, xs: Tensors, ts: Tensors, moved: readonly boolean[]): Tensors => {
  const own = xs.flatMap((x, i) => (moved[i] === true ? [x] : []))
  const partly = (...ys: Tensor[]): Tensors => {
    let k = 0
    return f(...xs.map((x, i) => (moved[i] === true ? ys[k++]! : x)))
  }
  return jvp(partly, own, ts.filter((_, i) => moved[i] === true))[1]
}

const masks = (xs: Tensors): readonly (readonly boolean[])[] => {
  const real = xs.map((x) => isFloat(x.dtype))
  return Array.from({ length: 2 ** xs.length }, (_, m) => xs.map((_, i) => ((m >> i) & 1) === 1)).filter((m) => m.some(Boolean) && m.every((b, i) => !b || real[i] === true))
}

/** Forward and reverse mode against each other and against differences. */
const agrees = (name: string, f: Many, xs: Tensors): void => {
  const outputs = f(...(xs as Tensor[]))
  const [ts, cts] = [alike(xs, 0.3), alike(outputs, 1.1)]
  const back = vjp(f, xs as Tensor[])[1](cts) as readonly (Tensor | null)[]
  const { program, captured } = traceProgram('differences', xs.map((x) => x.aval), (ys) => f(...(ys as Tensor[])))
  const inputs = [...captured, ...xs].map(gridOf)
  const byDifferences = xs.map((x, i) => (isFloat(x.dtype) ? centralDifferences(program, inputs, captured.length + i, grids(cts)) : null))
  for (const moved of masks(xs)) {
    const what = `${name} of ${xs.map((x) => `[${x.shape.join()}]`).join(', ')}, moving ${moved.map(Number).join('')}`
    const dots = along(f, xs, ts, moved)
    dots.forEach((d, o) => expect([d.shape, d.dtype], what).toEqual([outputs[o]!.shape, outputs[o]!.dtype]))
    const got = inner(cts, dots)
    const own = back.map((b, i) => (moved[i] === true ? b : null))
    const scale = magnitude([...back, ...dots]) * Math.max(1, ...xs.map((x) => x.size))
    expect(Math.abs(got - inner(own, ts)) / scale, `${what}: <ct, jvp t> ${got}, <vjp ct, t> ${inner(own, ts)}`).toBeLessThan(2e-6)
    const want = byDifferences.reduce((sum, g, i) => (g && moved[i] === true ? sum + g.data.reduce((s, v, k) => s + v * gridOf(ts[i]!).data[k]!, 0) : sum), 0)
    expect(Math.abs(got - want) / scale, `${what}: ${got}, by differences ${want}`).toBeLessThan(2e-5)
  }
  const all = xs.map((x) => isFloat(x.dtype))
  const eager = bits(along(f, xs, ts, all))
  expect(bits(jit((...ys: Tensor[]) => along(f, ys, ts, all))(...(xs as Tensor[]))), `${name}, compiled outside`).toEqual(eager)
  expect(bits(along(jit(f as never) as unknown as Many, xs, ts, all)), `${name}, compiled inside`).toEqual(eager)
}

describe('jvp of a primitive pairs with its vjp and is the derivative', () => {
  for (const [name, list] of Object.entries(cases) as [PrimitiveName, readonly Case<unknown>[] | string][]) {
    if (typeof list === 'string') continue
    test.prop([fc.tuple(...list.map(operandsOf))], { numRuns: 2 })(name, (operands) => {
      list.forEach((c, i) => agrees(`${name} with ${JSON.stringify(c.params)}`, (...ys) => bind(name, ys, c.params as never), operands[i]!))
    })
  }
})

const shapes = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 })
/** Shapes that broadcast to one: some leading axes left out, some axes of extent 1. */
const broadcasting = (n: number): fc.Arbitrary<readonly (readonly number[])[]> =>
  shapes.chain((shape) => fc.array(fc.tuple(fc.nat(shape.length), fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length })), { minLength: n, maxLength: n }).map((picks) => picks.map(([drop, thin]) => shape.map((d, i) => (thin[i] === true ? 1 : d)).slice(drop))))
const filled = (shape: readonly number[], k: number, low: number, high: number): Tensor => numbers(shape, 5 * k).mul((high - low) / 2.2).add((high + low) / 2)

describe('with random shapes', () => {
  const elementwise = ['add', 'sub', 'mul', 'div', 'pow', 'max', 'min', 'atan2'] as const
  test.prop([fc.constantFrom(...elementwise), broadcasting(2)], { numRuns: 40 })('operations of two operands broadcast', (name, [a, b]) => {
    agrees(name, (...xs) => bind(name, xs, null), [filled(a!, 1, 0.4, 2), filled(b!, 2, 0.5, 1.7)])
  })

  test.prop([broadcasting(3)], { numRuns: 20 })('operations of three operands broadcast', ([a, b, c]) => {
    agrees('fma', (...xs) => bind('fma', xs, null), [filled(a!, 1, -2, 2), filled(b!, 2, -2, 2), filled(c!, 3, -2, 2)])
    agrees('select', (...xs) => bind('select', xs, null), [filled(a!, 1, -2, 2).greater(0), filled(b!, 2, -2, 2), filled(c!, 3, -2, 2)])
  })

  test.prop([shapes, fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }), fc.constantFrom('reduce_sum', 'reduce_prod', 'reduce_max', 'reduce_min')], { numRuns: 30 })('reductions over any axes', (shape, mask, name) => {
    const axes = shape.map((_, i) => i).filter((i) => mask[i] === true)
    agrees(name, (...xs) => bind(name, xs, { axes }), [filled(shape, 1, -1.5, 1.5)])
  })

  test.prop([randomProgram, input, input], { numRuns: 30 })('functions of many operations', ({ f }, x, y) => {
    agrees('a random program', (...xs) => [f(xs[0]!, xs[1]!)], [x, y])
  })
})

const program = <A extends readonly Tensor[]>(f: (...xs: A) => unknown, ...xs: A): Program => makeProgram(f)(...xs)
const names = (p: Program): readonly string[] => p.equations.map((e) => e.primitive)

describe('jvp', () => {
  it('gives the value and the derivative along the tangent', () => {
    expect(values(jvp((x: Tensor) => x.square(), [array([1, 2, 3])], [array([1, 10, 0])]))).toEqual([[1, 4, 9], [2, 40, 0]])
    expect(values(jvp((x: Tensor, y: Tensor) => x.mul(y), [array(3), array(5)], [array(1), array(10)]))).toEqual([15, 35])
  })

  it('takes and gives trees', () => {
    const f = ({ a, b }: { a: readonly [Tensor, Tensor]; b: null }): { product: Tensor; parts: readonly Tensor[]; b: null } => ({ product: a[0].mul(a[1]), parts: a, b })
    const at = { a: [array([1, 2]), array([3, 4])] as const, b: null }
    const moves = { a: [array([1, 0]), array([0, 10])] as const, b: null }
    expect(values(jvp(f, [at], [moves]))).toEqual([
      { product: [3, 8], parts: [[1, 2], [3, 4]], b: null },
      { product: [3, 20], parts: [[1, 0], [0, 10]], b: null },
    ])
  })

  it('takes numbers', () => {
    expect(values(jvp((x: number) => sub(1, x), [3], [2]))).toEqual([-2, -2])
  })

  it('is 0 for what does not depend on the input', () => {
    const w = array([7, 8])
    expect(values(jvp((x: Tensor) => [w.mul(2), x, 5] as const, [array(1)], [array(3)]))).toEqual([[[14, 16], 1, 5], [[0, 0], 3, 0]])
    expect(values(jvp((x: Tensor) => stopGradient(x).mul(x), [array(3)], [array(1)]))).toEqual([9, 3])
    expect(values(jvp((x: Tensor) => x.floor().add(x.sign()), [array(2.5)], [array(1)]))).toEqual([3, 0])
  })

  it('ignores the tangents of integers, and gives 0 for integer results', () => {
    const f = (x: Tensor, n: Tensor): unknown => ({ scaled: x.mul(n), n: n.add(1), above: x.greater(n), place: x.argmax() })
    expect(values(jvp(f as never, [array([1, 2]), ints([3, 4])] as never, [array([10, 20]), ints([5, 5])] as never))).toEqual([
      { scaled: [3, 8], n: [4, 5], above: [false, false], place: 1 },
      { scaled: [30, 80], n: [0, 0], above: [false, false], place: 0 },
    ])
    expect((jvp((n: Tensor) => n.mul(0.5), [ints([3])], [ints([1])])[1]).toArray()).toEqual([0])
  })

  it('random keys pass through', () => {
    const f = (x: Tensor, k: Tensor): Tensor => x.mul(random.uniform(k, [2]))
    const [out, dot] = jvp(f, [ones([2]), random.key(0)], [array([2, 3]), random.key(1)])
    expect(bits(dot)).toEqual(bits(out.mul(array([2, 3]))))
  })

  it('leaves that are no numbers pass through', () => {
    expect(values(jvp((x: Tensor, s: string, on: boolean) => [on ? x.mul(2) : x, s, on] as const, [array(1), 'a', true], [array(3), 'b', false]))).toEqual([[2, 'a', true], [6, 'a', true]])
  })

  it('hands out aux without a tangent', () => {
    const marker = new Date(0)
    const [out, dot, aux] = jvp((x: Tensor) => [x.mul(2), { x, marker, n: 3 }] as const, [array([1, 2])], [ones([2])], { hasAux: true })
    expect(values([out, dot, aux.x])).toEqual([[2, 4], [2, 2], [1, 2]])
    expect(aux.marker).toBe(marker)
    expect(aux.n).toBe(3)
    expect(aux.x.add(1).toArray()).toEqual([2, 3])
  })

  it('converts a tangent to the type of its primal', () => {
    expect(bits(jvp((x: Tensor) => x.mul(2), [ones([2])], [ints([1, 3])])[1])).toEqual(['float32', [2], [2, 6]])
  })

  it('agrees with vjp at corners', () => {
    const corners: readonly (readonly [(x: Tensor) => Tensor, readonly number[]])[] = [
      [(x) => x.abs(), [0, -0]], [relu, [0, 1]], [(x) => maximum(x, 0), [0]], [(x) => x.max(), [3, 3, 1]], [(x) => x.min(), [1, 1, 1]], [(x) => x.clip(0, 1), [0, 0.5, 1]],
      [(x) => x.prod(), [0, 2, 3]], [(x) => x.prod(), [0, 0, 3]], [(x) => x.pow(2), [0]], [(x) => x.pow(0), [0]], [(x) => sort(x), [1, 1, 0]],
      [(x) => take(x, ints([2, -1, 1])), [1, 2, 3]], [(x) => x.var(), [1, 1]], [(x) => x.remainder(2), [-3, 5]],
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
    const p = program((x: Tensor, t: Tensor) => jvp((y: Tensor) => stopGradient(y.exp()).mul(y.greater(0).astype('float32')), [x], [t])[0], ones([3]), ones([3]))
    expect(names(p)).toEqual(['exp', 'stop_gradient', 'gt', 'convert', 'mul'])
  })

  it('nor in a jitted function', () => {
    const f = jit((w: Tensor, x: Tensor) => matmul(w.exp(), x))
    const p = program((w: Tensor, x: Tensor, t: Tensor) => jvp((y: Tensor) => f(w, y), [x], [t]), ones([3, 3]), ones([3]), ones([3]))
    const [call] = p.equations
    expect(call!.primitive === 'jit' && names(call.params.program)).toEqual(['exp', 'dot_general', 'dot_general'])
  })

  it('nor in a loop, for constants, scanned values and integers', () => {
    const f = (w: Tensor, x: Tensor, xs: Tensor): unknown => scan(({ n, c }: { n: Tensor; c: Tensor }, v: Tensor) => [{ n: n.add(1), c: c.mul(w).add(v) }, null] as const, { n: ints(0), c: x }, xs)
    const p = program((w: Tensor, x: Tensor, t: Tensor) => jvp((y: Tensor) => f(w, y, ones([4])), [x], [t]), array(2), array(3), array(1))
    const loop = p.equations.find((e) => e.primitive === 'scan')!
    expect(loop.primitive === 'scan' && [loop.params.constants, loop.params.carry, names(loop.params.body)]).toEqual([1, 3, ['add', 'mul', 'mul', 'add']])
  })
})

describe('linearize', () => {
  const f = (p: { a: Tensor; b: Tensor }): readonly Tensor[] => [sin(p.a).mul(p.b), tanh(p.b).sum()]
  const at = { a: array([0.3, -1]), b: array([2, 0.5]) }

  it('is jvp at many tangents, without running the function again', () => {
    let runs = 0
    const counted = (p: { a: Tensor; b: Tensor }): readonly Tensor[] => {
      runs++
      return f(p)
    }
    const [out, linear] = linearize(counted, [at])
    expect(bits(out)).toEqual(bits(f(at)))
    for (const phase of [0, 1, 2, 3]) {
      const t = { a: numbers([2], phase), b: numbers([2], phase + 10) }
      const want = jvp(f, [at], [t])[1]
      linear(t).forEach((d, i) => expect(distance(gridOf(d), gridOf(want[i]!))).toBeLessThan(2e-6))
    }
    expect(runs).toBe(1)
  })

  test.prop([randomProgram, input, input, input, input], { numRuns: 20 })('is jvp for random programs, and linear', ({ f }, x, y, s, t) => {
    const [, linear] = linearize(f, [x, y])
    const one = linear(s, t)
    expect(distance(gridOf(one), gridOf(jvp(f, [x, y], [s, t])[1]))).toBeLessThan(5e-6)
    const other = linear(t, s)
    expect(distance(gridOf(linear(s.mul(2).sub(t), t.mul(2).sub(s))), gridOf(one.mul(2).sub(other)))).toBeLessThan(1e-5)
  })

  it('goes through loops and branches', () => {
    const g = (x: Tensor): Tensor => {
      const looped = scan((c: Tensor, v: Tensor) => [sin(c).mul(v), null] as const, x, array([1, 2, 3]))[0]
      return cond(looped.sum().greater(0), (v: Tensor) => v.square(), (v: Tensor) => v.mul(3), foriLoop(0, 2, (i, v: Tensor) => v.mul(x).add(i), looped))
    }
    for (const x of [array([0.3, 1]), array([-0.3, -1])]) {
      const [, linear] = linearize(g, [x])
      for (const t of [array([1, 0]), array([0.5, -2])]) expect(distance(gridOf(linear(t)), gridOf(jvp(g, [x], [t])[1]))).toBeLessThan(2e-6)
    }
  })

  it('ignores the tangents of integers, and gives 0 for integer results', () => {
    const [out, linear] = linearize((x: Tensor, n: Tensor) => ({ a: x.mul(n), n: n.add(1), s: 'text', k: 4 }), [array([1, 2]), ints([3, 4])])
    expect(values(out)).toEqual({ a: [3, 8], n: [4, 5], s: 'text', k: 4 })
    expect(values(linear(array([10, 20]), ints([7, 7])))).toEqual({ a: [30, 80], n: [0, 0], s: 'text', k: 0 })
  })

  it('within jit, of jit and twice', () => {
    const x = array([0.3, 2])
    const g = jit((x: Tensor) => sin(x).mul(x))
    const want = x.cos().mul(x).add(x.sin())
    expect(distance(gridOf(jit((x: Tensor) => linearize(g, [x])[1](ones([2])))(x)), gridOf(want))).toBeLessThan(1e-6)
    const second = linearize((x: Tensor) => linearize(g, [x])[1](ones([2])), [x])[1](ones([2]))
    expect(distance(gridOf(second), gridOf(x.cos().mul(2).sub(x.sin().mul(x))))).toBeLessThan(2e-6)
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
    const g = (x: Tensor): Tensor => whileLoop((v: Tensor) => v.less(10), (v) => v.mul(x), x)
    expect(values(jvp(g, [array(2)], [array(1)]))).toEqual([16, 32])
    expect(values(jit((x: Tensor) => jvp(g, [x], [array(1)]))(array(2)))).toEqual([16, 32])
    expect(values(jvp((x: Tensor) => jvp(g, [x], [array(1)])[1], [array(2)], [array(1)]))).toEqual([32, 48])
  })

  it('traces the body of a loop once', () => {
    let traces = 0
    const g = (x: Tensor): Tensor => scan((c: Tensor) => {
      traces++
      return [sin(c), null] as const
    }, x, null, { length: 5 })[0]
    jvp((x: Tensor) => jvp(g, [x], [x])[1], [x], [v])
    expect(traces).toBe(1)
  })
})

describe('errors of jvp and linearize', () => {
  const id = (x: Tensor): Tensor => x
  const call = (...args: unknown[]): (() => unknown) => () => (jvp as (...xs: unknown[]) => unknown)(...args)

  it('a tangent of another shape or structure', () => {
    expect(call(id, [ones([2])], [ones([3])])).toThrow(new ShapeError("jvp: a tangent must have its primal's shape, got (3,) for (2,) at argument [0]"))
    expect(call(id, [{ a: ones([2]) }], [{ a: 'x' }])).toThrow(new ShapeError("jvp: a tangent must have its primal's shape, got string for (2,) at argument [0]['a']"))
    expect(call(id, [ones([2])], [[ones([2])]])).toThrow(new StateError('jvp: tangents must have the structure of the primals, got [[*]] for [*]'))
    expect(call(id, [ones([2]), ones([2])], [ones([2])])).toThrow(new StateError('jvp: tangents must have the structure of the primals, got [*] for [*, *]'))
    const [, linear] = linearize(id, [ones([2])])
    expect(() => linear(ones([3]))).toThrow(new ShapeError("linearize: a tangent must have its primal's shape, got (3,) for (2,) at argument [0]"))
    expect(() => (linear as (...xs: unknown[]) => unknown)()).toThrow(new StateError('linearize: tangents must have the structure of the primals, got [] for [*]'))
  })

  it('aux that is not there', () => {
    expect(call(id, [ones([2])], [ones([2])], { hasAux: true })).toThrow(new TypeError('jvp: with hasAux the function must return [output, aux], got object'))
    expect(call((x: Tensor) => [x], [ones([2])], [ones([2])], { hasAux: true })).toThrow(new TypeError('jvp: with hasAux the function must return [output, aux], got an array of 1'))
  })

  it('a function that returns a Promise', () => {
    expect(call(async (x: Tensor) => x, [ones([2])], [ones([2])])).toThrow(new TraceError('jvp(anonymous): the function returned a Promise; transforms are synchronous, so await before or after'))
  })

  it('a dual number that is used afterwards', () => {
    let kept: Tensor | undefined
    jvp((x: Tensor) => (kept = x), [ones([2])], [ones([2])])
    expect(() => kept!.add(1)).toThrow(TraceError)
  })

  it('linearize of a while loop', () => {
    const f = (x: Tensor): Tensor => whileLoop((v: Tensor) => v.less(10), (v) => v.mul(2), x)
    const [, linear] = linearize(f, [array(1)])
    expect(() => linear(array(1))).toThrow(TraceError)
    expect(zeros([1]).toArray()).toEqual([0])
  })
})
