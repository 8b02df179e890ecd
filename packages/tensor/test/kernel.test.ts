import { fc, test } from '@fast-check/vitest'
import * as np from '@linum/tensor'
import { arange, array, jit, ones, type Tensor, zeros } from '@linum/tensor'
import { makeSchedule, type Schedule, traceProgram } from '@linum/tensor/core'
import { describe, expect } from 'vitest'
import { compileKernel, kernelSource } from '../src/device/js/emit.js'
import { interpretKernel } from '../src/device/js/interpret.js'
import { axisIndex, constant, scale, shift, sum, zero } from '../src/kernel/affine.js'
import { collapse } from '../src/kernel/collapse.js'
import type { Expr, Index, Kernel } from '../src/kernel/ir.js'
import { collapsedKey } from '../src/kernel/key.js'
import { parametrize } from '../src/kernel/parametrize.js'

const scheduleOf = (f: (...xs: Tensor[]) => readonly Tensor[], ...xs: Tensor[]): Schedule =>
  makeSchedule(
    traceProgram(
      'test',
      xs.map((x) => x.aval),
      (args) => f(...args),
    ).program,
  )
const stepsOf = (f: (...xs: Tensor[]) => readonly Tensor[], ...xs: Tensor[]): string[] =>
  scheduleOf(f, ...xs).steps.flatMap((s) =>
    s.kind === 'cluster' ? s.members.map(() => 'kernel') : s.kind === 'kernel' ? 'kernel' : s.routine.name,
  )
const kernelsOf = (f: (...xs: Tensor[]) => readonly Tensor[], ...xs: Tensor[]): Kernel<number>[] =>
  scheduleOf(f, ...xs).steps.flatMap((s) => (s.kind === 'kernel' ? [s.kernel] : []))

describe('fusion', () => {
  const x = ones([4, 6])

  test('runs a chain of elementwise operations and views as one kernel', () => {
    expect(
      stepsOf(
        (a, b) => [
          np
            .pad(a.mul(2).add(b).T.slice('1:'), [
              [1, 1],
              [0, 0],
            ])
            .exp()
            .ravel()
            .flip()
            .sub(1),
        ],
        x,
        ones([6]),
      ),
    ).toEqual(['kernel'])
  })
  test('runs a reduction with what comes before it, and what follows at its size', () => {
    expect(stepsOf((a) => [a.sub(1).square().mean({ axis: 1 }).sqrt()], x)).toEqual(['kernel'])
    expect(stepsOf((a) => [a.sum({ axis: 1 }).add(a.max({ axis: 1 }))], x)).toEqual(['kernel'])
  })
  test('stores what would be computed once per broadcast element, and what is dear and used twice: softmax is four kernels', () => {
    expect(stepsOf((a) => [np.softmax(a)], x)).toEqual(['kernel', 'kernel', 'kernel', 'kernel'])
    expect(stepsOf((a) => [a.add(a.slice(0).exp())], x)).toEqual(['kernel', 'kernel'])
    expect(stepsOf((a) => [a.add(a.slice(0).mul(2))], x)).toEqual(['kernel'])
  })
  test('runs products as routines on stored operands, transposed ones in place', () => {
    expect(stepsOf((a, w) => [np.relu(a.matmul(w).add(1))], x, ones([6, 2]))).toEqual(['dot', 'kernel'])
    expect(stepsOf((a) => [a.T.matmul(a)], x)).toEqual(['dot'])
    expect(stepsOf((a) => [a.sort(), a.cumsum({ axis: 0 })], x)).toEqual(['sort', 'cumsum'])
  })
  test('does nothing for a reshape, for an input handed back and for what has no elements', () => {
    expect(stepsOf((a) => [a.reshape([24]), a], x)).toEqual([])
    expect(stepsOf((a) => [a.slice(':0').exp()], x)).toEqual([])
  })
  test('computes a value that two results need twice only where that is cheap', () => {
    expect(stepsOf((a) => [a.exp().add(1), a.exp().T], x)).toEqual(['kernel', 'kernel'])
    expect(stepsOf((a) => [a.add(1).mul(2), a.add(1).T], x)).toEqual(['kernel', 'kernel'])
  })
  test('cuts long expressions, so that neither kernels nor their text explode', () => {
    const deep = (step: (y: Tensor) => Tensor, from: Tensor): number => {
      const kernels = kernelsOf((a) => [Array.from({ length: 60 }).reduce((y: Tensor) => step(y), a)], from)
      return Math.max(...kernels.map((k) => kernelSource(k).length))
    }
    const integers = arange(6)
    expect(deep((y) => y.mul(y), x)).toBeLessThan(40_000)
    expect(deep((y) => y.maximum(1).minimum(9), integers)).toBeLessThan(40_000)
    expect(deep((y) => np.leftShift(1, y), integers)).toBeLessThan(40_000)
    expect(
      deep(
        (y) =>
          np
            .pad(y, [[0, 1]])
            .slice(':-1')
            .add(y),
        integers,
      ),
    ).toBeLessThan(40_000)
    expect(deep((y) => np.concatenate([y.slice('1:'), y.slice(':1')]), integers)).toBeLessThan(40_000)
    const rolled = kernelsOf(() => [
      Array.from({ length: 60 }).reduce<Tensor>((y) => np.concatenate([y.slice('1:'), y.slice(':1')]), np.iota([6], 0)),
    ])
    expect(Math.max(...rolled.map((k) => kernelSource(k).length))).toBeLessThan(40_000)
  })
})

