import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { interpretKernel } from '../../src/device/js/interpret.js'
import { axisIndex, constant, scale, shift, sum, zero } from '../../src/kernel/affine.js'
import { collapse } from '../../src/kernel/collapse.js'
import type { Expr, Index, Kernel } from '../../src/kernel/ir.js'
import { parametrize } from '../../src/kernel/parametrize.js'
import { runKernel, textOf } from './kernel-engine.js'

interface Recipe {
  readonly grid: readonly number[]
  readonly reduce: readonly number[]
  readonly reads: readonly { readonly factors: readonly number[]; readonly offset: number }[]
  readonly low: number
  readonly contiguous: boolean
}
const recipe: fc.Arbitrary<Recipe> = fc.record({
  grid: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 3 }),
  reduce: fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 2 }),
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
      { op: 'max', value: total, dtype: 'float32' },
    ],
    outputs: [
      { kind: 'acc', dtype: 'float32', acc: 0 },
      { kind: 'acc', dtype: 'int32', acc: 1 },
      { kind: 'acc', dtype: 'float32', acc: 2 },
    ],
  }
}

describe('a kernel in WebAssembly', () => {
  const source = Float32Array.from({ length: 120_000 }, (_, i) => ((i * 7919) % 101) - 50)
  const reference = (kernel: Kernel, points: number): string => {
    const outputs = kernel.outputs.map((o) =>
      o.dtype === 'float32' ? new Float32Array(points) : new Int32Array(points),
    )
    interpretKernel(kernel)([source, ...outputs], new Int32Array(0))
    return textOf(outputs)
  }
  const run = (kernel: Kernel, points: number, params: readonly number[] = [], grain?: number): string =>
    textOf(runKernel(kernel, [source], points, { params, ...(grain === undefined ? {} : { grain }) }))

  test.prop([recipe, fc.integer({ min: 1, max: 7 })], { numRuns: 60 })(
    'computes what the interpreter does, collapsed, with sizes as parameters and in chunks',
    (r, grain) => {
      const kernel = makeKernel(r)
      const points = r.grid.reduce((a, b) => a * b, 1)
      const expected = reference(kernel, points)
      expect(run(kernel, points)).toBe(expected)
      expect(run(kernel, points, [], grain)).toBe(expected)
      const small = collapse(kernel)
      expect(run(small, points)).toBe(expected)
      const p = parametrize(small)
      expect(run(p.kernel, points, p.params)).toBe(expected)
      expect(run(p.kernel, points, p.params, grain)).toBe(expected)
    },
  )
})
