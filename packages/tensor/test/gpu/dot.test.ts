import { fc, test } from '@fast-check/vitest'
import { DeviceError } from '@linum/tensor'
import { describe, expect } from 'vitest'
import { isFloat, type StoredDType } from '../../src/core/dtype.js'
import { hostOf, numberOf } from '../../src/core/host.js'
import { emitDot } from '../../src/device/gpu/webgpu/dot/emit.js'
import { cases, type DotCase, matrices, numbers, planOf, reference, samples, sizesOf } from '../dot-cases.js'
import { run } from './dot-products.js'

const dtypes = numbers.filter((d) => d !== 'float64')
const anyDType = fc.constantFrom(...dtypes)

const operands = (c: DotCase, dtype: StoredDType, exact = true) => {
  const plan = planOf(c)
  const [l, r] = sizesOf(plan)
  return [plan, samples(dtype, l, 1, exact), samples(dtype, r, 2, exact)] as const
}

const expectExact = async (c: DotCase, dtype: StoredDType): Promise<void> => {
  const [plan, a, b] = operands(c, dtype)
  expect(await run(plan, dtype, a, b)).toEqual(reference(plan, dtype, a, b))
}

const codeOf = (c: DotCase, dtype: StoredDType = 'float32') =>
  emitDot(planOf(c), { inputs: [dtype, dtype], output: dtype })

const orders = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
] as const

/** Sizes for every way of computing a product, with and without vectors, with tails, in pieces and in one. */
const ways: readonly (readonly [m: number, n: number, k: number])[] = [
  [70, 130, 33],
  [68, 132, 36],
  [12, 100, 80],
  [9, 33, 70],
  [100, 12, 80],
  [33, 10, 70],
  [20, 20, 300],
  [21, 35, 515],
  [3, 90, 70],
  [4, 100, 72],
  [90, 2, 200],
  [1, 68, 516],
  [68, 1, 516],
  [1, 1, 1000],
  [300, 300, 3],
  [300, 3, 3],
]

