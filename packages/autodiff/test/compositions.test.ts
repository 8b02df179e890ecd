import { fc, test } from '@fast-check/vitest'
import { grad, jvp, linearize, vmap } from '@linum/autodiff'
import { array, jit, stack, type Tensor } from '@linum/tensor'
import { traceProgram } from '@linum/tensor/core'
import { describe, expect } from 'vitest'
import { type ControlProgram, controlProgram, forwardSteps, steps, vector } from './control-programs.js'
import { centralDifferences, distance, gridOf } from './double-precision.js'

type F = (x: Tensor) => Tensor

/** Numbers without a pattern that a mistake could share. */
const numbers = (shape: readonly number[], phase: number): Tensor => {
  const size = shape.reduce((n, d) => n * d, 1)
  return array(Array.from({ length: size }, (_, i) => Math.sin(1 + 2.3 * i + phase))).reshape([...shape])
}
const loss =
  (f: F): F =>
  (x) => {
    const y = f(x)
    return y.mul(numbers(y.shape, 0.2)).sum()
  }
const batch = (x: Tensor): readonly Tensor[] => [x, x.mul(0.6).add(0.05)]
const tangent = (x: Tensor): Tensor => numbers(x.shape, 0.7)

/** A transform of functions of one tensor, and the same without batching or compiling. */
interface Transform {
  readonly of: (f: F) => F
  readonly plainly: (f: F) => F
}

const transforms = {
  jit: { of: (f) => jit(f), plainly: (f) => f },
  grad: { of: (f) => grad(loss(f)), plainly: (f) => grad(loss(f)) },
  jvp: { of: (f) => (x) => jvp(f, [x], [tangent(x)])[1], plainly: (f) => (x) => jvp(f, [x], [tangent(x)])[1] },
  vmap: { of: (f) => (x) => vmap(f)(stack(batch(x))), plainly: (f) => (x) => stack(batch(x).map(f)) },
} as const satisfies Readonly<Record<string, Transform>>

/** The same once more, written differently. */
const variants = {
  vmapOverLast: {
    of: (f) => (x) => vmap(f, { inAxes: -1, outAxes: -1 })(stack(batch(x), { axis: -1 })),
    plainly: (f) => (x) => stack(batch(x).map(f), { axis: -1 }),
  },
  vmapOfCaptured: {
    of: (f) => (x) => vmap((s: Tensor) => f(x.mul(s)))(array([1, 0.7, -0.4])),
    plainly: (f) => (x) => stack([1, 0.7, -0.4].map((s) => f(x.mul(s)))),
  },
  linearize: { of: (f) => (x) => linearize(f, [x])[1](tangent(x)), plainly: transforms.jvp.plainly },
  jvpOfCaptured: {
    of: (f) => (x) => jvp((s: Tensor) => f(x.mul(s)), [array(1)], [array(0.8)])[1],
    plainly: (f) => (x) => jvp((s: Tensor) => f(x.mul(s)), [array(1)], [array(0.8)])[1],
  },
} as const satisfies Readonly<Record<string, Transform>>

type Name = keyof typeof transforms | keyof typeof variants
const all: Readonly<Record<Name, Transform>> = { ...transforms, ...variants }

/** The transforms of a list, the first one outermost. */
const apply = (names: readonly Name[], kind: keyof Transform, f: F): F =>
  names.reduceRight((g, name) => all[name][kind](g), f)

const words = (names: readonly Name[], depth: number): readonly (readonly Name[])[] =>
  depth === 0 ? [[]] : words(names, depth - 1).flatMap((w) => names.map((n) => [n, ...w]))

const near = (got: Tensor, want: Tensor, tolerance: number, what: string): void =>
  expect(
    distance(gridOf(got), gridOf(want)),
    `${what}: [${gridOf(got).data.join()}], plainly [${gridOf(want).data.join()}]`,
  ).toBeLessThan(tolerance)

const base = Object.keys(transforms) as readonly Name[]
const everyOrder = [1, 2, 3].flatMap((depth) => words(base, depth))

const agrees = (order: readonly Name[], program: ControlProgram, x: Tensor): void => {
  const what = `${order.join(' of ')} of ${String(program)}`
  const f = apply(order, 'of', program.control)
  const got = f(x)
  near(got, apply(order, 'plainly', program.plain)(x), 5e-5, what)
  expect([...jit(f)(x).dataSync()], `${what}, compiled`).toEqual([...got.dataSync()])
}

describe('every order of three of jit, grad, jvp and vmap', () => {
  for (const outer of base) {
    const orders = everyOrder.filter((o) => o[0] === outer)
    test.prop([fc.tuple(...orders.map(() => controlProgram(steps))), vector], { numRuns: 2 })(
      `${outer} outermost, of functions with loops and branches`,
      (programs, x) => orders.forEach((order, i) => agrees(order, programs[i]!, x)),
    )
  }
})

const order = (names: readonly Name[]): fc.Arbitrary<readonly Name[]> =>
  fc.array(fc.constantFrom(...names), { minLength: 2, maxLength: 3 })
const withoutGrad = (Object.keys(all) as readonly Name[]).filter((n) => n !== 'grad' && n !== 'linearize')

describe('random orders', () => {
  test.prop([order(Object.keys(all) as readonly Name[]), controlProgram(steps), vector], { numRuns: 30 })(
    'of every way to batch and to differentiate',
    agrees,
  )

  test.prop([order(withoutGrad), controlProgram({ ...steps, ...forwardSteps }), vector], { numRuns: 30 })(
    'of functions with loops whose length only their values tell',
    agrees,
  )
})

/** The derivative of <ct, f(x)> along x by central differences, in double precision. */
const differences = (f: F, x: Tensor, ct: Tensor): ReturnType<typeof gridOf> => {
  const { program, captured } = traceProgram('differences', [x.aval], ([y]) => [f(y!)])
  return centralDifferences(program, [...captured, x].map(gridOf), captured.length, [gridOf(ct)])
}

describe('the outermost derivative', () => {
  const inner = fc.array(fc.constantFrom<Name>('jit', 'grad', 'jvp', 'vmap', 'vmapOfCaptured'), { maxLength: 2 })

  test.prop([inner, controlProgram(steps), vector], { numRuns: 30 })(
    'is what differences of the rest say',
    (names, program, x) => {
      const f = apply(names, 'of', program.control)
      const ct = numbers(f(x).shape, 0.2)
      const want = differences(f, x, ct)
      const what = `${names.join(' of ')} of ${String(program)}`
      expect(distance(gridOf(grad(loss(f))(x)), want), `grad of ${what}`).toBeLessThan(5e-4)
      const along = jvp(f, [x], [tangent(x)])[1]
        .mul(ct)
        .sum()
        .item() as number
      const expected = want.data.reduce((sum, d, i) => sum + d * gridOf(tangent(x)).data[i]!, 0)
      expect(Math.abs(along - expected) / Math.max(1, ...want.data.map(Math.abs)), `jvp of ${what}`).toBeLessThan(1e-3)
    },
  )
})
