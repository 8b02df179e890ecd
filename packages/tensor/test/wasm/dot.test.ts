import { fc, test } from '@fast-check/vitest'
import { DtypeError } from '@linum/tensor'
import { describe, expect } from 'vitest'
import { isFloat, type StoredDType } from '../../src/core/dtype.js'
import { hostOf } from '../../src/core/host.js'
import { emitDot } from '../../src/device/wasm/dot/emit.js'
import { hasRelaxed } from '../../src/device/wasm/features.js'
import { bitwise, cases, type DotCase, matrices, numbers, planOf, reference, samples, sizesOf } from '../dot-cases.js'
import { run } from './dot-cases.js'
import { compileStep } from './run-step.js'

/** Without and with fused multiply-add. */
const modes = hasRelaxed() ? [false, true] : [false]
const anyMode = fc.constantFrom(...modes)
const anyDType = fc.constantFrom(...numbers)

const operands = (c: DotCase, dtype: StoredDType, exact = false) => {
  const plan = planOf(c)
  const [l, r] = sizesOf(plan)
  return [plan, samples(dtype, l, 1, exact), samples(dtype, r, 2, exact)] as const
}

/** Matrices long enough for several blocks of the contraction, each operand as it lies or transposed. */
const long: fc.Arbitrary<DotCase> = fc
  .tuple(
    fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 20 })),
    fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 20 })),
    fc.constantFrom(255, 256, 257, 515, 600),
    fc.tuple(fc.nat(1), fc.nat(1)),
  )
  .map((c) => matrices(...c))

describe('a product', () => {
  test.prop([cases, anyDType, anyMode], { numRuns: 120 })(
    'of whole numbers is that of the js device, whatever the dtype, the axes and their order in memory',
    (c, dtype, fma) => {
      const [plan, a, b] = operands(c, dtype, true)
      expect(run(plan, dtype, a, b, { fma })).toEqual(reference(plan, dtype, a, b))
    },
  )

  test.prop([long, anyDType, anyMode], { numRuns: 60 })(
    'is summed in order in blocks of 256 steps, to the bit, whatever the layout',
    (c, dtype, fma) => {
      const [plan, a, b] = operands(c, dtype)
      const got = run(plan, dtype, a, b, { fma })
      if (fma && dtype === 'float64') {
        const want = reference(plan, dtype, a, b)
        expect(got.every((x, i) => Math.abs(x - want[i]!) <= 1e-12)).toBe(true)
      } else expect(got).toEqual(bitwise(plan, dtype, a, b, fma && isFloat(dtype)))
    },
  )

  const wide: fc.Arbitrary<DotCase> = fc
    .tuple(fc.integer({ min: 13, max: 60 }), fc.integer({ min: 60, max: 90 }), fc.constantFrom(130, 259, 400))
    .map(([m, n, k]) => matrices(m, n, k))
  test.prop(
    [
      fc.oneof(cases, long, wide),
      anyDType,
      anyMode,
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom('rows', 'columns'),
    ],
    { numRuns: 100 },
  )('has the same bits in any chunks of rows or of columns', (c, dtype, fma, grain, by) => {
    const [plan, a, b] = operands(c, dtype)
    expect(run(plan, dtype, a, b, { fma, grain, by })).toEqual(run(plan, dtype, a, b, { fma }))
  })

  test.prop(
    [fc.constantFrom('float32', 'float64', 'bfloat16'), anyMode, fc.constantFrom(31, 300), fc.nat(63), fc.nat(63)],
    {
      numRuns: 20,
    },
  )('gives a row, a column and an element the bits that it gives the matrix', (dtype, fma, k, i, j) => {
    const [plan, a, b] = operands(matrices(64, 64, k), dtype)
    const whole = run(plan, dtype, a, b, { fma })
    const row = a.slice(i * k, (i + 1) * k)
    const column = Array.from({ length: k }, (_, p) => b[p * 64 + j]!)
    const numberOf = (x: ArrayLike<number>) => hostOf(dtype === 'bfloat16' ? 'uint16' : dtype, x)
    const alone = (m: number, n: number, x: typeof a, y: typeof b) =>
      run(planOf(matrices(m, n, k)), dtype, x, y, { fma })
    expect(alone(1, 64, row, b)).toEqual(whole.slice(i * 64, (i + 1) * 64))
    expect([...alone(64, 1, a, numberOf(column))]).toEqual(Array.from({ length: 64 }, (_, r) => whole[r * 64 + j]))
    expect(alone(1, 1, row, numberOf(column))[0]).toBe(whole[i * 64 + j])
  })

  test.each(modes)('has edges of every size (fma: %s)', (fma) => {
    for (let size = 0; size <= 20; size++) {
      for (const c of [matrices(size, 20 - size, 3), matrices(7, size, size), matrices(size, 3, 5, [1, 1])]) {
        const [plan, a, b] = operands(c, 'float32', true)
        expect(run(plan, 'float32', a, b, { fma })).toEqual(reference(plan, 'float32', a, b))
      }
    }
  })

  test.each(modes)(
    'of more rows, columns and steps than are packed at a time is right in every layout (fma: %s)',
    (fma) => {
      const right = (dtype: StoredDType, c: DotCase): void => {
        const [plan, a, b] = operands(c, dtype, true)
        const want = reference(plan, dtype, a, b)
        expect(run(plan, dtype, a, b, { fma }).findIndex((x, i) => x !== want[i])).toBe(-1)
      }
      for (const order of [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
      ] as const) {
        if (order[0] !== order[1]) right('float32', matrices(100, 1030, 100, order))
        right('float32', matrices(1, 2060, 40, order))
        right('float32', matrices(2060, 1, 40, order))
        for (const dtype of ['float32', 'float64', 'float16'] as const) right(dtype, matrices(40, 100, 260, order))
      }
    },
  )

  test('without steps is zero', () => {
    for (const dtype of numbers) {
      const [plan, a, b] = operands(matrices(3, 5, 0), dtype)
      expect([...run(plan, dtype, a, b)]).toEqual(Array.from({ length: 15 }, () => 0))
    }
  })

  const rare = fc.constantFrom(0, -0, 1, -2, Infinity, -Infinity, NaN, 1e-40, 3e38)
  test.prop(
    [
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 5 }),
      fc.tuple(fc.nat(1), fc.nat(1)),
      fc.array(rare, { minLength: 90, maxLength: 90 }),
      anyMode,
    ],
    { numRuns: 60 },
  )(
    'keeps infinities, NaN and subnormal numbers, and takes none from beyond its operands',
    (m, n, k, order, xs, fma) => {
      const plan = planOf(matrices(m, n, k, order))
      const [a, b] = [hostOf('float32', xs.slice(0, m * k)), hostOf('float32', xs.slice(45, 45 + k * n))]
      expect(run(plan, 'float32', a, b, { fma })).toEqual(bitwise(plan, 'float32', a, b, fma))
    },
  )

  test('takes operands and gives a result of one number dtype only', () => {
    const emit = (inputs: readonly StoredDType[], output: StoredDType) => () =>
      compileStep((t) => emitDot(t, planOf(matrices(2, 2, 2)), { inputs, outputs: [output] }))
    expect(emit(['bool', 'bool'], 'bool')).toThrow(DtypeError)
    expect(emit(['float32', 'float16'], 'float32')).toThrow(/float32, float16/)
  })
})

