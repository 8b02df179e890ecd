import { fc, test } from '@fast-check/vitest'
import {
  arange,
  array,
  DtypeError,
  isfinite,
  jit,
  random,
  ShapeError,
  type Tensor,
  traceCount,
  zeros,
} from '@linum/tensor'
import { describe, expect } from 'vitest'
import { threefryBits, threefryWord } from '../src/device/js/threefry.js'

const value = (x: Tensor): unknown => x.toArray()
const words = (k: Tensor): unknown => value(random.keyData(k))
const seed = fc.integer({ min: 0, max: 2 ** 32 - 1 })

describe('threefry', () => {
  test.each<[string, readonly [number, number, number, number], readonly [number, number]]>([
    ['zeros', [0, 0, 0, 0], [0x6b200159, 0x99ba4efe]],
    ['ones', [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff], [0x1cb996fc, 0xbb002be7]],
    ['digits of pi', [0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3], [0xc4923a9c, 0x483df7a0]],
  ])('agrees with the published answers for %s', (_name, [k0, k1, c0, c1], [first, second]) => {
    expect([threefryWord(k0, k1, c0, c1, 0), threefryWord(k0, k1, c0, c1, 1)]).toEqual([first, second])
    expect(threefryBits(k0, k1, c0, c1)).toBe((first ^ second) >>> 0)
  })
})

describe('a key', () => {
  test('is made of a seed, taken modulo 2^32', () => {
    expect([random.key(0), random.key(42), random.key(-1), random.key(2 ** 32 + 5)].map(words)).toEqual([
      [0, 0],
      [0, 42],
      [0, 4294967295],
      [0, 5],
    ])
    expect([random.key(0).shape, random.key(0).dtype]).toEqual([[], 'key'])
    for (const bad of [1.5, NaN, Infinity, 2 ** 53])
      expect(() => random.key(bad)).toThrow(new TypeError(`random.key: the seed must be an integer, got ${bad}`))
  })

  test('splits into the keys of the reference', () => {
    expect(words(random.split(random.key(0)))).toEqual([
      [1797259609, 2579123966],
      [928981903, 3453687069],
    ])
    expect(words(random.split(random.key(42)))).toEqual([
      [1832780943, 270669613],
      [64467757, 2916123636],
    ])
    expect(words(random.split(random.key(0), 3).slice(2))).toEqual([4146024105, 2718843009])
    expect(words(random.foldIn(random.key(42), 7))).toEqual([2547012911, 1371500959])
    expect(words(random.foldIn(random.key(0), 2 ** 32 - 1))).toEqual([743310391, 3789761811])
    expect([
      random.split(random.key(0), 5).shape,
      random.split(random.key(0), [2, 3]).shape,
      random.split(random.split(random.key(0)), 3).shape,
    ]).toEqual([[5], [2, 3], [2, 3]])
  })

  test('goes to words and back', () => {
    const keys = random.split(random.key(1), [2, 3])
    expect(random.keyData(keys).shape).toEqual([2, 3, 2])
    expect(words(random.wrapKeyData(random.keyData(keys)))).toEqual(words(keys))
    expect(() => random.wrapKeyData(zeros([2]))).toThrow(
      new ShapeError('random_wrap: key data is uint32 with a trailing axis of 2, got float32 (2,)'),
    )
    expect(() => random.wrapKeyData(zeros([3], { dtype: 'uint32' }))).toThrow(ShapeError)
  })

  test('is moved about like any element', () => {
    const keys = random.split(random.key(1), [2, 3])
    expect(words(keys.T.slice(2, 1))).toEqual(words(keys.slice(1, 2)))
    expect(words(keys.reshape([6]).slice(-1))).toEqual(words(keys.slice(1, 2)))
  })

  test.prop([seed, fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })])(
    'splits so that fewer are the first of more',
    (s, n, m) => {
      const [few, many] = [random.split(random.key(s), Math.min(n, m)), random.split(random.key(s), Math.max(n, m))]
      expect(words(many.slice(`:${Math.min(n, m)}`))).toEqual(words(few))
      expect(words(random.split(random.key(s), [n, m]).reshape([n * m]))).toEqual(
        words(random.split(random.key(s), n * m)),
      )
    },
  )
  test.prop([seed, fc.nat(20)])('folds a number in as if split that often', (s, i) => {
    expect(words(random.foldIn(random.key(s), i))).toEqual(words(random.split(random.key(s), i + 1).slice(i)))
    expect(words(random.foldIn(random.key(s), array(i, { dtype: 'int32' })))).toEqual(
      words(random.foldIn(random.key(s), i)),
    )
  })
  test.prop([seed])('of a batch is treated alone', (s) => {
    const keys = random.split(random.key(s), 3)
    const split = random.split(keys, 2)
    const folded = random.foldIn(keys, 9)
    for (let i = 0; i < 3; i++) {
      expect(words(split.slice(i))).toEqual(words(random.split(keys.slice(i))))
      expect(words(folded.slice(i))).toEqual(words(random.foldIn(keys.slice(i), 9)))
    }
  })
})

