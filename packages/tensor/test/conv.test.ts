import { fc, test } from '@fast-check/vitest'
import {
  arange,
  array,
  convGeneralDilated,
  convTranspose,
  DtypeError,
  jit,
  ones,
  ShapeError,
  type Tensor,
  type WindowPadding,
  zeros,
} from '@linum/tensor'
import { describe, expect } from 'vitest'

const image = ['NHWC', 'HWIO', 'NHWC'] as const
const line = ['NHC', 'HIO', 'NHC'] as const

const count = (shape: readonly number[]): Tensor => arange(shape.reduce((a, b) => a * b, 1)).reshape(shape)

describe('convGeneralDilated', () => {
  test('slides a kernel over a line', () => {
    const x = array([1, 2, 3, 4]).reshape([1, 4, 1])
    const k = array([10, 1]).reshape([2, 1, 1])
    const values = (padding: WindowPadding, strides = 1): unknown =>
      convGeneralDilated(x, k, strides, padding, { dimensionNumbers: line }).ravel().toArray()
    expect(values('VALID')).toEqual([12, 23, 34])
    expect(values('SAME')).toEqual([12, 23, 34, 40])
    expect(values('SAME_LOWER')).toEqual([1, 12, 23, 34])
    expect(values([[2, 0]])).toEqual([0, 1, 12, 23, 34])
    expect(values([[-1, 0]])).toEqual([23, 34])
    expect(values('VALID', 2)).toEqual([12, 34])
  })

  test('has the features first unless told otherwise', () => {
    const x = count([2, 3, 5, 6])
    const k = count([4, 3, 2, 2])
    const first = convGeneralDilated(x, k, 1, 'VALID')
    expect(first.shape).toEqual([2, 4, 4, 5])
    const last = convGeneralDilated(x.transpose([0, 2, 3, 1]), k.transpose([2, 3, 1, 0]), [1, 1], 'VALID', {
      dimensionNumbers: image,
    })
    expect(last.transpose([0, 3, 1, 2]).toArray()).toEqual(first.toArray())
  })

  test('keeps groups apart', () => {
    const x = array([1, 10]).reshape([1, 1, 2])
    const k = array([2, 3, 5, 7]).reshape([1, 1, 4])
    expect(convGeneralDilated(x, k, 1, 'VALID', { dimensionNumbers: line, groups: 2 }).toArray()).toEqual([
      [[2, 3, 50, 70]],
    ])
    const batch = array([1, 10]).reshape([2, 1, 1])
    expect(convGeneralDilated(batch, k, 1, 'VALID', { dimensionNumbers: line, batchGroups: 2 }).toArray()).toEqual([
      [[2, 3, 50, 70]],
    ])
  })

  test('spreads the operand and the kernel', () => {
    const x = array([1, 2, 3]).reshape([1, 3, 1])
    const k = array([10, 1]).reshape([2, 1, 1])
    const run = (options: object): unknown =>
      convGeneralDilated(x, k, 1, [[0, 0]], { dimensionNumbers: line, ...options })
        .ravel()
        .toArray()
    expect(run({ lhsDilation: 2 })).toEqual([10, 2, 20, 3])
    expect(run({ rhsDilation: [2] })).toEqual([13])
  })

  test('of integers wraps', () => {
    const big = array([65536, 65536], { dtype: 'int32' }).reshape([1, 2, 1])
    const k = array([65536, 65537], { dtype: 'int32' }).reshape([2, 1, 1])
    expect(convGeneralDilated(big, k, 1, 'VALID', { dimensionNumbers: line }).toArray()).toEqual([[[65536]]])
    const bytes = array([100, 100], { dtype: 'int8' }).reshape([1, 2, 1])
    const result = convGeneralDilated(bytes, bytes.reshape([2, 1, 1]), 1, 'VALID', { dimensionNumbers: line })
    expect([result.dtype, result.toArray()]).toEqual(['int8', [[[32]]]])
    const wide = convGeneralDilated(bytes, bytes.reshape([2, 1, 1]), 1, 'VALID', {
      dimensionNumbers: line,
      preferredElementType: 'int32',
    })
    expect([wide.dtype, wide.toArray()]).toEqual(['int32', [[[20000]]]])
  })

  test('of halves sums in more digits than it stores', () => {
    for (const dtype of ['float16', 'bfloat16'] as const) {
      const x = ones([1, 300, 1], { dtype })
      const sum = convGeneralDilated(x, ones([300, 1, 1], { dtype }), 1, 'VALID', { dimensionNumbers: line })
      expect([sum.dtype, sum.item()]).toEqual([dtype, 300])
    }
  })

  test('of float64 keeps its digits', () => {
    const x = array([1, 2 ** -40], { dtype: 'float64' }).reshape([1, 2, 1])
    const k = ones([2, 1, 1], { dtype: 'float64' })
    for (const out of [1, 4]) {
      const wide = convGeneralDilated(x, k.broadcastTo([2, 1, out]), 1, 'VALID', { dimensionNumbers: line })
      expect(wide.ravel().toArray()).toEqual(Array.from({ length: out }, () => 1 + 2 ** -40))
    }
  })

  test('of an infinite weight and padding is NaN, however few features it gives', () => {
    for (const out of [1, 4]) {
      const k = array([Infinity, 1]).reshape([2, 1, 1]).broadcastTo([2, 1, out])
      const result = convGeneralDilated(ones([1, 1, 1]), k, 1, [[1, 0]], { dimensionNumbers: line })
      expect(result.ravel().toArray()).toEqual(Array.from({ length: out }, () => Number.NaN))
    }
  })

  test('of nothing is nothing, and of no features is zero', () => {
    expect(convGeneralDilated(zeros([0, 4, 2]), ones([2, 2, 3]), 1, 'VALID', { dimensionNumbers: line }).shape).toEqual(
      [0, 3, 3],
    )
    expect(
      convGeneralDilated(zeros([1, 2, 0]), ones([1, 0, 2]), 1, 'VALID', { dimensionNumbers: line }).toArray(),
    ).toEqual([
      [
        [0, 0],
        [0, 0],
      ],
    ])
  })

  test('refuses what does not fit in full sentences', () => {
    const x = ones([1, 4, 2])
    const k = ones([3, 2, 2])
    const run =
      (options: object, strides: readonly number[] = [1], padding: WindowPadding = 'VALID') =>
      (): Tensor =>
        convGeneralDilated(x, k, strides, padding, { dimensionNumbers: line, ...options })
    expect(run({}, [1, 1])).toThrow(
      new ShapeError('convGeneralDilated: strides must have one entry for each of 1 spatial axes, got [1,1]'),
    )
    expect(run({ groups: 3 })).toThrow(
      /^convGeneralDilated: the operand must have groups times as many features .* got 2 features, 3 groups and a kernel for 2/,
    )
    expect(run({ batchGroups: 2 })).toThrow(
      /^convGeneralDilated: the batch must be a multiple of batchGroups, got 1 and 2/,
    )
    expect(run({ groups: 2, batchGroups: 2 })).toThrow(/only one of groups and batchGroups/)
    expect(run({ lhsDilation: 2 }, [1], 'SAME')).toThrow(/use convTranspose/)
    expect(run({}, [1], 'FULL' as never)).toThrow(/unknown padding, got 'FULL'/)
    expect(run({}, [1], [[-3, -3]])).toThrow(/negative padding cuts more than there is/)
    expect(run({ dimensionNumbers: ['NHC', 'HIO', 'NHK'] })).toThrow(/dimensionNumbers must have N and C/)
    expect(run({ dimensionNumbers: ['NHC', 'HIOO', 'NHC'] })).toThrow(/a letter of its own/)
    expect(() => convGeneralDilated(x, ones([3, 2]), 1, 'SAME')).toThrow(/same number of axes/)
    expect(() => convGeneralDilated(x.greater(0), k.greater(0), 1, 'SAME', { dimensionNumbers: line })).toThrow(
      DtypeError,
    )
    expect(run({ preferredElementType: 'int32' })).toThrow(
      /preferredElementType must be as wide .* got int32 for float32/,
    )
  })
})

