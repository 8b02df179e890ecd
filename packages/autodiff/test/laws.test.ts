import { test } from '@fast-check/vitest'
import { grad, valueAndGrad, vjp } from '@linum/autodiff'
import { array, jit, type Tensor } from '@linum/tensor'
import { traceProgram } from '@linum/tensor/core'
import { describe, expect } from 'vitest'
import { centralDifferences, distance, gridOf } from './double-precision.js'
import type { Grid } from './grid.js'
import { input, randomProgram } from './random-programs.js'

const bits = (ts: readonly unknown[]): unknown => ts.map((t) => [...(t as Tensor).dataSync()])

const near = (got: readonly Tensor[], want: readonly Tensor[], tolerance: number): void =>
  got.forEach((g, i) => expect(distance(gridOf(g), gridOf(want[i]!))).toBeLessThan(tolerance))

const both = { argnums: [0, 1] } as const
const one = array(1).astype('float32')

/** The gradient by central differences of the function's program. */
const differences = (f: (x: Tensor, y: Tensor) => Tensor, ...xs: readonly [Tensor, Tensor]): Grid[] => {
  const { program, captured } = traceProgram(
    'differences',
    xs.map((x) => x.aval),
    ([x, y]) => [f(x!, y!)],
  )
  return xs.map((_, i) =>
    centralDifferences(program, [...captured, ...xs].map(gridOf), captured.length + i, [gridOf(one)]),
  )
}

describe('laws of random programs', () => {
  test.prop([randomProgram, input, input], { numRuns: 40 })('the gradient is the derivative', ({ f }, x, y) => {
    const want = differences(f, x, y)
    grad(f, both)(x, y).forEach((g, i) => expect(distance(gridOf(g), want[i]!)).toBeLessThan(1e-4))
  })

  test.prop([randomProgram, input, input], { numRuns: 30 })(
    'grad, grad of jit and jit of grad agree to the bit',
    ({ f, plain }, x, y) => {
      for (const g of [f, plain]) {
        const want = bits(grad(g, both)(x, y))
        expect(bits(grad(jit(g), both)(x, y))).toEqual(want)
        expect(bits(jit(grad(g, both))(x, y))).toEqual(want)
        expect(bits(jit(grad(jit(g), both))(x, y))).toEqual(want)
      }
    },
  )

  test.prop([randomProgram, input, input], { numRuns: 30 })(
    'jitting parts of a function changes no more than the order of sums',
    ({ f, plain }, x, y) => {
      expect(bits([f(x, y)])).toEqual(bits([plain(x, y)]))
      near(grad(f, both)(x, y), grad(plain, both)(x, y), 2e-6)
    },
  )

  test.prop([randomProgram, input, input], { numRuns: 30 })('the value is that of the function', ({ f }, x, y) => {
    const want = bits([f(x, y)])
    expect(bits([valueAndGrad(f)(x, y)[0]])).toEqual(want)
    expect(bits([vjp(f, [x, y])[0]])).toEqual(want)
    expect(bits([jit(valueAndGrad(f))(x, y)[0]])).toEqual(want)
  })

  test.prop([randomProgram, input, input], { numRuns: 20 })(
    'the pullback is linear and can be called again',
    ({ f }, x, y) => {
      const [, pullback] = vjp((x: Tensor, y: Tensor) => f(x, y).add(x).sub(y.mul(2)), [x, y])
      const back = (ct: Tensor): readonly Tensor[] => pullback(ct) as readonly Tensor[]
      const [u, v] = [x.sin(), y.cos()]
      const [bu, bv] = [back(u), back(v)]
      near(
        back(u.mul(2).sub(v.mul(0.5))),
        bu.map((b, i) => b.mul(2).sub(bv[i]!.mul(0.5))),
        1e-5,
      )
      expect(bits(back(u))).toEqual(bits(bu))
      back(u.mul(0)).forEach((b) => expect(distance(gridOf(b), gridOf(b.mul(0)))).toBe(0))
    },
  )

  test.prop([randomProgram, input, input], { numRuns: 15 })(
    'the gradient of the gradient is its derivative',
    ({ f }, x, y) => {
      const along = (x: Tensor, y: Tensor): Tensor =>
        grad(f, both)(x, y).reduce((sum, g) => sum.add(g.sin().sum()), one)
      const found = grad(along, both)(x, y)
      near(grad(jit(along), both)(x, y), found, 1e-5)
      near(jit(grad(along, both))(x, y), found, 1e-5)
      const want = differences(along, x, y)
      found.forEach((g, i) => expect(distance(gridOf(g), want[i]!)).toBeLessThan(3e-4))
    },
  )
})
