import { fc, test } from '@fast-check/vitest'
import { DtypeError, type TypedArray } from '@linum/tensor'
import { describe, expect } from 'vitest'
import type { StoredDType } from '../../src/core/dtype.js'
import { decoded } from '../../src/core/host.js'
import { finfo } from '../../src/core/limits.js'
import { emitConv } from '../../src/device/wasm/conv/emit-conv.js'
import { hasRelaxed } from '../../src/device/wasm/features.js'
import type { ConvPlan } from '../../src/program/conv-plan.js'
import { cases, type ConvCase, expected, planOf, samples, sizesOf, spreadCases } from '../conv-cases.js'
import { run } from './run-conv.js'
import { compileStep, type RunOptions } from './run-step.js'

const relaxed = hasRelaxed()
const dtypes = [
  'float64',
  'float16',
  'bfloat16',
  'int8',
  'int16',
  'int32',
  'uint8',
  'uint16',
  'uint32',
] as const satisfies readonly StoredDType[]

interface Operands {
  readonly plan: ConvPlan
  readonly x: TypedArray
  readonly kernel: TypedArray
  readonly size: number
}

const operands = (c: ConvCase, dtype: StoredDType, spread = 0): Operands => {
  const plan = planOf(c)
  const [xs, ks, size] = sizesOf(plan, c)
  return { plan, x: samples(dtype, xs, 1, spread), kernel: samples(dtype, ks, 2, spread), size }
}

const computed = ({ plan, x, kernel, size }: Operands, dtype: StoredDType, options: RunOptions = {}): TypedArray =>
  run(plan, dtype, x, kernel, size, options)

const reference = ({ plan, x, kernel, size }: Operands, dtype: StoredDType): TypedArray =>
  expected(plan, dtype, x, kernel, size)

/** The greatest difference between results, as a share of what rounding may do to sums of so many terms. */
const error = (o: Operands, dtype: StoredDType, options: RunOptions = {}): number => {
  const got = decoded(dtype, computed(o, dtype, options))
  const want = decoded(dtype, reference(o, dtype))
  const terms = o.kernel.length / Math.max(1, o.plan.n * o.plan.groups)
  const { eps } = finfo(dtype)
  let worst = 0
  for (let i = 0; i < want.length; i++) {
    const allowed =
      Math.abs(want[i]!) * eps + (dtype === 'float64' ? eps : finfo('float32').eps) * (1 + 6 * Math.sqrt(terms))
    worst = Math.max(worst, Math.abs(got[i]! - want[i]!) / allowed)
  }
  return worst
}

describe('convolutions of small whole numbers are exact', () => {
  test.prop([cases, fc.boolean()], { numRuns: 30 })('in float32, whatever their geometry', (c, fused) => {
    const o = operands(c, 'float32')
    expect(computed(o, 'float32', { fma: relaxed && fused })).toEqual(reference(o, 'float32'))
  })

  test.prop([cases, fc.constantFrom(...dtypes)], { numRuns: 40 })('in every other dtype', (c, dtype) => {
    const o = operands(c, dtype)
    expect(computed(o, dtype)).toEqual(reference(o, dtype))
  })

  test.prop([spreadCases, fc.constantFrom('float32', 'bfloat16', 'int8')], { numRuns: 20 })(
    'of operands with gaps',
    (c, dtype) => {
      const o = operands(c, dtype)
      expect(computed(o, dtype)).toEqual(reference(o, dtype))
    },
  )
})

const steps: readonly (readonly [string, ConvCase])[] = [
  ['a first layer', { batch: 2, features: 1, n: 32, space: [side(28, 3, 1), side(28, 3, 1)] }],
  ['its kernel gradient', { batch: 1, features: 4, n: 32, space: [side(28, 28, 1), side(28, 28, 1)], order: [3, 3] }],
  ['a layer', { batch: 2, features: 32, n: 64, space: [side(14, 3, 1), side(14, 3, 1)] }],
  ['its input gradient', { batch: 2, features: 64, n: 32, space: [side(14, 3, 1), side(14, 3, 1)], order: [0, 3] }],
  ['its kernel gradient', { batch: 32, features: 4, n: 64, space: [side(14, 14, 1), side(14, 14, 1)], order: [3, 3] }],
  ['many features in one place', { batch: 3, features: 700, n: 10, space: [] }],
  ['a long signal', { batch: 1, features: 2, n: 9, space: [{ input: 1000, window: 40, stride: 3 }] }],
  ['groups side by side', { batch: 2, features: 1, n: 1, groups: 30, space: [side(12, 3, 1), side(11, 3, 1)] }],
  ['their kernel gradient', { batch: 1, features: 2, n: 1, batchGroups: 30, space: [side(12, 12, 1)], order: [9, 0] }],
]