describe('convTranspose', () => {
  test('spreads each element over its window', () => {
    const x = array([1, 10]).reshape([1, 2, 1])
    const k = array([1, 2, 3]).reshape([3, 1, 1])
    const values = (padding: 'SAME' | 'VALID', transposeKernel: boolean): unknown =>
      convTranspose(x, k, 2, padding, { transposeKernel }).ravel().toArray()
    expect(values('VALID', true)).toEqual([1, 2, 13, 20, 30])
    expect(values('VALID', false)).toEqual([3, 2, 31, 20, 10])
    expect(values('SAME', true)).toEqual([1, 2, 13, 20])
  })

  test('refuses paddings of forward convolutions that it does not know', () => {
    expect(() => convTranspose(ones([1, 2, 1]), ones([1, 1, 1]), 1, 'SAME_LOWER' as never)).toThrow(/unknown padding/)
  })
})

/** The definition, one product at a time. */
const direct = (x: Tensor, k: Tensor, c: Configuration): number[] => {
  const [batch, length, features] = x.shape as [number, number, number]
  const [window, inner, out] = k.shape as [number, number, number]
  const [xs, ks] = [x.dataSync(), k.dataSync()]
  const reach = length === 0 ? 0 : (length - 1) * c.lhsDilation + 1
  const span = (window - 1) * c.rhsDilation + 1
  const places = Math.max(0, Math.floor((reach + c.low + c.high - span) / c.stride) + 1)
  const result: number[] = []
  for (let b = 0; b < batch; b++)
    for (let p = 0; p < places; p++)
      for (let o = 0; o < out; o++) {
        const group = Math.floor(o / (out / c.groups))
        let total = 0
        for (let q = 0; q < window; q++) {
          const at = p * c.stride - c.low + q * c.rhsDilation
          if (at < 0 || at >= reach || at % c.lhsDilation !== 0) continue
          for (let f = 0; f < inner; f++)
            total +=
              xs[(b * length + at / c.lhsDilation) * features + group * inner + f]! * ks[(q * inner + f) * out + o]!
        }
        result.push(total)
      }
  return result
}

