import { test } from '@fast-check/vitest'
import { grad, hessian, jacfwd, jacrev, vmap } from '@linum/autodiff'
import {
  array,
  DtypeError,
  jit,
  matmul,
  mul,
  ones,
  sin,
  stack,
  tanh,
  Tensor,
  TraceError,
  tree,
  whileLoop,
  zeros,
} from '@linum/tensor'
import { traceProgram } from '@linum/tensor/core'
import { describe, expect, it } from 'vitest'
import { controlProgram, steps, vector } from './control-programs.js'
import { centralDifferences, distance, gridOf } from './double-precision.js'
import type { Grid } from './grid.js'
import { input, randomProgram } from './random-programs.js'

const values = (x: unknown): unknown => tree.map((t: unknown) => (t instanceof Tensor ? t.toArray() : t), x)
const shapesOf = (x: unknown): unknown => tree.map((t: unknown) => (t as Tensor).shape, x)
const near = (got: unknown, want: unknown, tolerance: number): void => {
  expect(String(tree.structure(got))).toBe(String(tree.structure(want)))
  const wanted = tree.leaves(want) as readonly Tensor[]
  tree.leaves(got).forEach((g, i) => expect(distance(gridOf(g as Tensor), gridOf(wanted[i]!))).toBeLessThan(tolerance))
}

/** One row of derivatives per element of the result, by central differences. */
const differences = (f: (x: Tensor) => Tensor, x: Tensor): Grid => {
  const { program, captured } = traceProgram('differences', [x.aval], ([y]) => [f(y!)])
  const out = program.outputs[0]!.aval.shape
  const size = out.reduce((n, d) => n * d, 1)
  const inputs = [...captured, x].map(gridOf)
  const rows = Array.from({ length: size }, (_, o) =>
    centralDifferences(program, inputs, captured.length, [
      { shape: out, data: Array.from({ length: size }, (_, k) => Number(k === o)) },
    ]),
  )
  return { shape: [...out, ...x.shape], data: rows.flatMap((r) => r.data) }
}

const modes = { jacfwd, jacrev } as const