describe('collapsing', () => {
  test('makes one loop of contiguous axes, whatever the rank', () => {
    expect(kernelsOf((a) => [a.mul(2)], ones([2, 3, 4, 5])).map((k) => k.grid)).toEqual([[120]])
    expect(kernelsOf((a, b) => [a.mul(b)], ones([2, 3, 4]), ones([4])).map((k) => k.grid)).toEqual([[6, 4]])
    expect(kernelsOf((a) => [a.T.add(1)], ones([2, 3, 4])).map((k) => k.grid)).toEqual([[4, 3, 2]])
    expect(kernelsOf((a) => [a.transpose([2, 0, 1]).add(1)], ones([2, 3, 4])).map((k) => k.grid)).toEqual([[4, 6]])
    expect(kernelsOf((a) => [a.sum({ axis: [1, 2] })], ones([2, 3, 4])).map((k) => [k.grid, k.reduce])).toEqual([
      [[2], [12]],
    ])
    expect(kernelsOf((a) => [a.sum()], ones([2, 3, 4])).map((k) => [k.grid, k.reduce])).toEqual([[[], [24]]])
    expect(kernelsOf((a) => [a.sum({ axis: 1 })], ones([2, 3, 4])).map((k) => [k.grid, k.reduce])).toEqual([
      [[2, 4], [3]],
    ])
  })
})