type Sampler = (key: Tensor) => Tensor
const samplers: Readonly<Record<string, Sampler>> = {
  bits: (k) => random.bits(k, [3, 5]),
  uniform: (k) => random.uniform(k, [3, 5]),
  'uniform between bounds': (k) => random.uniform(k, [3, 5], { minval: -2, maxval: 3 }),
  normal: (k) => random.normal(k, [3, 5]),
  truncatedNormal: (k) => random.truncatedNormal(k, -1, 2, { shape: [3, 5] }),
  bernoulli: (k) => random.bernoulli(k, { p: 0.3, shape: [3, 5] }),
  'bernoulli of an array': (k) => random.bernoulli(k, { p: array([0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]) }),
  randint: (k) => random.randint(k, [3, 5], -5, 100),
  'randint of uint32': (k) => random.randint(k, [4], 1, 7, { dtype: 'uint32' }),
  exponential: (k) => random.exponential(k, [3, 5]),
  gumbel: (k) => random.gumbel(k, [3, 5]),
  'permutation of a number': (k) => random.permutation(k, 12),
  'permutation of rows': (k) => random.permutation(k, arange(12).reshape([4, 3])),
  'independent permutation': (k) => random.permutation(k, arange(12).reshape([4, 3]), { axis: 1, independent: true }),
}

describe('a sampler', () => {
  test.for(Object.keys(samplers))(
    '%s gives the same for the same key, compiled or not, and other numbers for another key',
    (name) => {
      const f = samplers[name]!
      const compiled = jit(f)
      const draws = [0, 1, 2, 3].map((s) => JSON.stringify(value(f(random.key(s)))))
      expect([0, 1, 2, 3].map((s) => JSON.stringify(value(f(random.key(s)))))).toEqual(draws)
      expect([0, 1, 2, 3].map((s) => JSON.stringify(value(compiled(random.key(s)))))).toEqual(draws)
      expect(traceCount(compiled)).toBe(1)
      expect(new Set(draws).size).toBeGreaterThan(1)
      expect([compiled(random.key(0)).dtype, compiled(random.key(0)).shape]).toEqual([
        f(random.key(0)).dtype,
        f(random.key(0)).shape,
      ])
    },
  )

  test('without a shape draws one number', () => {
    const k = random.key(0)
    expect(
      [
        random.bits(k),
        random.uniform(k),
        random.normal(k),
        random.bernoulli(k),
        random.truncatedNormal(k, -1, 1),
        random.exponential(k),
        random.gumbel(k),
      ].map((x) => x.shape),
    ).toEqual([[], [], [], [], [], [], []])
  })

  test('of a shape draws nothing where that is empty', () => {
    expect(random.normal(random.key(0), [0, 3]).shape).toEqual([0, 3])
    expect(random.permutation(random.key(0), 0).shape).toEqual([0])
  })

  test('draws the first of a longer draw', () => {
    expect(value(random.uniform(random.key(3), [4]))).toEqual(value(random.uniform(random.key(3), [9]).slice(':4')))
    expect(value(random.bits(random.key(3), [2, 3]).ravel())).toEqual(value(random.bits(random.key(3), [6])))
  })

  test.each<[string, () => unknown, string]>([
    [
      'no key',
      () => random.uniform(0 as unknown as Tensor),
      'random.uniform: the first argument must be a random key, got 0; make one with random.key(seed)',
    ],
    [
      'words for a key',
      () => random.bits(zeros([2], { dtype: 'uint32' })),
      'random.bits: the first argument must be a random key, got dtype uint32; make one with random.key(seed)',
    ],
    [
      'another dtype',
      () => random.normal(random.key(0), [2], { dtype: 'int32' }),
      "random.normal: dtype must be a float, got int32; convert the sample with x.astype('int32')",
    ],
    [
      'bits of another dtype',
      () => random.bits(random.key(0), [2], { dtype: 'int32' }),
      'random.bits: dtype must be uint8, uint16 or uint32, got int32',
    ],
    [
      'integers of a float dtype',
      () => random.randint(random.key(0), [2], 0, 3, { dtype: 'float32' }),
      'random.randint: dtype must be an integer, got float32; use random.uniform for floats',
    ],
  ])('refuses %s', (_what, draw, message) => {
    expect(draw).toThrow(new DtypeError(message))
  })

  test('refuses several keys, bounds and sizes that are no integers', () => {
    expect(() => random.normal(random.split(random.key(0)), [2])).toThrow(
      new ShapeError('random.normal: takes one key, got an array of keys of shape (2,); use vmap for one draw per key'),
    )
    expect(() => random.randint(random.key(0), [2], 0.5, 3)).toThrow(
      new TypeError('random.randint: bounds must be integers, got 0.5 and 3'),
    )
    expect(() => random.permutation(random.key(0), -1)).toThrow(
      new TypeError('random.permutation: n must be a non-negative integer, got -1'),
    )
    expect(() => random.permutation(random.key(0), 2.5)).toThrow(TypeError)
    expect(() => random.permutation(random.key(0), array(3))).toThrow(ShapeError)
    expect(() => random.uniform(random.key(0), [-1])).toThrow(ShapeError)
    expect(() => random.split(random.key(0), NaN)).toThrow(ShapeError)
    expect(() => random.foldIn(random.key(0), 0.5)).toThrow(
      new TypeError('random.foldIn: data must be an integer, got 0.5'),
    )
  })
})

