import * as np from '@linum/tensor'
import { array, concatenate, init, jit, setDefaultDevice, type Tensor } from '@linum/tensor'
import { defaultDevice } from '@linum/tensor/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asReference, read, readAll } from './as-reference.js'
import { useSoftwareDriver } from './available.js'

useSoftwareDriver()
const initial = defaultDevice().name
beforeAll(async () => {
  await init('gpu', { software: true })
  setDefaultDevice('gpu')
})
afterAll(() => setDefaultDevice(initial))

const numbers = (length: number, shift = 0): Tensor =>
  array(
    Array.from({ length }, (_, i) => ((i * 7919) % 23) - 11 + shift),
    { dtype: 'int32' },
  )

describe('kernels', () => {
  test('have several results', async () => {
    const f = jit((x: Tensor) => {
      const m = x.mean({ axis: 1, keepdims: true })
      return [x.sub(m), x.sub(m).square().sum({ axis: 1 }), x.add(1), x.max({ axis: 1 }), x.argmax({ axis: 1 })]
    })
    await asReference(() => f(np.arange(256).mod(7).reshape([4, 64])))
  })

  test.each([7, 8, 9, 12, 13, 30])('read %i arrays at once, more than some shaders can bind', async (count) => {
    const f = jit((...xs: Tensor[]) => [xs.reduce((a, b) => a.mul(2).add(b)), ...xs.slice(0, 3).map((x) => x.add(1))])
    await asReference(() => f(...Array.from({ length: count }, (_, k) => numbers(50, k))))
  })

  test('write many arrays at once', async () => {
    const f = jit((x: Tensor) => Array.from({ length: 20 }, (_, k) => x.mul(k + 1)))
    await asReference(() => f(numbers(33)))
  })

  test('concatenate 150 arrays', async () => {
    await asReference(() => [concatenate(Array.from({ length: 150 }, (_, k) => np.full([1 + (k % 3)], k)))])
  })

  test('concatenate 150 parts of an array', async () => {
    const rows = jit((v: Tensor) =>
      concatenate(Array.from({ length: 150 }, (_, k) => v.slice([149 - k, 150 - k]).add(k))),
    )
    await asReference(() => [rows(numbers(150))])
  })

  test('do nothing for empty arrays', async () => {
    await asReference(() => {
      const x = np.zeros([0, 3])
      return [x.add(1), x.T, concatenate([x, np.ones([2, 3])]), x.sum({ axis: 0 }), jit((v: Tensor) => v.mul(2))(x)]
    })
  })

  test('write over what they read where it was given to them', async () => {
    const step = (x: Tensor, y: Tensor): [Tensor, Tensor] => [x.mul(2).add(y), y.sub(1)]
    const given = jit(step, { donateArgnums: [0, 1] })
    const run = (f: typeof step): Tensor[] => {
      let pair: [Tensor, Tensor] = [np.arange(1000), np.ones([1000])]
      for (let i = 0; i < 5; i++) pair = f(...pair)
      return pair
    }
    expect(await readAll(run(given))).toEqual(await readAll(run(step)))
  })

  test('run in more groups than one row of them has', async () => {
    const f = jit((rows: Tensor) => rows.mul(64).add(np.arange(64).astype('int32')))
    const y = f(np.arange(70000).astype('int32').reshape([70000, 1]))
    expect(await read(y.slice([69999, 70000], [61, 64]))).toEqual([4479997, 4479998, 4479999])
    expect(await read(y.slice([0, 70000, 10000], 5))).toEqual([0, 1, 2, 3, 4, 5, 6].map((k) => 640000 * k + 5))
    y[Symbol.dispose]()
  })
})
