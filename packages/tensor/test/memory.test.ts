import { test } from '@fast-check/vitest'
import { array, jit, ones, random, type Tensor, traceCount, zeros } from '@linum/tensor'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect } from 'vitest'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const settle = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve))
/** Bytes in use once garbage is gone. */
const inUse = async (): Promise<number> => {
  for (let i = 0; i < 3; i++) {
    await settle()
    collectGarbage()
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
const bound = 16 * 2 ** 20

describe('memory stays bounded', () => {
  test('over 20,000 single operations', async () => {
    let x = ones([64, 64])
    const run = (n: number): void => {
      for (let i = 0; i < n; i++) x = x.mul(0.5).add(1)
    }
    run(500)
    const before = await inUse()
    // 320 MB go through.
    run(10_000)
    expect((await inUse()) - before).toBeLessThan(bound)
    expect(Number(x.slice(0, 0))).toBe(2)
  })

  test('over 5,000 calls of a compiled step', async () => {
    const step = jit((w: Tensor, key: Tensor) => ({
      w: w
        .mul(0.5)
        .add(random.uniform(key).sub(0.5))
        .sub(w.mean({ axis: 0 })),
      key: random.split(key).slice(0),
    }))
    let state = { w: zeros([64, 64]), key: random.key(0) }
    const run = (n: number): void => {
      for (let i = 0; i < n; i++) state = step(state.w, state.key)
    }
    run(50)
    const before = await inUse()
    // 80 MB of results go through.
    run(5000)
    expect((await inUse()) - before).toBeLessThan(bound)
    expect(traceCount(step)).toBe(1)
  })

  test('since compiled code keeps neither the arguments nor the results of its last call', async () => {
    const double = jit((x: Tensor) => x.mul(2))
    const before = await inUse()
    // 2 MB per round, each of a shape of its own.
    for (let i = 0; i < 20; i++) {
      ones([2 ** 17 + i]).add(1)
      double(ones([2 ** 17 + i]))
    }
    expect((await inUse()) - before).toBeLessThan(bound)
  })

  test('over thousands of numbers, shapes and fresh functions, since every cache forgets', async () => {
    const work = (from: number, to: number): void => {
      for (let i = from; i < to; i++) {
        array([i]).add(i + 0.5)
        zeros([1 + (i % 700)]).add(ones([1]))
        if (i % 10 === 0) jit((x: Tensor) => x.mul(i).sum())(ones([3]))
      }
    }
    work(0, 3000)
    const before = await inUse()
    work(3000, 9000)
    expect((await inUse()) - before).toBeLessThan(bound)
  })
})