describe('a product', () => {
  test('of two matrices', async () => {
    const plan = planOf(matrices(2, 2, 3))
    const a = Float32Array.of(1, 2, 3, 4, 5, 6)
    const b = Float32Array.of(1, 0, 0, 1, 1, 1)
    expect([...(await run(plan, 'float32', a, b))]).toEqual([4, 5, 10, 11])
  })

  test.prop([cases, anyDType], { numRuns: 40 })(
    'of whole numbers is that of the js device, whatever the dtype, the axes and their order in memory',
    expectExact,
  )

  test.each(ways)('of %i x %i numbers of %i steps each is right in every layout', async (m, n, k) => {
    // Two layouts show each way to read either operand.
    for (const order of [orders[0], orders[3]]) await expectExact(matrices(m, n, k, order), 'float32')
  })

  const axes = (most: number) => fc.array(fc.integer({ min: 1, max: most }), { minLength: 1, maxLength: 2 })
  const large: fc.Arbitrary<DotCase> = fc.record({
    batch: fc.oneof(fc.constant([]), fc.constant([3]), fc.constant([2, 2])),
    m: axes(12),
    n: axes(12),
    k: fc.tuple(fc.constantFrom(5, 8, 17), fc.constantFrom(4, 9, 16)),
    order: fc.tuple(fc.nat(999), fc.nat(999)),
  })
  test.prop([large, anyDType], { numRuns: 10 })(
    'of several axes of each kind in any order in memory is that of the js device',
    expectExact,
  )

  test.prop([fc.constantFrom(...ways), fc.constantFrom('float32', 'float16', 'bfloat16'), fc.constantFrom(...orders)], {
    numRuns: 8,
  })('of fractions is as near as sums of float32, rounded once, can be', async ([m, n, k], dtype, order) => {
    const [plan, a, b] = operands(matrices(m, n, k, order), dtype, false)
    const got = await run(plan, dtype, a, b)
    const want = reference(plan, dtype, a, b)
    // Numbers up to 2: a product is at most 4, a sum of k of them, in any order, off by k roundings of about sqrt(k).
    const rounding = dtype === 'float32' ? 0 : dtype === 'float16' ? 2 ** -11 : 2 ** -8
    const off = got.findIndex((x, i) => {
      const [g, w] = [numberOf(dtype, x), numberOf(dtype, want[i]!)]
      return !(Math.abs(g - w) <= 2 ** -22 * k * Math.sqrt(k) + 2 * rounding * Math.abs(w))
    })
    expect(off).toBe(-1)
  })

  test.prop([fc.constantFrom(...ways), fc.constantFrom(...orders)], { numRuns: 6 })(
    'has the same bits however its operands lie in memory',
    async ([m, n, k], [l, r]) => {
      const transposed = (x: Float32Array, rows: number, columns: number): Float32Array =>
        Float32Array.from(x, (_, i) => x[(i % rows) * columns + Math.floor(i / rows)]!)
      const [plan, a, b] = operands(matrices(m, n, k), 'float32', false)
      const [x, y] = [a as Float32Array, b as Float32Array]
      const moved = planOf(matrices(m, n, k, [l, r]))
      const got = await run(moved, 'float32', l === 0 ? x : transposed(x, m, k), r === 0 ? y : transposed(y, k, n))
      expect(got).toEqual(await run(plan, 'float32', x, y))
    },
  )

  test('keeps infinities and NaN to the rows and columns that have them', async () => {
    for (const [m, n, k] of [
      [35, 37, 21],
      [36, 68, 16],
      [2, 50, 70],
      [50, 1, 70],
    ] as const) {
      const plan = planOf(matrices(m, n, k))
      const a = hostOf(
        'float32',
        Array.from({ length: m * k }, (_, i) => (i === k + 3 ? Infinity : 1)),
      )
      const b = hostOf(
        'float32',
        Array.from({ length: k * n }, (_, i) => (i === 5 * n ? NaN : 1)),
      )
      expect(await run(plan, 'float32', a, b)).toEqual(reference(plan, 'float32', a, b))
    }
  })

  test.each(dtypes)('of no steps is zero, and of no numbers nothing (%s)', async (dtype) => {
    await expectExact(matrices(3, 5, 0), dtype)
    for (const c of [matrices(0, 5, 3), matrices(5, 0, 3), { ...matrices(2, 2, 2), batch: [0] }])
      expect(codeOf(c, dtype)).toEqual({ dispatches: [], temporaries: [] })
  })

  test.each(dtypes)('of %s wraps or rounds what does not fit, in each way of computing it', async (dtype) => {
    for (const [m, n, k] of [
      [5, 6, 7],
      [40, 41, 42],
      [3, 70, 80],
      [33, 17, 600],
    ] as const) {
      const [plan, a, b] = operands(matrices(m, n, k), dtype, isFloat(dtype))
      const got = await run(plan, dtype, a, b)
      expect(got).toEqual(reference(plan, dtype, a, b))
    }
  })
})

describe('the code of a product', () => {
  test('differs for products of different sizes in numbers only', () => {
    const texts = (c: DotCase) => codeOf(c).dispatches.map((d) => d.shader)
    expect(texts(matrices(256, 512, 128))).toEqual(texts(matrices(512, 256, 64)))
    expect(texts(matrices(1, 1024, 72))).toEqual(texts(matrices(1, 4096, 96)))
    expect(texts(matrices(5, 6, 7))).toEqual(texts(matrices(9, 8, 3)))
  })

  test('takes all operands as vectors only where each has a multiple of four words', () => {
    const widths = (c: DotCase) => codeOf(c).dispatches.map((d) => d.shader.width)
    expect(widths(matrices(64, 64, 64))).toEqual([4])
    expect(widths(matrices(64, 66, 64))).toEqual([1])
    expect(widths(matrices(65, 64, 65))).toEqual([1])
    expect(widths(matrices(1, 64, 66))).toEqual([1])
  })

  test('cuts long contractions of few numbers, and no others', () => {
    expect(codeOf(matrices(64, 10, 4096)).temporaries).toEqual([32 * 640])
    expect(codeOf(matrices(1024, 1024, 4096)).temporaries).toEqual([])
  })

  test('refuses float64 and dtypes that have no product', () => {
    const emit = (inputs: readonly StoredDType[], output: StoredDType) => () =>
      emitDot(planOf(matrices(2, 2, 2)), { inputs, output })
    expect(emit(['float64', 'float64'], 'float64')).toThrow(DeviceError)
    expect(emit(['float64', 'float64'], 'float64')).toThrow(/dot_general.*float64.*wasm device/)
    expect(emit(['float32', 'int32'], 'int32')).toThrow(/float32 and int32 cannot be int32/)
    expect(emit(['int32', 'int32'], 'bool')).toThrow(DeviceError)
  })
})