// Kernels of all kinds: sums over strided reads, guards, counters and reductions.
interface Recipe {
  readonly grid: readonly number[]
  readonly reduce: readonly number[]
  readonly reads: readonly { readonly factors: readonly number[]; readonly offset: number }[]
  readonly low: number
  readonly contiguous: boolean
}
const recipe: fc.Arbitrary<Recipe> = fc.record({
  grid: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }),
  reduce: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 2 }),
  reads: fc.array(
    fc.record({ factors: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 5, maxLength: 5 }), offset: fc.nat(4) }),
    { minLength: 1, maxLength: 3 },
  ),
  low: fc.integer({ min: -2, max: 6 }),
  contiguous: fc.boolean(),
})
const makeKernel = ({ grid, reduce, reads, low, contiguous }: Recipe): Kernel<number> => {
  const extents = [...grid, ...reduce]
  const strides = extents.map((_, i) => extents.slice(i + 1).reduce((a, b) => a * b, 1))
  const indexOf = (factors: readonly number[], offset: number): Index<number> =>
    extents.reduce(
      (x, _, axis) => sum(x, scale(axisIndex(axis), contiguous ? factors[0]! * strides[axis]! : factors[axis]!)),
      constant(offset),
    )
  const loads = reads.map(({ factors, offset }): Expr<number> => ({
    kind: 'load',
    dtype: 'float32',
    input: 0,
    at: indexOf(factors, offset),
  }))
  const add = (a: Expr<number>, b: Expr<number>): Expr<number> => ({
    kind: 'call',
    dtype: 'float32',
    op: 'add',
    args: [a, b],
  })
  const total = loads.reduce(add)
  const place = extents.length === 0 ? zero : axisIndex(extents.length - 1)
  const guarded: Expr<number> = {
    kind: 'guard',
    dtype: 'float32',
    tests: [{ kind: 'within', of: shift(place, 0), low, high: low + 2 }],
    then: total,
    else: { kind: 'index', dtype: 'float32', of: indexOf([1, 1, 1, 1, 1], 0) },
  }
  const value = add(guarded, total)
  const inputs = ['float32'] as const
  if (reduce.length === 0) return { grid, reduce, accumulators: [], inputs, outputs: [value] }
  return {
    grid,
    reduce,
    inputs,
    accumulators: [
      { op: 'sum', value, dtype: 'float32' },
      { op: 'argmax', value: total, dtype: 'int32' },
    ],
    outputs: [
      { kind: 'acc', dtype: 'float32', acc: 0 },
      { kind: 'acc', dtype: 'int32', acc: 1 },
    ],
  }
}