describe.each(Object.entries(modes))('%s', (name, jacobian) => {
  it('gives the derivative of every result with respect to every input', () => {
    expect(values(jacobian((x: Tensor) => x.mul(x.sum()))(array([1, 2, 3])))).toEqual([
      [7, 1, 1],
      [2, 8, 2],
      [3, 3, 9],
    ])
    const m = array([
      [1, 2],
      [3, 4],
      [5, 6],
    ])
    expect(values(jacobian((x: Tensor) => matmul(m, x))(array([7, 8])))).toEqual(m.toArray())
  })

  it('has the axes of the result, then those of the input', () => {
    expect(shapesOf(jacobian((x: Tensor) => x.sum({ axis: 1 }))(ones([2, 3])))).toEqual([2, 2, 3])
    expect(shapesOf(jacobian((x: Tensor) => x.sum())(ones([2, 3])))).toEqual([2, 3])
    expect(shapesOf(jacobian((x: Tensor) => x.mul(ones([4, 5])))(array(2)))).toEqual([4, 5])
    expect(shapesOf(jacobian((x: Tensor) => stack([x.T, x.T]))(ones([2, 3])))).toEqual([2, 3, 2, 2, 3])
    expect(values(jacobian((x: number) => mul(x, 3))(2))).toEqual(3)
  })

  it('takes and gives trees: for each leaf of the result a tree like the input', () => {
    const f = ({ a, b }: { a: Tensor; b: readonly [Tensor, null] }): unknown => ({ p: a.mul(b[0]), q: [a.sum()] })
    expect(values(jacobian(f)({ a: array([1, 2]), b: [array(3), null] }))).toEqual({
      p: {
        a: [
          [3, 0],
          [0, 3],
        ],
        b: [[1, 2], null],
      },
      q: [{ a: [1, 1], b: [0, null] }],
    })
  })

  it('with respect to one argument or several', () => {
    const f = (a: Tensor, b: Tensor, n: Tensor): readonly Tensor[] => [a.mul(b), b.mul(n)]
    const args = [array([1, 2]), array(3), array(2, { dtype: 'int32' })] as const
    expect(values(jacobian(f, { argnums: 1 })(...args))).toEqual([[1, 2], 2])
    expect(values(jacobian(f, { argnums: [1, 0] })(...args))).toEqual([
      [
        [1, 2],
        [
          [3, 0],
          [0, 3],
        ],
      ],
      [2, [0, 0]],
    ])
    expect(values(jacobian(f, { argnums: [0] })(...args))).toEqual([
      [
        [
          [3, 0],
          [0, 3],
        ],
      ],
      [[0, 0]],
    ])
  })

  it('is 0 for what does not depend on the input', () => {
    expect(values(jacobian((_: Tensor) => ones([2]))(ones([3])))).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ])
  })

  it('of and to nothing', () => {
    expect(shapesOf(jacobian((x: Tensor) => x.mul(2))(zeros([0])))).toEqual([0, 0])
    expect(shapesOf(jacobian((x: Tensor) => x.sum())(zeros([0])))).toEqual([0])
    expect(shapesOf(jacobian((x: Tensor) => x.slice('0:0'))(zeros([2])))).toEqual([0, 2])
  })

  it('goes with jit and vmap in any order', () => {
    const f = (x: Tensor): Tensor => sin(x).mul(x.sum())
    const xs = array([
      [0.3, 2, -1],
      [1, 0, 2],
    ])
    const want = stack([0, 1].map((i) => jacobian(f)(xs.slice(i)) as Tensor))
    near(vmap(jacobian(f) as (x: Tensor) => Tensor)(xs), want, 1e-6)
    near(vmap(jacobian(jit(f)) as (x: Tensor) => Tensor)(xs), want, 1e-6)
    near(jit(vmap(jacobian(f) as (x: Tensor) => Tensor))(xs), want, 1e-6)
    near(
      jacobian((x: Tensor) => vmap(f)(x))(xs),
      [0, 1].map((i) => i).reduce((block, i) => block.add(placed(want.slice(i), i)), zeros([2, 3, 2, 3])),
      1e-6,
    )
  })

  it('runs the function once', () => {
    let runs = 0
    jacobian((x: Tensor) => {
      runs++
      return x.mul(x.sum())
    })(ones([5]))
    expect(runs).toBe(1)
  })

  test.prop([randomProgram, input, input], { numRuns: 8 })(
    'is what differences say of random programs',
    ({ f }, x, y) => {
      const g = (x: Tensor): Tensor => tanh(f(x, y).mul(0.1)).add(x.mul(f(x, x)))
      expect(distance(gridOf(jacobian(g)(x) as Tensor), differences(g, x))).toBeLessThan(2e-4)
    },
  )

  it('integers are refused', () => {
    const ints = array([1, 2], { dtype: 'int32' })
    expect(() => jacobian((x: Tensor) => x.mul(0.5))(ints)).toThrow(
      new DtypeError(`${name}: requires real-valued inputs and outputs, got int32 for argument 0`),
    )
    expect(() => jacobian((x: Tensor, s: string) => [x, s], { argnums: 1 })(ones([2]), 'a')).toThrow(
      new DtypeError(`${name}: requires real-valued inputs and outputs, got string for argument 1`),
    )
    expect(() => jacobian((x: Tensor) => [x, 'a'])(ones([2]))).toThrow(
      new DtypeError(`${name}: requires real-valued inputs and outputs, got string for the output at [1]`),
    )
  })

  it('argnums that name no argument are refused', () => {
    const f = (x: Tensor): Tensor => x
    expect(() => jacobian(f, { argnums: 1 })(ones([2]))).toThrow(
      new RangeError(`${name}: argnums must name arguments, got 1 for a call with 1 argument`),
    )
    expect(() => jacobian(f, { argnums: -1 })(ones([2]))).toThrow(
      new RangeError(`${name}: argnums must name arguments, got -1 for a call with 1 argument`),
    )
    expect(() => jacobian(f, { argnums: [0, 0] })(ones([2]))).toThrow(
      new RangeError(`${name}: argnum 0 is repeated in argnums`),
    )
  })

  it('a Promise is refused', () => {
    expect(() => jacobian(async (x: Tensor) => x)(ones([2]))).toThrow(TraceError)
  })
})

/** A block on the diagonal of a batch of functions. */
const placed = (block: Tensor, i: number): Tensor => {
  const row = array([0, 1].map((k) => Number(k === i)))
  return block
    .reshape([1, 3, 1, 3])
    .mul(row.reshape([2, 1, 1, 1]))
    .mul(row.reshape([1, 1, 2, 1]))
}

describe('the two modes', () => {
  test.prop([randomProgram, input, input], { numRuns: 15 })('give one Jacobian', ({ f }, x, y) => {
    const g = (x: Tensor, y: Tensor): { a: Tensor; b: Tensor } => ({ a: f(x, y), b: x.mul(f(y, x)) })
    near(jacfwd(g, { argnums: [0, 1] })(x, y), jacrev(g, { argnums: [0, 1] })(x, y), 5e-6)
  })

  test.prop([controlProgram(steps), vector], { numRuns: 20 })(
    'give one Jacobian of loops and branches, the derivative of the same without',
    ({ control, plain }, x) => {
      const want = jacfwd(plain)(x)
      near(jacfwd(control)(x), want, 5e-6)
      near(jacrev(control)(x), want, 5e-6)
    },
  )

  it('only forward mode goes through a loop whose length is not known', () => {
    const f = (x: Tensor): Tensor =>
      whileLoop(
        (v: Tensor) => v.sum().less(10),
        (v) => v.mul(2),
        x,
      )
    expect(values(jacfwd(f)(array([1, 2])))).toEqual([
      [4, 0],
      [0, 4],
    ])
    expect(() => jacrev(f)(array([1, 2]))).toThrow(TraceError)
  })

  it('of integer results: forward mode gives 0, reverse mode refuses', () => {
    const f = (x: Tensor): Tensor => x.astype('int32')
    expect(values(jacfwd(f)(array([1, 2])))).toEqual([
      [0, 0],
      [0, 0],
    ])
    expect(() => jacrev(f)(array([1, 2]))).toThrow(
      new DtypeError('jacrev: requires real-valued inputs and outputs, got int32 for the output'),
    )
  })
})