interface Configuration {
  readonly stride: number
  readonly low: number
  readonly high: number
  readonly lhsDilation: number
  readonly rhsDilation: number
  readonly groups: number
}

const configuration = fc.record({
  batch: fc.nat(3),
  length: fc.integer({ min: 1, max: 9 }),
  window: fc.integer({ min: 1, max: 4 }),
  inner: fc.integer({ min: 1, max: 3 }),
  out: fc.integer({ min: 1, max: 5 }),
  stride: fc.integer({ min: 1, max: 3 }),
  low: fc.integer({ min: 0, max: 3 }),
  high: fc.integer({ min: 0, max: 3 }),
  lhsDilation: fc.integer({ min: 1, max: 3 }),
  rhsDilation: fc.integer({ min: 1, max: 2 }),
  groups: fc.integer({ min: 1, max: 3 }),
})

/** Small integers, so that every order of summing gives the same. */
const whole = (shape: readonly number[], by: number): Tensor => count(shape).mul(by).mod(11).sub(5)

test.prop([configuration], { numRuns: 30 })('it is the sum over the window, eager and compiled', (c) => {
  const x = whole([c.batch, c.length, c.inner * c.groups], 7)
  const k = whole([c.window, c.inner, c.out * c.groups], 3)
  const run = (a: Tensor, b: Tensor): Tensor =>
    convGeneralDilated(a, b, c.stride, [[c.low, c.high]], {
      lhsDilation: c.lhsDilation,
      rhsDilation: c.rhsDilation,
      groups: c.groups,
      dimensionNumbers: line,
    })
  const want = direct(x, k, c)
  expect([...run(x, k).dataSync()].map((v) => v + 0)).toEqual(want.map((v) => v + 0))
  expect([...jit(run)(x, k).dataSync()]).toEqual([...run(x, k).dataSync()])
  const integers = run(x.astype('int32'), k.astype('int32'))
  expect([...integers.dataSync()]).toEqual(want.map((v) => v + 0))
})

test('blocks of rows and of terms meet without a seam', () => {
  const sizes = [
    { batch: 1, length: 130, features: 3, window: 3, out: 5 },
    { batch: 2, length: 5, features: 200, window: 3, out: 4 },
    { batch: 67, length: 3, features: 1, window: 2, out: 6 },
  ]
  for (const { batch, length, features, window, out } of sizes) {
    const x = whole([batch, length, features], 7)
    const k = whole([window, features, out], 3)
    const c = { stride: 1, low: 1, high: 1, lhsDilation: 1, rhsDilation: 1, groups: 1 }
    const want = direct(x, k, c)
    const got = convGeneralDilated(x, k, 1, [[1, 1]], { dimensionNumbers: line })
    expect([...got.dataSync()].map((v) => v + 0)).toEqual(want.map((v) => v + 0))
    // The batch last in memory: rows are packed across it.
    const across = convGeneralDilated(x.transpose([2, 1, 0]).add(0), k, 1, [[1, 1]], {
      dimensionNumbers: ['CHN', 'HIO', 'NHC'],
    })
    expect([...across.dataSync()]).toEqual([...got.dataSync()])
  }
})

test('a kernel too large to be packed at once gives the same sums', () => {
  // As the kernel's gradient of a long line has it: a window as long as the line.
  const [length, out] = [140_000, 4]
  const x = whole([1, length, 1], 7)
  const k = whole([length - 1, 1, out], 3)
  const got = [...convGeneralDilated(x, k, 1, 'VALID', { dimensionNumbers: line }).dataSync()]
  const [xs, ks] = [x.dataSync(), k.dataSync()]
  const want = new Array<number>(2 * out).fill(0)
  for (let p = 0; p < 2; p++)
    for (let q = 0; q < length - 1; q++)
      for (let o = 0; o < out; o++) want[p * out + o]! += xs[p + q]! * ks[q * out + o]!
  expect(got).toEqual(want.map(Math.fround))
})
