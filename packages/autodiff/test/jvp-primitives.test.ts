import { fc, test } from '@fast-check/vitest'
import { jvp, vjp } from '@linum/autodiff'
import { array, jit, Tensor } from '@linum/tensor'
import { bind, isFloat, type PrimitiveName, traceProgram } from '@linum/tensor/core'
import { describe, expect } from 'vitest'
import { centralDifferences, gridOf } from './double-precision.js'
import type { Grid } from './grid.js'
import { type Case, cases, type Reals } from './primitive-cases.js'
import { input, randomProgram } from './random-programs.js'
import { bits } from './readings.js'

type Tensors = readonly Tensor[]

type Many = (...xs: Tensor[]) => Tensors

const size = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1)

const numbers = (shape: readonly number[], phase: number): Tensor =>
  array(Array.from({ length: size(shape) }, (_, i) => Math.sin(1 + 2.3 * i + phase) + 0.05)).reshape([...shape])

/** Something to pair with every real tensor; the others stay what they are. */
const alike = (xs: Tensors, phase: number): Tensor[] =>
  xs.map((x, i) => (isFloat(x.dtype) ? numbers(x.shape, phase + i) : x))

const inner = (xs: readonly (Tensor | null)[], ys: Tensors): number =>
  ys.reduce(
    (sum, y, i) =>
      sum + (isFloat(y.dtype) && xs[i] ? gridOf(y).data.reduce((s, v, k) => s + v * gridOf(xs[i]!).data[k]!, 0) : 0),
    0,
  )

const magnitude = (xs: readonly (Tensor | null)[]): number =>
  Math.max(1, ...xs.flatMap((x) => (x ? gridOf(x).data.map(Math.abs) : [])))

const grids = (ts: Tensors): readonly (Grid | null)[] => ts.map((t) => (isFloat(t.dtype) ? gridOf(t) : null))

const isReals = (x: Reals | Tensor): x is Reals => !(x instanceof Tensor)

const slots = 997

const operand = ({ shape, from, to }: Reals, picks: readonly number[], k: number): Tensor =>
  array(picks.map((p) => from + ((to - from) * (p + 0.31 + k / 7)) / slots)).reshape([...shape])

const operandsOf = (c: Case<unknown>): fc.Arbitrary<Tensors> =>
  fc.tuple(
    ...c.operands.map((x, k) =>
      isReals(x)
        ? fc
            .uniqueArray(fc.nat(slots - 1), { minLength: size(x.shape), maxLength: size(x.shape) })
            .map((p) => operand(x, p, k))
        : fc.constant(x),
    ),
  )

/** The derivative along the tangents of some operands only, the others taken from outside. */
const along = (f: Many, xs: Tensors, ts: Tensors, moved: readonly boolean[]): Tensors => {
  const own = xs.flatMap((x, i) => (moved[i] === true ? [x] : []))
  const partly = (...ys: Tensor[]): Tensors => {
    let k = 0
    return f(...xs.map((x, i) => (moved[i] === true ? ys[k++]! : x)))
  }
  return jvp(
    partly,
    own,
    ts.filter((_, i) => moved[i] === true),
  )[1]
}

const masks = (xs: Tensors): readonly (readonly boolean[])[] => {
  const real = xs.map((x) => isFloat(x.dtype))
  return Array.from({ length: 2 ** xs.length }, (_, m) => xs.map((_, i) => ((m >> i) & 1) === 1)).filter(
    (m) => m.some(Boolean) && m.every((b, i) => !b || real[i] === true),
  )
}