function side(input: number, window: number, pad: number): ConvCase['space'][number] {
  return { input, window, padding: [pad, pad] }
}

describe.each(steps)('%s', (_, c) => {
  test('is what float64 sums round to', () => {
    expect(error(operands(c, 'float32', 1), 'float32', { fma: relaxed })).toBeLessThan(1)
    expect(error(operands(c, 'float32', 1), 'float32')).toBeLessThan(1)
  })

  test('does not depend on how its units are divided', () => {
    const o = operands(c, 'float32', 1)
    const [whole, divided] = [computed(o, 'float32'), computed(o, 'float32', { grain: 1 })]
    expect(Buffer.compare(Buffer.from(divided.buffer), Buffer.from(whole.buffer))).toBe(0)
  })
})

test.prop([cases, fc.constantFrom('float32', 'float64', 'float16', 'bfloat16')], { numRuns: 20 })(
  'fractions are off by rounding alone',
  (c, dtype) => {
    expect(error(operands(c, dtype, 1), dtype)).toBeLessThan(1)
  },
)

/** The first `batch` entries and `n` results per group of a convolution. */
const part = (o: Operands, batch: number, n: number): TypedArray => {
  const plan = { ...o.plan, batch, n }
  return run(plan, 'float32', o.x, o.kernel, ((o.size / o.plan.batch) * batch * n) / o.plan.n, { fma: relaxed })
}

test.prop([cases.filter((c) => c.n > 1), fc.nat(), fc.nat()], { numRuns: 20 })(
  'a result has the same bits however many others there are',
  (c, b, j) => {
    const o = operands(c, 'float32', 1)
    const [batch, n] = [1 + (b % o.plan.batch), 1 + (j % o.plan.n)]
    const whole = part(o, o.plan.batch, o.plan.n)
    const some = part(o, batch, n)
    const [width, rows] = [o.plan.n * o.plan.groups, some.length / (n * o.plan.groups)]
    for (let row = 0; row < rows; row++) {
      for (let g = 0; g < o.plan.groups; g++) {
        const [from, at] = [row * width + g * o.plan.n, (row * o.plan.groups + g) * n]
        expect(some.subarray(at, at + n)).toEqual(whole.subarray(from, from + n))
      }
    }
  },
)

test.prop([fc.oneof(cases, spreadCases), fc.constantFrom('float32', 'float64')], { numRuns: 30 })(
  'the zeros of padding and gaps make infinities of the kernel NaN',
  (c, dtype) => {
    const o = operands(c, dtype)
    for (let i = 2; i < o.kernel.length; i += 7) o.kernel[i] = i % 2 === 0 ? Infinity : NaN
    // The reference skips zeros where a kernel gives few results: those it would have to add are NaN.
    expect(computed(o, dtype)).toEqual(reference(o, dtype))
  },
)

test('sums of no terms are 0', () => {
  const o = operands({ batch: 2, features: 0, n: 3, space: [side(4, 2, 0)] }, 'float32')
  expect([...computed(o, 'float32')]).toEqual(Array.from({ length: 18 }, () => 0))
})

test('nothing is computed where there are no results', () => {
  const plan = planOf({ batch: 0, features: 2, n: 3, space: [side(4, 2, 0)] })
  compileStep((target) => {
    const code = emitConv(target, plan, { inputs: ['float32', 'float32'], outputs: ['float32'] })
    expect(code).toEqual({ parts: [], temporaries: [] })
    return code
  })
})

test('large convolutions and their gradients can be shared by eight threads', () => {
  for (const [, c] of steps.slice(2, 5)) {
    compileStep((target) => {
      const code = emitConv(target, planOf({ ...c, batch: 32 }), {
        inputs: ['float32', 'float32'],
        outputs: ['float32'],
      })
      const { units, grain } = code.parts.at(-1)!
      expect(Number(units) / grain).toBeGreaterThanOrEqual(8)
      return code
    })
  }
})

test('operands of different dtypes, or of bool, are refused', () => {
  const plan = planOf({ batch: 1, features: 1, n: 1, space: [] })
  const emit = (inputs: readonly StoredDType[], out: StoredDType) => (): unknown =>
    compileStep((target) => emitConv(target, plan, { inputs, outputs: [out] }))
  expect(emit(['float32', 'float64'], 'float32')).toThrow(DtypeError)
  expect(emit(['float32', 'float32'], 'float16')).toThrow(/one number dtype, got float32, float32 and float16/)
  expect(emit(['bool', 'bool'], 'bool')).toThrow(DtypeError)
})
