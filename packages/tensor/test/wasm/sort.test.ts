import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import type { StoredDType } from '../../src/core/dtype.js'
import { hostOf } from '../../src/core/host.js'
import { emitSort } from '../../src/device/wasm/ordering/emit-sort.js'
import type { Routine } from '../../src/program/schedule.js'
import { anyDType, reference, runRoutine, samples, stored } from './routine-samples.js'

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
const run = (plan: Plan, types: readonly StoredDType[], seed?: number, grain?: number) =>
  runRoutine((t) => emitSort(t, plan, { inputs: types }), buffers(plan, types, seed), grain)

/** Lengths on both sides of where another method starts. */
const lengths = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constantFrom(39, 40, 41, 42, 100, 300))

describe('a sort', () => {
  test('puts NaN last, keeps the order of zeros and carries a second operand along', () => {
    const types: readonly StoredDType[] = ['float32', 'int32']
    const inputs = [Float32Array.of(NaN, 0, -1, -0, Infinity, -Infinity, 0), Int32Array.of(0, 1, 2, 3, 4, 5, 6)]
    const [sorted, order] = runRoutine((t) => emitSort(t, planOf(1, 7), { inputs: types }), {
      inputs,
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
      lengths,
      fc.integer({ min: 1, max: 3 }),
      fc.array(anyDType, { minLength: 1, maxLength: 3 }),
      fc.nat(2),
      fc.nat(1000),
    ],
    { numRuns: 150 },
  )(
    'is that of the js device for every dtype, along any axis, by several keys',
    (outer, length, inner, types, keys, seed) => {
      const plan = planOf(outer, length, inner, Math.min(types.length, keys + 1))
      expect(run(plan, types, seed)).toEqual(reference(plan, buffers(plan, types, seed)))
    },
  )

  test.each(stored)('orders all values of %s as numbers', (dtype) => {
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
    expect(runRoutine((t) => emitSort(t, plan, { inputs: types }), b)).toEqual(reference(plan, b))
  })

  test('of more elements than the scratch memory holds is right', () => {
    const plan = planOf(2, 200_000)
    const types: readonly StoredDType[] = ['float32', 'uint8']
    const [want, got] = [reference(plan, buffers(plan, types)), run(plan, types)]
    got.forEach((x, k) => expect(x.findIndex((v, i) => !Object.is(v, want[k]![i]))).toBe(-1))
  })

  test.prop([lengths, fc.integer({ min: 1, max: 4 }), anyDType, fc.integer({ min: 1, max: 3 })], { numRuns: 30 })(
    'has the same bits in any chunks of its lines',
    (length, inner, dtype, grain) => {
      const plan = planOf(3, length, inner)
      expect(run(plan, [dtype], 1, grain)).toEqual(run(plan, [dtype]))
    },
  )
})