describe('a kernel', () => {
  const source = Float32Array.from({ length: 400 }, (_, i) => ((i * 7919) % 101) - 50)
  const run = (
    make: (k: Kernel) => (buffers: readonly (Float32Array | Int32Array)[], params: Int32Array) => void,
    kernel: Kernel,
    points: number,
    params: readonly number[] = [],
  ): unknown => {
    const outputs = kernel.outputs.map((o) =>
      o.dtype === 'float32' ? new Float32Array(points) : new Int32Array(points),
    )
    make(kernel)([source, ...outputs], Int32Array.from(params))
    return outputs.map((o) => Array.from(o))
  }

  test.prop([recipe], { numRuns: 300 })(
    'computes the same compiled, interpreted, collapsed and with sizes as parameters',
    (r) => {
      const kernel = makeKernel(r)
      const points = r.grid.reduce((a, b) => a * b, 1)
      const expected = run(interpretKernel, kernel, points)
      expect(run(compileKernel, kernel, points)).toEqual(expected)
      const small = collapse(kernel)
      expect(small.grid.reduce((a, b) => a * b, 1)).toBe(points)
      expect(small.grid.length + small.reduce.length).toBeLessThanOrEqual(r.grid.length + r.reduce.length)
      expect(run(compileKernel, small, points)).toEqual(expected)
      const p = parametrize(small)
      expect(run(compileKernel, p.kernel, points, p.params)).toEqual(expected)
      expect(run(interpretKernel, p.kernel, points, p.params)).toEqual(expected)
    },
  )

  test.prop([recipe, recipe], { numRuns: 200 })(
    'has the parametric key of another exactly where one text serves both',
    (a, b) => {
      const [p, q] = [parametrize(makeKernel(a)), parametrize(makeKernel(b))]
      expect(p.key === q.key).toBe(kernelSource(p.kernel) === kernelSource(q.kernel))
      expect(collapsedKey(makeKernel(a)) === collapsedKey(makeKernel(b))).toBe(
        p.key === q.key && p.params.join() === q.params.join(),
      )
    },
  )

  test('has another key where another of its values is used again', () => {
    const load = (input: number): Expr<number> => ({ kind: 'load', dtype: 'float32', input, at: axisIndex(0) })
    const call = (op: 'add' | 'mul', ...args: Expr<number>[]): Expr<number> => ({
      kind: 'call',
      dtype: 'float32',
      op,
      args,
    })
    const [a, b] = [load(0), load(1)]
    const keyOf = (last: Expr<number>): string =>
      parametrize({
        grid: [4],
        reduce: [],
        accumulators: [],
        inputs: ['float32', 'float32'],
        outputs: [call('add', call('mul', a, b), last)],
      }).key
    expect(keyOf(a)).not.toBe(keyOf(b))
    expect(keyOf(a)).toBe(keyOf(a))
  })

  test('has the same key however many were made before it', () => {
    const indices = array([[0, 1]], { dtype: 'int32' })
    const keys = Array.from({ length: 120 }, () =>
      kernelsOf((a, i) => [np.takeAlongAxis(a, i, { axis: 0 })], ones([3, 2]), indices)
        .map((k) => parametrize(k).key)
        .join(),
    )
    expect(new Set(keys).size).toBe(1)
  })

  test('computes outside a loop what does not change in it', () => {
    const [kernel] = kernelsOf((a, b) => [a.mul(b.add(1))], ones([3, 4]), ones([3, 1]))
    const text = kernelSource(kernel!)
    expect(text.indexOf('+ 1')).toBeGreaterThan(text.indexOf('for (let i0'))
    expect(text.indexOf('+ 1')).toBeLessThan(text.indexOf('for (let i1'))
  })

  test('of one operation has one key for all sizes, and another for another pattern', () => {
    const keyOf = (f: (...xs: Tensor[]) => readonly Tensor[], ...xs: Tensor[]): string =>
      kernelsOf(f, ...xs)
        .map((k) => parametrize(k).key)
        .join()
    const bias = (a: Tensor, b: Tensor): Tensor[] => [a.add(b)]
    expect(keyOf(bias, ones([32, 10]), ones([10]))).toBe(keyOf(bias, ones([7, 3]), ones([3])))
    expect(keyOf(bias, ones([2, 5, 10]), ones([10]))).toBe(keyOf(bias, ones([7, 3]), ones([3])))
    expect(keyOf(bias, ones([4, 4]), ones([4]))).not.toBe(keyOf(bias, ones([4, 4]), ones([4, 1])))
    expect(keyOf(bias, ones([4]), ones([4]))).not.toBe(
      keyOf(bias, ones([4], { dtype: 'int32' }), ones([4], { dtype: 'int32' })),
    )
    const cut =
      (n: number) =>
      (a: Tensor): Tensor[] => [a.slice([n, n + 4, 2])]
    expect(keyOf(cut(2), ones([9]))).toBe(keyOf(cut(5), ones([20])))
  })
})

describe('zero and one', () => {
  test('are extents like any other, eager and compiled', () => {
    const shapes = [[0], [1], [0, 3], [3, 0], [1, 1], [1, 3], [3, 1]]
    for (const shape of shapes) {
      const f = (x: Tensor): Tensor[] => [
        x.add(1),
        x.sum(),
        x.sum({ axis: 0 }),
        x.prod({ axis: -1, keepdims: true }),
        x.T,
        x.reshape([x.size]),
        np.pad(x, 1),
        np.concatenate([x, x]),
        x.matmul(x.T).sum(),
        x.broadcastTo([2, ...shape]),
        x.flip(),
        x.slice('::-1'),
        np.stack([x, x], { axis: -1 }),
        x.any(),
        x.cumsum(),
        x.sort(),
        x.logsumexp(),
        np.tril(x.expandDims(0)),
        np.oneHot(x.astype('int32'), 2),
      ]
      const [eager, compiled] = [f(zeros(shape)), jit(f)(zeros(shape))]
      eager.forEach((e, i) => expect([compiled[i]!.shape, compiled[i]!.toArray()]).toEqual([e.shape, e.toArray()]))
    }
  })
  test('a scalar kernel runs once', () => {
    expect(jit((x: Tensor) => x.add(1).mul(x))(array(3)).item()).toBe(12)
  })
})
