import { fc, test } from '@fast-check/vitest'
import { initializers } from '@linum/nn'
import { array, random } from '@linum/tensor'
import { describe, expect } from 'vitest'
import { expectClose } from './numbers.js'

const key = random.key(0)

describe('initializers', () => {
  test('give the numbers of JAX', () => {
    expectClose(initializers.lecunNormal()(key, [2, 3]), [
      [1.1704054, 1.3784391, -0.3317383],
      [-0.0603173, 0.13505137, -0.73362523],
    ])
    expectClose(initializers.heUniform()(key, [2, 3]), [
      [1.550764, 1.6578493, -0.5809593],
      [-0.10853563, 0.2421016, -1.1587315],
    ])
    expectClose(initializers.glorotNormal()(key, [2, 3]), [
      [1.0468423, 1.2329134, -0.29671577],
      [-0.05394943, 0.12079362, -0.65617436],
    ])
    expectClose(
      initializers.varianceScaling(2, 'fan_geo_avg', 'normal', { inAxis: 0, outAxis: 2, batchAxis: 1 })(key, [2, 2, 3]),
      [
        [
          [1.4662228, 1.8300333, -0.3917968],
          [-0.0710388, 0.15911609, -0.8783818],
        ],
        [
          [-0.44755295, 0.4467215, 0.60030735],
          [-0.8585696, 1.9694281, -1.766678],
        ],
      ],
    )
    expectClose(initializers.normal()(key, [3]), [0.01622642, 0.02025265, -0.00433594])
    expectClose(initializers.uniform(2)(key, [3]), [1.895334, 1.9571598, 0.66458297])
    expectClose(
      initializers.truncatedNormal({ stddev: 0.5, lower: -1, upper: 3 })(key, [3]),
      [0.8460715, 1.0337589, -0.07830211],
    )
  })

  test('a number stands for the option that names it', () => {
    expect(initializers.normal(0.5)(key, [4]).toArray()).toEqual(
      initializers.normal({ stddev: 0.5 })(key, [4]).toArray(),
    )
    expect(initializers.uniform(0.5)(key, [4]).toArray()).toEqual(
      initializers.uniform({ scale: 0.5 })(key, [4]).toArray(),
    )
    expect(initializers.truncatedNormal(0.5)(key, [4]).toArray()).toEqual(
      initializers.truncatedNormal({ stddev: 0.5 })(key, [4]).toArray(),
    )
  })

  test('constants', () => {
    expectClose(initializers.zeros(key, [2]), [0, 0])
    expectClose(initializers.onesInit()(key, [2]), [1, 1])
    expectClose(initializers.constant(array([1, 2]))(key, [2, 2]), [
      [1, 2],
      [1, 2],
    ])
    expect(initializers.constant(3, { dtype: 'int32' })(key, [1]).dtype).toBe('int32')
    expect(initializers.constant(3, { dtype: 'int32' })(key, [1], { dtype: 'float32' }).dtype).toBe('float32')
    expect(initializers.zerosInit()).toBe(initializers.zeros)
  })

  const families = fc.constantFrom(
    [initializers.lecunNormal, (i: number) => 1 / i] as const,
    [initializers.lecunUniform, (i: number) => 1 / i] as const,
    [initializers.heNormal, (i: number) => 2 / i] as const,
    [initializers.heUniform, (i: number) => 2 / i] as const,
    [initializers.glorotNormal, (i: number, o: number) => 2 / (i + o)] as const,
    [initializers.glorotUniform, (i: number, o: number) => 2 / (i + o)] as const,
  )
  test.prop([families, fc.integer({ min: 20, max: 120 }), fc.integer({ min: 20, max: 120 }), fc.nat(1000)], {
    numRuns: 20,
  })('weights have mean 0 and the variance of their family', ([family, variance], fanIn, fanOut, seed) => {
    const w = family()(random.key(seed), [fanIn, fanOut])
    const expected = variance(fanIn, fanOut)
    const n = fanIn * fanOut
    expect(Math.abs(Number(w.mean().item()))).toBeLessThan(5 * Math.sqrt(expected / n))
    // Five standard deviations of the variance of a normal, which these spread less than.
    expect(Math.abs(Number(w.var().item()) / expected - 1)).toBeLessThan(5 * Math.sqrt(2 / n))
  })

  test('fans count the receptive field and leave batch axes out', () => {
    const deviation = (shape: number[], options?: Parameters<typeof initializers.lecunNormal>[0]): number =>
      Number(initializers.lecunUniform(options)(key, shape).abs().max().item())
    // A uniform of variance v reaches almost to sqrt(3 v).
    expect(deviation([3, 3, 10, 40])).toBeCloseTo(Math.sqrt(3 / 90), 3)
    expect(deviation([9, 10, 40], { batchAxis: 0 })).toBeCloseTo(Math.sqrt(3 / 10), 2)
    expect(deviation([9, 10, 40], { inAxis: [0, 1] })).toBeCloseTo(Math.sqrt(3 / 90), 3)
  })

  test('truncated weights lie within two standard deviations', () => {
    const w = initializers.lecunNormal()(key, [100, 100])
    expect(Number(w.abs().max().item())).toBeLessThanOrEqual((2 * Math.sqrt(1 / 100)) / 0.8796256)
  })

  test('errors say what is wrong', () => {
    expect(() => initializers.lecunNormal()(key, [3])).toThrow(
      'varianceScaling: the default inAxis needs weights of at least two axes, got shape (3,)',
    )
    expect(() => initializers.lecunNormal()(key, [0, 3])).toThrow(
      'varianceScaling: weights without elements have no fan, got shape (0, 3)',
    )
    expect(() => initializers.lecunNormal({ inAxis: 5 })(key, [2, 3])).toThrow(
      'varianceScaling: axis 5 is out of bounds',
    )
    expect(() => initializers.varianceScaling(-1, 'fan_in', 'normal')).toThrow(
      'varianceScaling: scale must not be negative, got -1',
    )
    expect(() => initializers.varianceScaling(1, 'fan_max' as never, 'normal')).toThrow(
      "varianceScaling: unknown mode, got 'fan_max'; use one of fan_in, fan_out, fan_avg, fan_geo_avg",
    )
    expect(() => initializers.varianceScaling(1, 'fan_in', 'cauchy' as never)).toThrow(
      "varianceScaling: unknown distribution, got 'cauchy'",
    )
  })
})
