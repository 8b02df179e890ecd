import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { isInteger, type StoredDType } from '../../src/core/dtype.js'
import { sizeOf } from '../../src/core/shape.js'
import { emitScatter } from '../../src/device/wasm/scatter/emit-scatter.js'
import type { Routine } from '../../src/program/schedule.js'
import { anyDType, indicesOf, reference, runRoutine, samples, stored } from './routine-samples.js'

type Plan = Extract<Routine, { name: 'scatter' }>

const planOf = (shape: readonly number[], axes: readonly number[], updates: number, op: Plan['op']): Plan => {
  const strides = shape.map((_, i) => sizeOf(shape.slice(i + 1)))
  const kept = shape.map((_, i) => i).filter((i) => !axes.includes(i))
  return {
    name: 'scatter',
    op,
    extents: axes.map((a) => shape[a]!),
    strides: axes.map((a) => strides[a]!),
    window: { shape: kept.map((i) => shape[i]!), strides: kept.map((i) => strides[i]!) },
    updates,
  }
}

const buffers = (plan: Plan, dtype: StoredDType, indexType: StoredDType, seed = 1, outside = true) => {
  const window = sizeOf(plan.window.shape)
  const size = sizeOf(plan.extents) * window
  return {
    inputs: [
      samples(dtype, size, seed),
      ...plan.extents.map((n, k) => indicesOf(indexType, plan.updates, n, seed + k, outside)),
      samples(dtype, plan.updates * window, seed + 9),
    ],
    inputTypes: [dtype, ...plan.extents.map(() => indexType), dtype],
    outputTypes: [dtype],
    outputLengths: [size],
  }
}
const run = (plan: Plan, b: ReturnType<typeof buffers>, grain?: number) =>
  runRoutine((t) => emitScatter(t, plan, { inputs: b.inputTypes, outputs: b.outputTypes }), b, grain)

const anyOp = fc.constantFrom<Plan['op']>('set', 'add', 'mul', 'min', 'max')
const indexTypes = stored.filter(isInteger)
const extent = fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constantFrom(16, 17, 37))
/** Targets of several axes of which some are indexed, in any order. */
const plans: fc.Arbitrary<Plan> = fc
  .tuple(
    fc.array(extent, { minLength: 1, maxLength: 3 }),
    fc.nat(),
    fc.boolean(),
    fc.integer({ min: 0, max: 9 }),
    anyOp,
  )
  .map(([shape, chosen, turned, updates, op]) => {
    const bits = 1 + (chosen % (2 ** shape.length - 1))
    const axes = shape.map((_, i) => i).filter((i) => ((bits >> i) & 1) === 1)
    return planOf(shape, turned ? axes.reverse() : axes, updates, op)
  })

describe('a scatter', () => {
  test('applies updates in order and drops those outside', () => {
    const types: readonly StoredDType[] = ['float32', 'int32', 'float32']
    const scatter = (op: Plan['op']) => {
      const plan = planOf([4], [0], 6, op)
      const inputs = [
        Float32Array.of(1, 2, 3, 4),
        Int32Array.of(1, -1, 1, 4, 3, 2 ** 31 - 1),
        Float32Array.of(5, 6, 7, 8, 9, 10),
      ]
      return [
        ...runRoutine((t) => emitScatter(t, plan, { inputs: types, outputs: ['float32'] }), {
          inputs,
          inputTypes: types,
          outputTypes: ['float32'],
          outputLengths: [4],
        })[0]!,
      ]
    }
    expect(scatter('set')).toEqual([1, 7, 3, 9])
    expect(scatter('add')).toEqual([1, 14, 3, 13])
    expect(scatter('max')).toEqual([1, 7, 3, 9])
  })

  test.prop([plans, anyDType, fc.constantFrom(...indexTypes), fc.nat(1000), fc.boolean()], { numRuns: 160 })(
    'is that of the js device for every dtype, window and index dtype, whatever the indices',
    (plan, dtype, indexType, seed, outside) => {
      const b = buffers(plan, dtype, indexType, seed, outside)
      expect(run(plan, b)).toEqual(reference(plan, b))
    },
  )

  test.each(stored)('of long rows of %s is that of the js device', (dtype) => {
    for (const op of ['set', 'add', 'mul', 'min', 'max'] as const) {
      const plan = planOf([9, 131], [0], 40, op)
      const b = buffers(plan, dtype, 'int32')
      expect(run(plan, b)).toEqual(reference(plan, b))
    }
  })

  test('of a large target is that of the js device', () => {
    const plan = planOf([20_011], [0], 30_000, 'add')
    for (const dtype of ['float32', 'bfloat16'] as const) {
      const b = buffers(plan, dtype, 'int32')
      const [want, got] = [reference(plan, b)[0]!, run(plan, b)[0]!]
      expect(got.findIndex((v, i) => !Object.is(v, want[i]))).toBe(-1)
    }
  })

  test.prop([plans, anyDType, fc.integer({ min: 1, max: 3 })], { numRuns: 60 })(
    'has the same bits in any chunks',
    (plan, dtype, grain) => {
      const b = buffers(plan, dtype, 'int32')
      expect(run(plan, b, grain)).toEqual(run(plan, b))
    },
  )
})
