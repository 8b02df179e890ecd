import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import type { StoredDType } from '../../src/core/dtype.js'
import { emitCumsum } from '../../src/device/wasm/cumulative/emit-cumsum.js'
import type { Routine } from '../../src/program/schedule.js'
import { numbers, reference, runRoutine, samples } from './routine-samples.js'

type Plan = Extract<Routine, { name: 'cumsum' }>

const buffers = (plan: Plan, dtype: StoredDType, seed = 1) => {
  const size = plan.outer * plan.length * plan.inner
  const types = [dtype]
  return { inputs: [samples(dtype, size, seed)], inputTypes: types, outputTypes: types, outputLengths: [size] }
}
const run = (plan: Plan, dtype: StoredDType, seed?: number, grain?: number) =>
  runRoutine((t) => emitCumsum(t, plan, { inputs: [dtype], outputs: [dtype] }), buffers(plan, dtype, seed), grain)

const plans: fc.Arbitrary<Plan> = fc.record({
  name: fc.constant('cumsum' as const),
  outer: fc.integer({ min: 1, max: 9 }),
  length: fc.integer({ min: 1, max: 12 }),
  inner: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 40 })),
  reverse: fc.boolean(),
})

describe('a running sum', () => {
  test('rounds every total of float64 once', () => {
    const plan: Plan = { name: 'cumsum', outer: 1, length: 3, inner: 1, reverse: false }
    const inputs = [Float32Array.of(1, 2 ** -25, 2 ** -25)]
    const types: readonly StoredDType[] = ['float32']
    const [got] = runRoutine((t) => emitCumsum(t, plan, { inputs: types, outputs: types }), {
      inputs,
      inputTypes: types,
      outputTypes: types,
      outputLengths: [3],
    })
    expect([...got!]).toEqual([1, 1, Math.fround(1 + 2 ** -24)])
  })

  test.prop([plans, fc.constantFrom(...numbers), fc.nat(1000)], { numRuns: 150 })(
    'is that of the js device along any axis, in both directions, for every number dtype',
    (plan, dtype, seed) => {
      expect(run(plan, dtype, seed)).toEqual(reference(plan, buffers(plan, dtype, seed)))
    },
  )

  test.prop([plans, fc.constantFrom(...numbers), fc.integer({ min: 1, max: 3 })], { numRuns: 40 })(
    'has the same bits in any chunks',
    (plan, dtype, grain) => {
      expect(run(plan, dtype, 1, grain)).toEqual(run(plan, dtype))
    },
  )
})
