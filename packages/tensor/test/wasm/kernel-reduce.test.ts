import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { dtypeBytes, isFloat, type StoredDType, type TypedArray } from '../../src/core/dtype.js'
import { decoded, hostArray, hostOf } from '../../src/core/host.js'
import { interpretKernel } from '../../src/device/js/interpret.js'
import type { Expr, Kernel, ReduceOp } from '../../src/kernel/ir.js'
import { parametrize } from '../../src/kernel/parametrize.js'
import { elementsOf, runKernel, storedDtypes, textOf } from './kernel-engine.js'

/** Reduces `reduce` axes of an array with strides, for every point of `grid`; strides of the grid's axes come first. */
const reduction = (
  op: ReduceOp,
  dtype: StoredDType,
  grid: readonly number[],
  reduce: readonly number[],
  strides: readonly number[],
): Kernel<number> => {
  const value: Expr<number> = {
    kind: 'load',
    dtype,
    input: 0,
    at: {
      offset: 0,
      terms: strides.flatMap((factor, axis) => (factor === 0 ? [] : [{ atom: { kind: 'axis', axis }, factor }])),
    },
  }
  const result = op === 'argmax' || op === 'argmin' ? 'int32' : dtype
  return {
    grid,
    reduce,
    inputs: [dtype],
    accumulators: [{ op, value, dtype: result }],
    outputs: [{ kind: 'acc', dtype: result, acc: 0 }],
  }
}

/** The order in which floats are added: partials r mod 8 per block of 128, blocks in float64. */
const orderedSum = (dtype: StoredDType, xs: readonly number[], op: 'sum' | 'prod'): number => {
  const round = dtype === 'float64' ? (x: number) => x : Math.fround
  const join = op === 'sum' ? (a: number, b: number) => round(a + b) : (a: number, b: number) => round(a * b)
  const none = op === 'sum' ? 0 : 1
  let total = none
  for (let from = 0; from < xs.length; from += 128) {
    const p = new Array<number>(8).fill(none)
    xs.slice(from, from + 128).forEach((x, r) => (p[r % 8] = join(p[r % 8]!, x)))
    const [a, b, c, d] = [0, 1, 2, 3].map((k) => join(p[k]!, p[k + 4]!)) as [number, number, number, number]
    const block = join(join(a, c), join(b, d))
    total = op === 'sum' ? total + block : total * block
  }
  return total
}

const floats = storedDtypes.filter(isFloat)

describe('a reduction of floats', () => {
  const lengths = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 300 }))
  test.prop(
    [lengths, fc.constantFrom(...floats), fc.constantFrom('sum', 'prod'), fc.integer({ min: 1, max: 6 }), fc.integer()],
    {
      numRuns: 25,
    },
  )('adds in an order that only the length decides, however its elements lie', (length, dtype, op, columns, seed) => {
    const values = Array.from({ length: length * columns }, (_, i) =>
      op === 'sum' ? Math.sin(i * 12.9898 + seed) * 10 : 1 + Math.sin(i * 78.233 + seed) / 8,
    )
    // Rows of `columns` numbers; column c is reduced.
    const rows = hostOf(dtype, values)
    const numbers = Array.from(decoded(dtype, rows))
    const expected = hostOf(
      dtype,
      Array.from({ length: columns }, (_, c) =>
        orderedSum(
          dtype,
          Array.from({ length }, (_, r) => numbers[r * columns + c]!),
          op,
        ),
      ),
    )
    const turned = hostArray(dtype, rows.length)
    for (let c = 0; c < columns; c++) for (let r = 0; r < length; r++) turned[c * length + r] = rows[r * columns + c]!
    const run = (kernel: Kernel<number>, input: TypedArray): void => {
      expect(textOf(runKernel(kernel, [input], columns))).toBe(textOf([expected]))
      const p = parametrize(kernel)
      expect(textOf(runKernel(p.kernel, [input], columns, { params: p.params, grain: 3 }))).toBe(textOf([expected]))
    }
    run(reduction(op, dtype, [columns], [length], [1, columns]), rows)
    run(reduction(op, dtype, [columns], [length], [length, 1]), turned)
    for (const outer of [2, 3, 5])
      if (length % outer === 0) {
        const inner = length / outer
        run(reduction(op, dtype, [columns], [outer, inner], [1, inner * columns, columns]), rows)
        run(reduction(op, dtype, [columns], [outer, inner], [length, inner, 1]), turned)
      }
  })
})

describe('a reduction of any dtype', () => {
  const cases = storedDtypes.flatMap((dtype) => {
    const ops: ReduceOp[] = dtype === 'bool' ? ['and', 'or', 'max', 'min'] : ['sum', 'prod', 'max', 'min']
    return [...ops, 'argmax' as const, 'argmin' as const].map((op) => [op, dtype] as const)
  })
  test.each(cases)('%s of %s is what the interpreter makes of it', (op, dtype) => {
    // Sums of floats run in another order there: of whole numbers they are the same.
    const exact = isFloat(dtype) && (op === 'sum' || op === 'prod')
    for (const [rows, columns] of [
      [3, 4],
      [7, 11],
      [150, 2],
    ] as const) {
      const input = exact
        ? hostOf(
            dtype,
            Array.from({ length: rows * columns }, (_, i) => (op === 'sum' ? (i * 7) % 3 : 1)),
          )
        : elementsOf(dtype, rows * columns, rows)
      for (const kernel of [
        reduction(op, dtype, [rows], [columns], [columns, 1]),
        reduction(op, dtype, [columns], [rows], [1, columns]),
        reduction(op, dtype, [], [rows, columns], [1, rows]),
      ]) {
        const points = kernel.grid[0] ?? 1
        const expected = hostArray(kernel.outputs[0]!.dtype, points)
        interpretKernel(kernel)([input, expected], new Int32Array(0))
        expect(textOf(runKernel(kernel, [input], points, { grain: 5 }))).toBe(textOf([expected]))
        const p = parametrize(kernel)
        expect(textOf(runKernel(p.kernel, [input], points, { params: p.params }))).toBe(textOf([expected]))
      }
    }
  })

  test.each(['float16', 'bfloat16', 'float32', 'float64'] as const)(
    'takes the first NaN of %s as its extreme',
    (dtype) => {
      const values = [1, NaN, 9, NaN, -3, 9, 9]
      const input = hostOf(dtype, values)
      expect(dtypeBytes(dtype) * values.length).toBe(input.byteLength)
      const results = (['argmax', 'argmin', 'max', 'min'] as const).map((op) => {
        const [x] = runKernel(reduction(op, dtype, [], [7], [1]), [input], 1)
        return op.startsWith('arg') ? x![0] : decoded(dtype, x!)[0]
      })
      expect(results).toEqual([1, 1, NaN, NaN])
    },
  )
})
