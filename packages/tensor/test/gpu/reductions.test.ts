import * as np from '@linum/tensor'
import { array, type DType, init, jit, setDefaultDevice, type Tensor } from '@linum/tensor'
import { defaultDevice } from '@linum/tensor/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { useSoftwareDriver } from './available.js'
import { asReference } from './as-reference.js'

useSoftwareDriver()
const initial = defaultDevice().name
beforeAll(async () => {
  await init('gpu', { software: true })
  setDefaultDevice('gpu')
})
afterAll(() => setDefaultDevice(initial))

const bitsOf = async (x: Tensor): Promise<number[]> => Array.from(new Uint32Array((await x.data()).slice().buffer))

const whole = ['float16', 'bfloat16', 'int32', 'int16', 'int8', 'uint32', 'uint16', 'uint8', 'bool'] as const

/** Small whole numbers: every sum of them is exact in float32. */
const numbers = (dtype: DType, shape: readonly [number, number]): Tensor => {
  const unsigned = dtype === 'bool' || dtype.startsWith('uint')
  const values = Array.from({ length: shape[0] * shape[1] }, (_, i) => ((i * 7919) % 23) - (unsigned ? 0 : 11))
  const x = dtype === 'bool' ? array(values.map((v) => v > 3)) : array(values, { dtype })
  return x.reshape(shape)
}

const every = (x: Tensor, axis: number): readonly Tensor[] => [
  x.max({ axis }),
  x.min({ axis }),
  x.argmax({ axis }),
  x.argmin({ axis }),
  x.all({ axis }),
  x.any({ axis }),
  x.dtype === 'bool' ? x.astype('int32').sum({ axis }) : x.sum({ axis }),
]

describe('reductions', () => {
  test('of nothing, compiled, are their neutral elements', async () => {
    const nothing = array([]).reshape([0, 2])
    await asReference(() => jit((x: Tensor) => [x.T.sum(), x.T.mul(2).prod()])(nothing))
  })

  test.each([1, 8, 9, 15, 16, 17, 4096, 4097, 70000])('of %i elements are those of the reference', async (n) => {
    await asReference(() => every(numbers('float32', [2, n]), 1))
    await asReference(() => every(numbers('float32', [n, 3]), 0))
  })

  test.each(whole)('of %s are those of the reference', async (dtype) => {
    const along = jit((x: Tensor) => every(x, 1))
    const across = jit((x: Tensor) => every(x, 0))
    for (const n of [8, 4100]) await asReference(() => along(numbers(dtype, [2, n])))
    await asReference(() => across(numbers(dtype, [17, 3])))
  })

  test('by products wrap and round as the reference does', async () => {
    for (const dtype of ['float32', 'float16', 'bfloat16', 'int32', 'int8', 'uint16'] as const)
      for (const length of [8, 9, 17])
        await asReference(() => [
          array(
            Array.from({ length }, (_, i) => (i % 3) + 1),
            { dtype },
          ).prod(),
        ])
  })

  test('take the first of equal extremes and the first NaN, wherever it is', async () => {
    for (const length of [9, 4100, 9000]) {
      const ties = Array.from({ length }, (_, i) => (i % 7 === 5 ? 4 : i % 5 === 2 ? -4 : 0))
      const nans = ties.map((v, i) => (i === length - 3 || i === length - 1 ? Number.NaN : v))
      const infinite = ties.map((_, i) => (i === 6 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY))
      for (const values of [ties, nans, infinite])
        await asReference(() => {
          const x = array(values)
          return [x.argmax(), x.argmin(), x.max(), x.min()]
        })
    }
  })

  test('start from nothing where there are no elements', async () => {
    await asReference(() => [
      np.zeros([0]).sum(),
      np.zeros([3, 0]).sum({ axis: 1 }),
      np.zeros([0]).prod(),
      np.zeros([0]).any(),
    ])
  })
})

test.each([8, 9, 16, 4096, 4097, 70000])(
  'a sum of %i numbers has the same bits however it is asked for',
  async (length) => {
    const x = array(Float32Array.from({ length }, (_, i) => Math.sin(i * 12.9898) * 1000))
    const eager = await bitsOf(x.sum())
    expect(await bitsOf(jit((v: Tensor) => v.sum())(x))).toEqual(eager)
    // In a kernel that has other results, along other memory, and with the elements computed on the way.
    expect(await bitsOf(jit((v: Tensor) => [v.max(), v.sum()])(x)[1]!)).toEqual(eager)
    expect(await bitsOf(np.stack([x, x, x], { axis: 1 }).sum({ axis: 0 }).slice(1))).toEqual(eager)
    const magnitude = (v: Tensor): Tensor => v.abs().neg().sum()
    expect(await bitsOf(jit(magnitude)(x))).toEqual(await bitsOf(magnitude(x)))
  },
)
