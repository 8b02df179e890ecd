import { test } from '@fast-check/vitest'
import { jvp, linearize } from '@linum/autodiff'
import { array, cond, foriLoop, jit, ones, scan, sin, tanh, Tensor } from '@linum/tensor'
import { describe, expect, it } from 'vitest'
import { distance, gridOf } from './double-precision.js'
import { input, randomProgram } from './random-programs.js'
import { bits, ints, values } from './readings.js'

const size = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1)

const numbers = (shape: readonly number[], phase: number): Tensor =>
  array(Array.from({ length: size(shape) }, (_, i) => Math.sin(1 + 2.3 * i + phase) + 0.05)).reshape([...shape])

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

  test.prop([randomProgram, input, input, input, input], { numRuns: 20 })(
    'is jvp for random programs, and linear',
    ({ f }, x, y, s, t) => {
      const [, linear] = linearize(f, [x, y])
      const one = linear(s, t)
      expect(distance(gridOf(one), gridOf(jvp(f, [x, y], [s, t])[1]))).toBeLessThan(5e-6)
      const other = linear(t, s)
      expect(distance(gridOf(linear(s.mul(2).sub(t), t.mul(2).sub(s))), gridOf(one.mul(2).sub(other)))).toBeLessThan(
        1e-5,
      )
    },
  )

  it('goes through loops and branches', () => {
    const g = (x: Tensor): Tensor => {
      const looped = scan((c: Tensor, v: Tensor) => [sin(c).mul(v), null] as const, x, array([1, 2, 3]))[0]
      return cond(
        looped.sum().greater(0),
        (v: Tensor) => v.square(),
        (v: Tensor) => v.mul(3),
        foriLoop(0, 2, (i, v: Tensor) => v.mul(x).add(i), looped),
      )
    }
    for (const x of [array([0.3, 1]), array([-0.3, -1])]) {
      const [, linear] = linearize(g, [x])
      for (const t of [array([1, 0]), array([0.5, -2])])
        expect(distance(gridOf(linear(t)), gridOf(jvp(g, [x], [t])[1]))).toBeLessThan(2e-6)
    }
  })

  it('ignores the tangents of integers, and gives 0 for integer results', () => {
    const [out, linear] = linearize(
      (x: Tensor, n: Tensor) => ({ a: x.mul(n), n: n.add(1), s: 'text', k: 4 }),
      [array([1, 2]), ints([3, 4])],
    )
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
