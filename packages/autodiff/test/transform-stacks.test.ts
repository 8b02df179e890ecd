import { test } from '@fast-check/vitest'
import { grad } from '@linum/autodiff'
import { jit, setDefaultDevice, type Tensor } from '@linum/tensor'
import { defaultDevice, traceProgram } from '@linum/tensor/core'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { distance, evaluate, gridOf } from './double-precision.js'
import type { Grid } from './grid.js'
import { input, randomProgram } from './random-programs.js'
import { type Scalar, transformStack } from './transform-stacks.js'

// Thousands of programs that run once each: on the device that compiles fastest.
const initial = defaultDevice().name
beforeAll(() => setDefaultDevice('js'))
afterAll(() => setDefaultDevice(initial))

/** A function's value and its gradient. */
const both =
  (f: Scalar): ((x: Tensor, y: Tensor) => readonly Tensor[]) =>
  (x, y) => [f(x, y), ...grad(f, { argnums: [0, 1] })(x, y)]

/** What its program computes, in double precision. */
const inDoubles = (f: Scalar, x: Tensor, y: Tensor): readonly Grid[] => {
  const { program, captured } = traceProgram('stack', [x.aval, y.aval], ([a, b]) => both(f)(a!, b!))
  return evaluate(program, [...captured, x, y].map(gridOf))
}

const near = (got: readonly Grid[], want: readonly Grid[], tolerance: number): void =>
  got.forEach((g, i) => expect(distance(g, want[i]!)).toBeLessThan(tolerance))

// The runner draws five times as often in the full mode: 10,000 draws.
const draws = process.env['LINUM_TEST'] === 'full' ? 2000 : 50

describe('transforms of random programs, up to three of them in any order', () => {
  test.prop([randomProgram, transformStack, input, input], { numRuns: draws })(
    'agree with another way to the same function and its gradient',
    ({ f }, stack, x, y) => {
      // What a transform computes of constants alone is computed at once, in float32.
      near(inDoubles(stack.apply(f), x, y), inDoubles(stack.otherwise(f), x, y), 1e-6)
    },
    360_000,
  )

  test.prop([randomProgram, transformStack, input, input], { numRuns: 8 })(
    'compute what their programs say, compiled or not',
    ({ f }, stack, x0, y0) => {
      const [x, y] = [x0.astype('float64'), y0.astype('float64')]
      const g = both(stack.apply(f))
      const want = inDoubles(stack.apply(f), x, y)
      near(g(x, y).map(gridOf), want, 1e-7)
      near(jit(g)(x, y).map(gridOf), want, 1e-7)
    },
  )
})