/** Forward and reverse mode against each other and against differences. */
const agrees = (name: string, f: Many, xs: Tensors): void => {
  const outputs = f(...(xs as Tensor[]))
  const [ts, cts] = [alike(xs, 0.3), alike(outputs, 1.1)]
  const back = vjp(f, xs as Tensor[])[1](cts) as readonly (Tensor | null)[]
  const { program, captured } = traceProgram(
    'differences',
    xs.map((x) => x.aval),
    (ys) => f(...(ys as Tensor[])),
  )
  const inputs = [...captured, ...xs].map(gridOf)
  const byDifferences = xs.map((x, i) =>
    isFloat(x.dtype) ? centralDifferences(program, inputs, captured.length + i, grids(cts)) : null,
  )
  for (const moved of masks(xs)) {
    const what = `${name} of ${xs.map((x) => `[${x.shape.join()}]`).join(', ')}, moving ${moved.map(Number).join('')}`
    const dots = along(f, xs, ts, moved)
    dots.forEach((d, o) => expect([d.shape, d.dtype], what).toEqual([outputs[o]!.shape, outputs[o]!.dtype]))
    const got = inner(cts, dots)
    const own = back.map((b, i) => (moved[i] === true ? b : null))
    const scale = magnitude([...back, ...dots]) * Math.max(1, ...xs.map((x) => x.size))
    expect(
      Math.abs(got - inner(own, ts)) / scale,
      `${what}: <ct, jvp t> ${got}, <vjp ct, t> ${inner(own, ts)}`,
    ).toBeLessThan(2e-6)
    const want = byDifferences.reduce(
      (sum, g, i) =>
        g && moved[i] === true ? sum + g.data.reduce((s, v, k) => s + v * gridOf(ts[i]!).data[k]!, 0) : sum,
      0,
    )
    expect(Math.abs(got - want) / scale, `${what}: ${got}, by differences ${want}`).toBeLessThan(2e-5)
  }
  const all = xs.map((x) => isFloat(x.dtype))
  const eager = bits(along(f, xs, ts, all))
  expect(
    bits(jit((...ys: Tensor[]) => along(f, ys, ts, all))(...(xs as Tensor[]))),
    `${name}, compiled outside`,
  ).toEqual(eager)
  expect(bits(along(jit(f as never) as unknown as Many, xs, ts, all)), `${name}, compiled inside`).toEqual(eager)
}

describe('jvp of a primitive pairs with its vjp and is the derivative', () => {
  for (const [name, list] of Object.entries(cases) as [PrimitiveName, readonly Case<unknown>[] | string][]) {
    if (typeof list === 'string') continue
    test.prop([fc.tuple(...list.map(operandsOf))], { numRuns: 2 })(name, (operands) => {
      list.forEach((c, i) =>
        agrees(`${name} with ${JSON.stringify(c.params)}`, (...ys) => bind(name, ys, c.params as never), operands[i]!),
      )
    })
  }
})

const shapes = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 })

/** Shapes that broadcast to one: some leading axes left out, some axes of extent 1. */
const broadcasting = (n: number): fc.Arbitrary<readonly (readonly number[])[]> =>
  shapes.chain((shape) =>
    fc
      .array(
        fc.tuple(fc.nat(shape.length), fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length })),
        { minLength: n, maxLength: n },
      )
      .map((picks) => picks.map(([drop, thin]) => shape.map((d, i) => (thin[i] === true ? 1 : d)).slice(drop))),
  )

const filled = (shape: readonly number[], k: number, low: number, high: number): Tensor =>
  numbers(shape, 5 * k)
    .mul((high - low) / 2.2)
    .add((high + low) / 2)

describe('with random shapes', () => {
  const elementwise = ['add', 'sub', 'mul', 'div', 'pow', 'max', 'min', 'atan2'] as const
  test.prop([fc.constantFrom(...elementwise), broadcasting(2)], { numRuns: 24 })(
    'operations of two operands broadcast',
    (name, [a, b]) => {
      agrees(name, (...xs) => bind(name, xs, null), [filled(a!, 1, 0.4, 2), filled(b!, 2, 0.5, 1.7)])
    },
  )

  test.prop([broadcasting(3)], { numRuns: 12 })('operations of three operands broadcast', ([a, b, c]) => {
    agrees('fma', (...xs) => bind('fma', xs, null), [filled(a!, 1, -2, 2), filled(b!, 2, -2, 2), filled(c!, 3, -2, 2)])
    agrees('select', (...xs) => bind('select', xs, null), [
      filled(a!, 1, -2, 2).greater(0),
      filled(b!, 2, -2, 2),
      filled(c!, 3, -2, 2),
    ])
  })

  test.prop(
    [
      shapes,
      fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
      fc.constantFrom('reduce_sum', 'reduce_prod', 'reduce_max', 'reduce_min'),
    ],
    { numRuns: 20 },
  )('reductions over any axes', (shape, mask, name) => {
    const axes = shape.map((_, i) => i).filter((i) => mask[i] === true)
    agrees(name, (...xs) => bind(name, xs, { axes }), [filled(shape, 1, -1.5, 1.5)])
  })

  test.prop([randomProgram, input, input], { numRuns: 12 })('functions of many operations', ({ f }, x, y) => {
    agrees('a random program', (...xs) => [f(xs[0]!, xs[1]!)], [x, y])
  })
})
