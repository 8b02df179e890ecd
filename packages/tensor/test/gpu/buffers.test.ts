import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import * as np from '@linum/tensor'
import { array, deviceStats, jit, memory, scope, setDefaultDevice, type Tensor } from '@linum/tensor'
import { defaultDevice } from '@linum/tensor/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { read } from './as-reference.js'
import { useSoftwareDriver } from './available.js'
import { handleOf } from '../../src/device/gpu/webgpu/handle.js'
import { useOwn } from './own-device.js'

useSoftwareDriver()
const initial = defaultDevice().name
const mebibyte = 2 ** 20
const reserved = (): number => memory()['gpu']!.reserved

/** 16 MiB, so that the limit is near. */
let own: Awaited<ReturnType<typeof useOwn>>
beforeEach(async () => {
  own = await useOwn(16 * mebibyte)
  setDefaultDevice('gpu')
})
afterEach(() => {
  setDefaultDevice(initial)
  own.remove()
  own.context.device.destroy()
})

describe('a compiled step that is given its state', () => {
  const step = jit(
    (w: Tensor, m: Tensor, x: Tensor): [Tensor, Tensor, Tensor] => {
      const next = m.mul(0.5).add(x)
      return [w.sub(next), next, next.sum()]
    },
    { donateArgnums: [0, 1] },
  )

  test('takes no more memory in 300 calls of which every 50th is awaited', async () => {
    let [w, m] = [np.zeros([2 ** 16]), np.zeros([2 ** 16])]
    const x = np.ones([2 ** 16])
    let total: Tensor
    ;[w, m, total] = step(w, m, x)
    const before = reserved()
    for (let i = 1; i < 300; i++) {
      ;[w, m, total] = step(w, m, x)
      if (i % 50 === 0) await total.data()
    }
    expect(reserved() - before).toBeLessThan(2 ** 18)
    expect((await read(m)).slice(0, 2)).toEqual([2, 2])
    expect((await read(w))[5]).toBeCloseTo(-598, 3)
  })

  test('gives back new values, though the old ones were read or came from the host', async () => {
    let [w, m] = [array([1, 2]), array([0, 4])]
    await w.data()
    for (const want of [
      [-1, -1],
      [-4, -3.5],
    ]) {
      const [a, b] = step(w, m, array([2, 1]))
      ;[w, m] = [a, b]
      expect(await read(w)).toEqual(want)
    }
  })

  test('leaves alone what it is given twice', async () => {
    const f = jit((x: Tensor, y: Tensor) => [x.add(1), y.mul(x)], { donateArgnums: [0] })
    const w = array([1, 2]).add(1)
    const kept = w.reshape([2])
    const [a, b] = f(w, kept)
    expect([await read(a!), await read(b!), await read(kept)]).toEqual([
      [3, 4],
      [4, 9],
      [2, 3],
    ])
  })
})

const taken = new Set<number>()
/** Kept, since one that is collected itself tells nothing. */
const registry = new FinalizationRegistry((n: number) => taken.add(n))
let dropped = 0

/** Runs the collector until something that was dropped just now has been taken, and so all that was dropped before. */
const untilCollected = async (collect: () => void): Promise<void> => {
  const n = ++dropped
  registry.register({}, n)
  for (let i = 0; i < 200 && !taken.has(n); i++) {
    collect()
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

describe('memory', () => {
  const collect = runCollector()

  test('of tensors that nobody has any more comes back', async () => {
    for (let i = 0; i < 12; i++) {
      for (let k = 0; k < 4; k++) np.arange(2 ** 17).add(k)
      await read(np.arange(3).add(i))
      await untilCollected(collect)
    }
    expect(reserved()).toBeLessThanOrEqual(16 * mebibyte)
  })

  test('comes back from a scope, and is used again at once', async () => {
    const x = np.arange(2 ** 18)
    const sums: Tensor[] = []
    for (let i = 0; i < 40; i++) sums.push(scope(() => x.mul(i).sub(x).max()))
    expect(await Promise.all(sums.map(read))).toEqual(sums.map((_, i) => [i === 0 ? 0 : (i - 1) * (2 ** 18 - 1)]))
    expect(reserved()).toBeLessThan(8 * mebibyte)
  })

  test('that a loop without waiting uses up is told, with the ways out, and can be freed', async () => {
    const kept: Tensor[] = [np.arange(2 ** 18)]
    const loop = (): void => {
      for (let i = 0; i < 100; i++) kept.push(kept.at(-1)!.add(1))
    }
    expect(loop).toThrow(
      /^gpu: 1[56] MiB are in use and 1 MiB more were asked for, above the limit of 16 MiB; .*await.*scope\(\).*jit$/,
    )
    const last = kept.pop()!
    for (const x of kept) x[Symbol.dispose]()
    const count = kept.length
    expect((await read(last.add(1))).slice(0, 2)).toEqual([count + 1, count + 2])
    // Other sizes, for which what lies idle has to be given back to the system.
    const other = np.arange(2 ** 20).add(1)
    expect((await read(other)).at(-1)).toBe(2 ** 20)
  })

  test('is not taken by a call that fails', async () => {
    const x = np.arange(2 ** 18)
    const f = jit((v: Tensor) => Array.from({ length: 30 }, (_, k) => v.add(k)), { donateArgnums: [0] })
    expect(() => f(x)).toThrow(/above the limit/)
    expect((await read(x)).slice(0, 3)).toEqual([0, 1, 2])
  })
})

test('a long chain of operations that nobody waits for does not carry along what may have failed in each', async () => {
  let x = array([0])
  for (let i = 0; i < 3000; i++) x = x.add(1)
  expect(handleOf(x.cell('test').buffer).faults.length).toBeLessThan(20)
  expect(await read(x)).toEqual([3000])
})

describe('a transfer', () => {
  test('of a small array can be read at once, of what was computed from it only later', async () => {
    const x = array([3])
    expect(x.item()).toBe(3)
    const y = x.add(1)
    expect(() => y.item()).toThrow(/await x\.data\(\) first/)
    await y.data()
    expect(y.item()).toBe(4)
  })

  test.each(['int8', 'uint16', 'float16', 'bfloat16', 'bool', 'uint32'] as const)('keeps %s', async (dtype) => {
    const x = dtype === 'bool' ? array([true, false, true]) : array([1, 100, 3], { dtype })
    expect(await read(np.concatenate([x, x]))).toEqual(dtype === 'bool' ? [1, 0, 1, 1, 0, 1] : [1, 100, 3, 1, 100, 3])
  })

  test('is counted', async () => {
    const before = deviceStats()
    await np.arange(100).add(1).data()
    const { uploads, uploadedBytes, downloads, downloadedBytes } = deviceStats()
    expect(downloads - before.downloads).toBe(1)
    expect(downloadedBytes - before.downloadedBytes).toBe(400)
    expect(uploadedBytes - before.uploadedBytes).toBeGreaterThanOrEqual(4 * (uploads - before.uploads))
  })
})

function runCollector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}
