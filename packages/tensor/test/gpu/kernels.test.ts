import * as np from '@linum/tensor'
import { array, concatenate, type DType, init, jit, setDefaultDevice, type Tensor, withDevice } from '@linum/tensor'
import { defaultDevice } from '@linum/tensor/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { useSoftwareDriver } from './available.js'

useSoftwareDriver()
const initial = defaultDevice().name
beforeAll(async () => {
  await init('gpu', { software: true })
  setDefaultDevice('gpu')
})
afterAll(() => setDefaultDevice(initial))

const read = async (x: Tensor): Promise<number[]> => Array.from((await x.data()) as ArrayLike<number>, Number)
const all = (xs: readonly Tensor[]): Promise<number[][]> => Promise.all(xs.map(read))
const bitsOf = async (x: Tensor): Promise<number[]> => Array.from(new Uint32Array((await x.data()).slice().buffer))

const dtypes = [
  'float32',
  'float16',
  'bfloat16',
  'int32',
  'int16',
  'int8',
  'uint32',
  'uint16',
  'uint8',
  'bool',
] as const satisfies readonly DType[]

/** Small whole numbers: every sum of them is exact in float32. */
const numbers = (length: number, dtype: DType, shape: readonly number[] = [length]): Tensor => {
  const unsigned = dtype === 'bool' || dtype.startsWith('uint')
  const values = Array.from({ length }, (_, i) => ((i * 7919) % 23) - (unsigned ? 0 : 11))
  const x = dtype === 'bool' ? array(values.map((v) => v > 3)) : array(values, { dtype })
  return x.reshape(shape)
}

/** The same computed by the reference. */
const both = async (f: () => readonly Tensor[]): Promise<void> => {
  const got = f()
  expect(got.map((x) => x.device)).toEqual(got.map(() => 'gpu'))
  const want = withDevice('js', f)
  expect(got.map((x) => [x.dtype, x.shape])).toEqual(want.map((x) => [x.dtype, x.shape]))
  expect(await all(got)).toEqual(await all(want))
}

describe('reductions', () => {
  const lengths = [1, 8, 9, 15, 16, 17, 4096, 4097, 70000]
  const along = (x: Tensor, axis: number): readonly Tensor[] => {
    const common = [x.max({ axis }), x.min({ axis }), x.argmax({ axis }), x.argmin({ axis }), x.all({ axis }), x.any({ axis })]
    return x.dtype === 'bool' ? [...common, x.astype('int32').sum({ axis })] : [...common, x.sum({ axis })]
  }

  test.each(lengths)('of %i elements along memory are those of the reference', async (length) => {
    for (const dtype of length > 4096 ? (['float32', 'int8'] as const) : dtypes)
      await both(() => along(numbers(2 * length, dtype, [2, length]), 1))
  })

  test.each(lengths)('of %i elements across memory are those of the reference', async (length) => {
    for (const dtype of length > 4096 ? (['float32', 'uint16'] as const) : dtypes)
      await both(() => along(numbers(3 * length, dtype, [length, 3]), 0))
  })

  test.each(dtypes.filter((d) => d !== 'bool'))('products of %s wrap and round as the reference does', async (dtype) => {
    for (const length of [8, 9, 17])
      await both(() => [array(Array.from({ length }, (_, i) => (i % 3) + 1), { dtype }).prod()])
  })

  test('take the first of equal extremes and the first NaN, wherever it is', async () => {
    for (const length of [9, 4100, 9000]) {
      const ties = Array.from({ length }, (_, i) => (i % 7 === 5 ? 4 : i % 5 === 2 ? -4 : 0))
      const nans = ties.map((v, i) => (i === length - 3 || i === length - 1 ? Number.NaN : v))
      const infinite = ties.map((_, i) => (i === 6 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY))
      for (const values of [ties, nans, infinite])
        await both(() => {
          const x = array(values)
          return [x.argmax(), x.argmin(), x.max(), x.min()]
        })
    }
  })

  test('start from nothing where there are no elements', async () => {
    await both(() => [np.zeros([0]).sum(), np.zeros([3, 0]).sum({ axis: 1 }), np.zeros([0]).prod(), np.zeros([0]).any()])
  })
})