describe('hessian', () => {
  it('gives the second derivatives', () => {
    expect(values(hessian((x: Tensor) => x.pow(3).sum())(array([1, 2, 3])))).toEqual([
      [6, 0, 0],
      [0, 12, 0],
      [0, 0, 18],
    ])
    const m = array([
      [2, 1],
      [5, 3],
    ])
    expect(values(hessian((x: Tensor) => matmul(x, matmul(m, x)))(array([7, 8])))).toEqual([
      [4, 6],
      [6, 6],
    ])
    expect(values(hessian((x: Tensor) => x.pow(3))(array(2)))).toBe(12)
  })

  it('has a leaf for each pair of leaves', () => {
    const f = ({ a, b }: { a: Tensor; b: Tensor }): Tensor => a.square().sum().mul(b)
    expect(values(hessian(f)({ a: array([1, 2]), b: array(3) }))).toEqual({
      a: {
        a: [
          [6, 0],
          [0, 6],
        ],
        b: [2, 4],
      },
      b: { a: [2, 4], b: 0 },
    })
    const g = (a: Tensor, b: Tensor, c: Tensor): Tensor => a.mul(b).mul(c).sum()
    expect(values(hessian(g, { argnums: [0, 2] })(array([1, 2]), array([3, 4]), array(5)))).toEqual([
      [
        [
          [0, 0],
          [0, 0],
        ],
        [3, 4],
      ],
      [[3, 4], 0],
    ])
    expect(values(hessian(g, { argnums: 1 })(array([1, 2]), array([3, 4]), array(5)))).toEqual([
      [0, 0],
      [0, 0],
    ])
  })

  it('of a function of several results is that of each', () => {
    expect(shapesOf(hessian((x: Tensor) => ({ a: x.sum(), b: x.mul(2) }))(ones([2, 3])))).toEqual({
      a: [2, 3, 2, 3],
      b: [2, 3, 2, 3, 2, 3],
    })
    expect(values(hessian((x: Tensor) => x.pow(3))(array([1, 2])))).toEqual([
      [
        [6, 0],
        [0, 0],
      ],
      [
        [0, 0],
        [0, 12],
      ],
    ])
  })

  test.prop([randomProgram, input, input], { numRuns: 6 })(
    'is symmetric, and what differences of the gradient say',
    ({ f }, x, y) => {
      const g = (x: Tensor): Tensor => sin(f(x, y).mul(0.3)).add(x.square().prod())
      const h = (hessian(g)(x) as Tensor).reshape([6, 6])
      expect(distance(gridOf(h), gridOf(h.T))).toBeLessThan(1e-5)
      expect(distance(gridOf(h.reshape([2, 3, 2, 3])), differences(grad(g), x))).toBeLessThan(5e-4)
    },
  )

  test.prop([controlProgram(steps), vector], { numRuns: 12 })(
    'of loops and branches is that of the same without',
    ({ control, plain }, x) => {
      const loss =
        (f: (x: Tensor) => Tensor) =>
        (x: Tensor): Tensor =>
          f(x)
            .mul(array([1, -0.5, 2]))
            .sum()
      const h = hessian(loss(control))(x) as Tensor
      near(h, hessian(loss(plain))(x), 2e-5)
      expect(distance(gridOf(h), gridOf(h.T))).toBeLessThan(2e-5)
      near(jit(hessian(loss(control)))(x), h, 1e-6)
    },
  )

  it('any two modes give it', () => {
    const f = (x: Tensor): Tensor => sin(x).mul(x).prod()
    const x = array([0.3, 2, -1])
    const want = hessian(f)(x)
    for (const outer of [jacfwd, jacrev])
      for (const inner of [jacfwd, jacrev]) near(outer(inner(f) as (x: Tensor) => Tensor)(x), want, 5e-6)
  })

  it('integers are refused', () => {
    expect(() => hessian((x: Tensor) => x.sum())(array([1], { dtype: 'int32' }))).toThrow(DtypeError)
  })
})