describe('the units of a product', () => {
  const split = (c: DotCase, dtype: StoredDType = 'float32', by?: 'rows') => {
    const codes: ReturnType<typeof emitDot>[] = []
    compileStep((t) => {
      codes.push(emitDot(t, planOf(c), { inputs: [dtype, dtype], outputs: [dtype] }, by === undefined ? {} : { by }))
      return codes[0]!
    })
    return codes[0]!
  }

  test('are one chunk of a tiny product, at least eight of a big one', () => {
    const tiny = split(matrices(32, 32, 2)).parts.at(-1)!
    expect(tiny.grain).toBeGreaterThanOrEqual(tiny.units as number)
    for (const c of [matrices(1024, 1024, 1024), matrices(64, 256, 784), matrices(1024, 64, 1024)]) {
      const { units, grain } = split(c).parts.at(-1)!
      expect(Math.ceil((units as number) / grain)).toBeGreaterThanOrEqual(8)
    }
  })

  test('are columns of a wide product, rows of a tall one, and whole items of a batch of small ones', () => {
    expect(split(matrices(64, 256, 784)).split).toMatchObject({ by: 'columns', size: 8, perItem: 32 })
    expect(split(matrices(256, 64, 784)).split).toMatchObject({ by: 'rows', perItem: 64 })
    expect(split(matrices(64, 256, 784), 'float32', 'rows').split).toMatchObject({ by: 'rows', perItem: 16 })
    const batched = split({ batch: [64], m: [64], n: [64], k: [32] })
    expect(batched.split).toMatchObject({ units: 64 * 8 })
    expect(batched.split!.grain % batched.split!.perItem).toBe(0)
  })
})
