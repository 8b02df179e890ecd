import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import type { StoredDType } from '../../src/core/dtype.js'
import { hostOf } from '../../src/core/host.js'
import { emitSort } from '../../src/device/gpu/webgpu/ordering/emit-sort.js'
import type { Routine } from '../../src/program/schedule.js'
import { samples } from '../wasm/routine-samples.js'
import { expected, firstDifference, runWords, wide } from './routine-words.js'

type Plan = Extract<Routine, { name: 'sort' }>

const planOf = (outer: number, length: number, inner = 1, keys = 1): Plan => ({
  name: 'sort',
  outer,
  length,
  inner,
  keys,
})

const buffers = (plan: Plan, types: readonly StoredDType[], seed = 1) => {
  const size = plan.outer * plan.length * plan.inner
  return {
    inputs: types.map((dtype, k) => samples(dtype, size, seed + k)),
    inputTypes: types,
    outputTypes: types,
    outputLengths: types.map(() => size),
  }
}

/** That a sort is the js device's. */
const check = async (plan: Plan, types: readonly StoredDType[], seed?: number): Promise<void> => {
  const b = buffers(plan, types, seed)
  const got = await runWords(emitSort(plan, types), b)
  const want = expected(plan, b)
  expect(got.map((x, k) => firstDifference(x, want[k]!))).toEqual(types.map(() => -1))
}

const anyWide = fc.constantFrom(...wide)

describe('a sort on the gpu', () => {
  test('puts NaN last, keeps the order of zeros and carries a second operand along', async () => {
    const types: readonly StoredDType[] = ['float32', 'int32']
    const [sorted, order] = await runWords(emitSort(planOf(1, 7), types), {
      inputs: [Float32Array.of(NaN, 0, -1, -0, Infinity, -Infinity, 0), Int32Array.of(0, 1, 2, 3, 4, 5, 6)],
      inputTypes: types,
      outputTypes: types,
      outputLengths: [7, 7],
    })
    expect([...order!]).toEqual([5, 2, 1, 3, 6, 4, 0])
    expect([...sorted!]).toEqual([-Infinity, -1, 0, -0, 0, Infinity, NaN])
  })

  test.prop(
    [
      fc.integer({ min: 1, max: 3 }),
      fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constantFrom(31, 32, 33, 300, 1023, 1024, 1025)),
      fc.integer({ min: 1, max: 3 }),
      fc.array(anyWide, { minLength: 1, maxLength: 5 }),
      fc.nat(2),
      fc.nat(1000),
    ],
    { numRuns: 20 },
  )(
    'is that of the js device for every dtype, along any axis, by several keys',
    (outer, length, inner, types, keys, seed) =>
      check(planOf(outer, length, inner, Math.min(types.length, keys + 1)), types, seed),
  )

  test.each(wide)('orders all values of %s as numbers', async (dtype) => {
    const values = hostOf(
      dtype,
      Float64Array.from({ length: 2000 }, (_, i) => (i % 2 === 0 ? 1 : -1) * 1.7 ** ((i % 200) - 100)),
    )
    const types = [dtype, 'int32'] as const
    const b = {
      inputs: [values, Int32Array.from({ length: 2000 }, (_, i) => i)],
      inputTypes: types,
      outputTypes: types,
      outputLengths: [2000, 2000],
    }
    const plan = planOf(1, 2000)
    expect(await runWords(emitSort(plan, types), b)).toEqual(expected(plan, b))
  })

  test.each([2047, 2048, 2049, 4099, 100_000])('of %i elements is right', (length) =>
    check(planOf(1, length), ['float32', 'uint8']),
  )

  test('of many short lines is right', () => check(planOf(3000, 5, 7), ['int8', 'float16']))

  test('of long lines along any axis by two keys is right', () => check(planOf(2, 5000, 3, 2), ['bool', 'float32']))

  test('of words that are all the greatest keeps their order', async () => {
    const types: readonly StoredDType[] = ['uint32', 'int32']
    const n = 3001
    const order = Int32Array.from({ length: n }, (_, i) => i)
    const [, got] = await runWords(emitSort(planOf(1, n), types), {
      inputs: [new Uint32Array(n).fill(0xffffffff), order],
      inputTypes: types,
      outputTypes: types,
      outputLengths: [n, n],
    })
    expect(got).toEqual(order)
  })

  test('of nothing does nothing', () => {
    expect(emitSort(planOf(0, 4), ['float32'])).toEqual({ dispatches: [], temporaries: [] })
    expect(emitSort(planOf(3, 0), ['float32'])).toEqual({ dispatches: [], temporaries: [] })
  })

  test('of other sizes shares its shaders', () => {
    const texts = (length: number) =>
      new Set(emitSort(planOf(2, length), ['float32']).dispatches.map((d) => d.shader.body))
    expect(texts(70)).toEqual(texts(1000))
    expect(texts(3000)).toEqual(texts(70_001))
  })
})
