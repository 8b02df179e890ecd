import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { isFloat, type StoredDType } from '../../src/core/dtype.js'
import { hostOf } from '../../src/core/host.js'
import { emitCumsum } from '../../src/device/gpu/webgpu/ordering/emit-cumsum.js'
import type { Routine } from '../../src/program/schedule.js'
import { samples } from '../wasm/routine-samples.js'
import { expected, firstDifference, runWords, wide } from './routine-words.js'

type Plan = Extract<Routine, { name: 'cumsum' }>

const planOf = (outer: number, length: number, inner = 1, reverse = false): Plan => ({
  name: 'cumsum',
  outer,
  length,
  inner,
  reverse,
})

const numbers = wide.filter((d) => d !== 'bool')
const sizeOf = (plan: Plan): number => plan.outer * plan.length * plan.inner

const run = async (plan: Plan, dtype: StoredDType, input = samples(dtype, sizeOf(plan), 1)) => {
  const types = [dtype]
  const b = { inputs: [input], inputTypes: types, outputTypes: types, outputLengths: [sizeOf(plan)] }
  return { got: (await runWords(emitCumsum(plan, dtype), b))[0]!, want: expected(plan, b)[0]! }
}

/** Whole numbers, whose sums are exact in float32 in any order, and an infinity near the end. */
const whole = (dtype: StoredDType, length: number) =>
  hostOf(
    dtype,
    Float64Array.from({ length }, (_, i) => (i === length - 2 && isFloat(dtype) ? Infinity : ((i * 37) % 11) - 5)),
  )

describe('a running sum on the gpu', () => {
  test('wraps in int8 and runs backwards', async () => {
    const { got } = await run(planOf(1, 4, 1, true), 'int8', Int8Array.of(1, 100, 100, -3))
    expect([...got]).toEqual([-58, -59, 97, -3])
  })

  test('of halves rounds each sum of float32', async () => {
    const input = hostOf('bfloat16', [256, 1, 1, 1])
    expect([...(await run(planOf(1, 4), 'bfloat16', input)).got]).toEqual([256, 256, 258, 260])
  })

  test.prop(
    [
      fc.record({
        name: fc.constant('cumsum' as const),
        outer: fc.integer({ min: 1, max: 3 }),
        length: fc.oneof(
          fc.integer({ min: 1, max: 8 }),
          fc.constantFrom(31, 32, 33, 63, 64, 65, 1023, 1024, 1025, 2049),
        ),
        inner: fc.integer({ min: 1, max: 5 }),
        reverse: fc.boolean(),
      }),
      fc.constantFrom(...numbers),
    ],
    { numRuns: 20 },
  )('is that of the js device along any axis, in both directions, for every number dtype', async (plan, dtype) => {
    const { got, want } = await run(plan, dtype, whole(dtype, sizeOf(plan)))
    expect(firstDifference(got, want)).toBe(-1)
  })

  test('of more than a million elements is right in every word', async () => {
    const n = 1024 * 1024 + 1
    const { got } = await run(planOf(1, n), 'uint32', new Uint32Array(n).fill(0x10001))
    expect(got.findIndex((v, i) => v !== Math.imul(i + 1, 0x10001) >>> 0)).toBe(-1)
  })

  test.each([20, 3000])('of %i floats is close to the exact sum and has NaN from the first on', async (length) => {
    const x = Float32Array.from({ length }, (_, i) => Math.sin(i) + 1)
    x[length - 2] = NaN
    const { got, want } = await run(planOf(1, length), 'float32', x)
    const misses = want.subarray(0, length - 2).map((v, i) => Math.abs(got[i]! - v) / v)
    expect(Math.max(...misses)).toBeLessThanOrEqual(1e-5)
    expect([...got.subarray(length - 2)]).toEqual([NaN, NaN])
  })

  test.each([20, 1500])('of a line of %i has the same bits wherever the line is', async (length) => {
    const line = Float32Array.from({ length }, (_, i) => Math.sin(3 * i))
    const one = (await run(planOf(1, length), 'float32', line)).got
    const lines = Float32Array.from({ length: 3 * length }, (_, i) => line[Math.floor(i / 3)]!)
    const { got } = await run(planOf(1, length, 3), 'float32', lines)
    for (let column = 0; column < 3; column++) expect(got.filter((_, i) => i % 3 === column)).toEqual(one)
    const turned = (await run(planOf(1, length, 1, true), 'float32', line.slice().reverse())).got
    expect(turned.reverse()).toEqual(one)
  })

  test('of nothing does nothing', () => {
    expect(emitCumsum(planOf(3, 0), 'float32')).toEqual({ dispatches: [], temporaries: [] })
  })
})