const many = 4000
const moments = (x: Tensor): readonly [number, number] => [Number(x.mean()), Number(x.var())]

describe('the numbers', () => {
  test.prop([seed], { numRuns: 20 })('of uniform lie in their range, on both halves of it', (s) => {
    const x = random.uniform(random.key(s), [many])
    expect([Number(x.min()) >= 0, Number(x.max()) < 1]).toEqual([true, true])
    const y = random.uniform(random.key(s), [many], { minval: -3, maxval: -1 })
    expect([Number(y.min()) >= -3, Number(y.max()) < -1]).toEqual([true, true])
    expect(Number(y.add(2).div(2).mean())).toBeCloseTo(0, 1)
  })
  test.prop([seed, fc.integer({ min: -20, max: 20 }), fc.integer({ min: 1, max: 40 })], { numRuns: 30 })(
    'of randint lie in their range, and reach its ends',
    (s, low, span) => {
      const x = value(random.randint(random.key(s), [many], low, low + span)) as number[]
      expect([Math.min(...x), Math.max(...x)]).toEqual([low, low + span - 1])
      expect(value(random.randint(random.key(s), [3], low, low))).toEqual([low, low, low])
      expect(value(random.randint(random.key(s), [3], low, low - 1))).toEqual([low, low, low])
    },
  )
  test.prop([seed, fc.nat(30)])('of a permutation are those below n, each once', (s, n) => {
    const p = value(random.permutation(random.key(s), n)) as number[]
    expect([...p].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i))
  })
  test.prop([seed, fc.nat(2)])('of an array are moved in whole slices, or each lane alone', (s, axis) => {
    const x = arange(24).reshape([2, 3, 4])
    const whole = random.permutation(random.key(s), x, { axis })
    const firsts = value(whole.moveaxis(axis, 0).reshape([x.shape[axis]!, -1]).slice(':', 0)) as number[]
    const rows = new Map(
      (value(x.moveaxis(axis, 0).reshape([x.shape[axis]!, -1])) as number[][]).map((row) => [row[0], row]),
    )
    expect(value(whole.moveaxis(axis, 0).reshape([x.shape[axis]!, -1]))).toEqual(firsts.map((f) => rows.get(f)))
    const lanes = random.permutation(random.key(s), x, { axis, independent: true })
    expect(value(lanes.sort({ axis }))).toEqual(value(x))
  })
  test('of 2000 are shuffled twice and still a permutation', () => {
    const p = random.permutation(random.key(0), 2000)
    expect(value(p.sort())).toEqual(value(arange(2000)))
  })

  test('have the moments of their distributions', () => {
    const k = random.split(random.key(7), 6)
    const close = (got: readonly [number, number], want: readonly [number, number]): void => {
      expect(Math.abs(got[0] - want[0])).toBeLessThan(0.08)
      expect(Math.abs(got[1] - want[1])).toBeLessThan(0.12)
    }
    close(moments(random.uniform(k.slice(0), [many])), [0.5, 1 / 12])
    close(moments(random.normal(k.slice(1), [many])), [0, 1])
    close(moments(random.exponential(k.slice(2), [many])), [1, 1])
    close(moments(random.gumbel(k.slice(3), [many])), [0.5772, Math.PI ** 2 / 6])
    close(moments(random.bernoulli(k.slice(4), { p: 0.3, shape: [many] })), [0.3, 0.21])
    close(moments(random.truncatedNormal(k.slice(5), -2, 2, { shape: [many] })), [0, 0.7737])
  })

  test('are finite, and truncated ones stay between their bounds', () => {
    for (let s = 0; s < 5; s++) {
      const k = random.key(s)
      expect(value(isfinite(random.normal(k, [many])).all())).toBe(true)
      expect(value(isfinite(random.gumbel(k, [many])).all())).toBe(true)
      const t = random.truncatedNormal(k, -0.5, 1, { shape: [many] })
      expect([Number(t.min()) > -0.5, Number(t.max()) < 1]).toEqual([true, true])
    }
  })

  test('of bernoulli are never for p = 0 and always for p = 1', () => {
    expect(value(random.bernoulli(random.key(0), { p: 0, shape: [many] }).any())).toBe(false)
    expect(value(random.bernoulli(random.key(0), { p: 1, shape: [many] }).all())).toBe(true)
  })

  test('of two keys are not correlated', () => {
    const [a, b] = [0, 1].map((i) => random.normal(random.split(random.key(5)).slice(i), [many]))
    expect(Math.abs(Number(a!.mul(b!).mean()))).toBeLessThan(0.06)
  })
})
