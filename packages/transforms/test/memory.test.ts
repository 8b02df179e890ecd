import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { ones, type Tensor, type TensorLike, tree } from '@linum/tensor'
import { type Param, Rngs } from '@linum/graph'
import { jit, traceCount, valueAndGrad } from '@linum/transforms'
import { describe, expect, it } from 'vitest'
import { Foo, Net, numbers, param } from './models.js'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Bytes in use after garbage is gone, array buffers included. */
const used = async (): Promise<number> => {
  for (let i = 0; i < 3; i++) {
    collect()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

const trainStep = (): ((net: Net, x: Tensor, rate: TensorLike) => Tensor) =>
  jit((net: Net, x: Tensor, rate: TensorLike) => {
    const [value, grads] = valueAndGrad((net: Net) => net.forward(x).square().mean())(net)
    for (const [layer, g] of [
      [net.first, grads.first],
      [net.second, grads.second],
    ] as const) {
      layer.w.update((w) => w.sub(g.w.mul(rate)))
      layer.b.update((b) => b.sub(g.b.mul(rate)))
    }
    return value
  })

describe('a loop of jitted steps', () => {
  it('2,000 times traces once and keeps nothing', async () => {
    const net = new Net({ rngs: new Rngs(0) })
    const step = trainStep()
    const x = ones([16, 3])
    for (let i = 0; i < 500; i++) step(net, x, 0.01)
    const before = await used()
    for (let i = 0; i < 2000; i++) step(net, x, 0.01 / ((i % 7) + 1))
    expect(await used()).toBeLessThan(before + 2_000_000)
    expect(traceCount(step)).toBe(1)
    expect(numbers(net.calls)).toBe(2500)
  })

  it('does not hold on to the values that it started from', async () => {
    const m = new Foo({ p: param(0) })
    const step = jit((m: Foo) => {
      ;(m.p as Param).update((p) => p.add(1))
      return (m.p as Param).mul(2)
    })
    const first = new WeakRef((m.p as Param).value)
    const result = new WeakRef(step(m))
    step(m)
    await used()
    expect([first.deref(), result.deref()]).toEqual([undefined, undefined])
    expect(numbers(m.p)).toBe(2)
  })

  it('does not hold on to the objects that it was called with', async () => {
    const step = jit((m: Foo) => (m.p as Param).sum())
    const held = ((): WeakRef<Foo> => {
      const m = new Foo({ p: param(0) })
      step(m)
      return new WeakRef(m)
    })()
    await used()
    expect(held.deref()).toBeUndefined()
  })

  it('with a value that keeps changing among the static ones forgets old traces', async () => {
    const step = jit((m: Foo) => {
      m.n = (m.n as number) + 1
      return (m.p as Param).add(m.n as number)
    })
    const m = new Foo({ p: param(0), n: 0 })
    for (let i = 0; i < 300; i++) step(m)
    const before = await used()
    for (let i = 0; i < 300; i++) step(m)
    expect((await used()) - before).toBeLessThan(4_000_000)
    expect(m.n).toBe(600)
    expect(traceCount(step)).toBe(600)
  })
})

it('gradients of 500 plain calls keep nothing', async () => {
  const net = new Net({ rngs: new Rngs(0) })
  const x = ones([16, 3])
  const run = (): void => {
    tree.leaves(valueAndGrad((net: Net) => net.forward(x).square().mean())(net))
  }
  for (let i = 0; i < 200; i++) run()
  const before = await used()
  for (let i = 0; i < 500; i++) run()
  expect((await used()) - before).toBeLessThan(2_000_000)
})