describe('sums of float32 are the same bit by bit', () => {
  const noise = (length: number): Float32Array =>
    Float32Array.from({ length }, (_, i) => Math.sin(i * 12.9898) * 1000)

  test.each([8, 9, 16, 100, 4096, 4097, 70000])('of %i elements however they are asked for', async (length) => {
    const x = array(noise(length))
    const eager = await bitsOf(x.sum())
    const double = jit((v: Tensor) => v.abs().neg().abs().sum())
    expect(await bitsOf(jit((v: Tensor) => v.sum())(x))).toEqual(eager)
    // In a kernel that has other results, along other memory, and with the elements computed on the way.
    expect(await bitsOf(jit((v: Tensor) => [v.max(), v.sum()])(x)[1]!)).toEqual(eager)
    expect(await bitsOf(np.stack([x, x, x], { axis: 1 }).sum({ axis: 0 }).slice(1))).toEqual(eager)
    expect(await bitsOf(double(x))).toEqual(await bitsOf(x.abs().neg().abs().sum()))
  })
})

describe('kernels', () => {
  test('have several results', async () => {
    const f = jit((x: Tensor) => {
      const m = x.mean({ axis: 1, keepdims: true })
      return [x.sub(m), x.sub(m).square().sum({ axis: 1 }), x.add(1), x.max({ axis: 1 }), x.argmax({ axis: 1 })]
    })
    await both(() => f(numbers(4 * 64, 'float32', [4, 64])))
  })

  test.each([7, 8, 9, 12, 13, 30])('read %i arrays at once, more than a shader can bind', async (count) => {
    const f = jit((...xs: Tensor[]) => [xs.reduce((a, b) => a.mul(2).add(b)), ...xs.slice(0, 3).map((x) => x.add(1))])
    await both(() => f(...Array.from({ length: count }, (_, k) => numbers(50 + 0 * k, 'int32').add(k))))
  })

  test('write many arrays at once', async () => {
    const f = jit((x: Tensor) => Array.from({ length: 20 }, (_, k) => x.mul(k + 1)))
    await both(() => f(numbers(33, 'int32')))
  })

  test('concatenate 150 arrays', async () => {
    const parts = (): Tensor[] => Array.from({ length: 150 }, (_, k) => np.full([1 + (k % 3)], k))
    await both(() => [concatenate(parts())])
    const x = numbers(150, 'int32')
    const rows = jit((v: Tensor) => concatenate(Array.from({ length: 150 }, (_, k) => v.slice([149 - k, 150 - k]).add(k))))
    expect(await read(rows(x))).toEqual((await read(x)).reverse().map((v, k) => v + k))
  })

  test('do nothing for empty arrays', async () => {
    await both(() => {
      const x = np.zeros([0, 3])
      return [x.add(1), x.T, concatenate([x, np.ones([2, 3])]), x.sum({ axis: 0 }), jit((v: Tensor) => v.mul(2))(x)]
    })
  })

  test('write over what they read where it was given to them', async () => {
    const f = jit((x: Tensor, y: Tensor) => [x.mul(2).add(y), y.sub(1)], { donateArgnums: [0, 1] })
    let [x, y] = [np.zeros([1000]), np.ones([1000])]
    for (let i = 0; i < 5; i++) [x, y] = f(x, y) as [Tensor, Tensor]
    const f1 = (n: number): [number, number] => {
      let [a, b] = [0, 1]
      for (let i = 0; i < n; i++) [a, b] = [2 * a + b, b - 1]
      return [a, b]
    }
    expect([...new Set(await read(x)), ...new Set(await read(y))]).toEqual(f1(5))
  })

  test('run in more groups than one row of them has', async () => {
    const x = np.arange(2 ** 24)
    const y = x.add(1)
    const at = y.slice([2 ** 24 - 3, 2 ** 24])
    expect(await read(at)).toEqual([2 ** 24 - 2, 2 ** 24 - 1, 2 ** 24])
    expect(await read(y.reshape([4096, 4096]).slice([0, 4096, 1024], 4095))).toEqual([4096, 2 ** 22 + 4096, 2 ** 23 + 4096, 3 * 2 ** 22 + 4096])
    for (const t of [x, y]) t[Symbol.dispose]()
  })
})
