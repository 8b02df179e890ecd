import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { isInteger, type StoredDType } from '../../src/core/dtype.js'
import { sizeOf } from '../../src/core/shape.js'
import { emitScatter } from '../../src/device/gpu/webgpu/scatter/emit-scatter.js'
import type { Routine } from '../../src/program/schedule.js'
import { indicesOf, samples } from '../wasm/routine-samples.js'
import { expected, firstDifference, runWords, wide } from './routine-words.js'

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

const buffers = (plan: Plan, dtype: StoredDType, indexType: StoredDType = 'int32', seed = 1) => {
  const elements = sizeOf(plan.window.shape)
  const size = sizeOf(plan.extents) * elements
  return {
    inputs: [
      samples(dtype, size, seed),
      ...plan.extents.map((n, k) => indicesOf(indexType, plan.updates, n, seed + k, true)),
      samples(dtype, plan.updates * elements, seed + 9),
    ],
    inputTypes: [dtype, ...plan.extents.map(() => indexType), dtype],
    outputTypes: [dtype],
    outputLengths: [size],
  }
}

/** That a scatter is the js device's. */
const check = async (plan: Plan, b: ReturnType<typeof buffers>): Promise<void> => {
  const [got] = await runWords(emitScatter(plan, b.inputTypes), b)
  expect(firstDifference(got!, expected(plan, b)[0]!)).toBe(-1)
}

const ops = ['set', 'add', 'mul', 'min', 'max'] as const
const extent = fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constantFrom(16, 17, 37))
/** Targets of several axes of which some are indexed, in any order. */
const plans: fc.Arbitrary<Plan> = fc
  .tuple(
    fc.array(extent, { minLength: 1, maxLength: 3 }),
    fc.nat(),
    fc.boolean(),
    fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constantFrom(100, 1025)),
    fc.constantFrom(...ops),
  )
  .map(([shape, chosen, turned, updates, op]) => {
    const bits = 1 + (chosen % (2 ** shape.length - 1))
    const axes = shape.map((_, i) => i).filter((i) => ((bits >> i) & 1) === 1)
    return planOf(shape, turned ? axes.reverse() : axes, updates, op)
  })

describe('a scatter on the gpu', () => {
  test.each([1, 5])('applies updates in order and drops those outside, %i times over', async (times) => {
    const types: readonly StoredDType[] = ['float32', 'int32', 'float32']
    const repeat = (values: readonly number[]) => Array.from({ length: times }, () => values).flat()
    const scatter = async (op: Plan['op']) => {
      const plan = planOf([4], [0], 6 * times, op)
      const inputs = [
        Float32Array.of(1, 2, 3, 4),
        Int32Array.from(repeat([1, -1, 1, 4, 3, 2 ** 31 - 1])),
        Float32Array.from(repeat([5, 6, 7, 8, 9, 10])),
      ]
      const b = { inputs, inputTypes: types, outputTypes: ['float32'] as const, outputLengths: [4] }
      return [...(await runWords(emitScatter(plan, types), b))[0]!]
    }
    expect(await scatter('set')).toEqual([1, 7, 3, 9])
    expect(await scatter('add')).toEqual([1, 2 + 12 * times, 3, 4 + 9 * times])
    expect(await scatter('max')).toEqual([1, 7, 3, 9])
  })

  test.prop([plans, fc.constantFrom(...wide), fc.constantFrom(...wide.filter(isInteger)), fc.nat(1000)], {
    numRuns: 25,
  })('is that of the js device for every dtype, window and index dtype', (plan, dtype, indexType, seed) =>
    check(plan, buffers(plan, dtype, indexType, seed)),
  )

  test.each(wide)('of rows of %s is that of the js device', async (dtype) => {
    for (const op of ops)
      for (const updates of [9, 40]) {
        const plan = planOf([9, 31], [0], updates, op)
        await check(plan, buffers(plan, dtype))
      }
  })

  test('of many updates of one element applies them in order', async () => {
    const plan = planOf([3], [0], 100_000, 'add')
    const b = buffers(plan, 'float32')
    const updates = Float32Array.from({ length: 100_000 }, (_, i) => Math.sin(i))
    const inputs = [Float32Array.of(1, 2, 3), new Int32Array(100_000).fill(1), updates]
    await check(plan, { ...b, inputs })
    const set = { ...plan, op: 'set' as const }
    await check(set, { ...b, inputs })
  })

  test('of many updates of a large target is that of the js device', async () => {
    const plan = planOf([20_011], [0], 30_000, 'add')
    for (const dtype of ['float32', 'bfloat16'] as const) await check(plan, buffers(plan, dtype))
  })

  test.each([4, 40])('of %i updates finds targets by more indices than a shader has operands', async (updates) => {
    const plan = planOf([2, 3, 2, 1, 2, 3, 2, 2], [0, 1, 2, 3, 4, 5, 6], updates, 'add')
    await check(plan, buffers(plan, 'int32'))
  })

  test('of nothing does nothing', () => {
    expect(emitScatter(planOf([0, 3], [0], 4, 'set'), ['int32', 'int32', 'int32']).dispatches).toEqual([])
  })

  test('of other sizes shares its shaders', () => {
    const types: readonly StoredDType[] = ['float32', 'int32', 'float32']
    const texts = (rows: number, updates: number) =>
      emitScatter(planOf([rows, 8], [0], updates, 'add'), types).dispatches.map((d) => d.shader.body)
    expect(texts(100, 50)).toEqual(texts(7000, 1000))
  })
})
