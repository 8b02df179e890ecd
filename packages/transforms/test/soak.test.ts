import { Module, Param, Rngs } from '@linum/graph'
import { memory, ones, random, type Tensor, withDevice } from '@linum/tensor'
import { jit, valueAndGrad } from '@linum/transforms'
import { describe, expect, test } from 'vitest'

const full = process.env['LINUM_TEST'] === 'full'
const steps = full ? 100_000 : 5000

class Net extends Module {
  readonly w: Param
  readonly v: Param

  constructor({ rngs }: { readonly rngs: Rngs }) {
    super()
    this.w = new Param(random.normal(rngs.key(), [16, 64]))
    this.v = new Param(random.normal(rngs.key(), [64, 1]))
  }

  forward(x: Tensor): Tensor {
    return x.matmul(this.w).tanh().matmul(this.v)
  }
}

/** Megabytes of the process. */
const resident = (): number => process.memoryUsage().rss / 2 ** 20

describe.each(['js', 'wasm'])('on %s, memory stays bounded without ever yielding', (device) => {
  test('over many compiled steps whose losses are dropped', () => {
    withDevice(device, () => {
      const net = new Net({ rngs: new Rngs(0) })
      const x = ones([32, 16])
      const step = jit((n: Net, batch: Tensor) => {
        const [loss, grads] = valueAndGrad((m: Net) => m.forward(batch).square().mean())(n) as readonly [
          Tensor,
          { readonly w: { readonly value: Tensor }; readonly v: { readonly value: Tensor } },
        ]
        n.w.value = n.w.sub(grads.w.value.mul(0.01))
        n.v.value = n.v.sub(grads.v.value.mul(0.01))
        return loss
      })
      const kept = net.w.value
      const first = kept.sum().item()
      const before = step(net, x).item() as number
      for (let i = 0; i < steps / 10; i++) step(net, x)
      const [rss, reserved] = [resident(), memory()[device]!.reserved]
      for (let i = 0; i < steps; i++) step(net, x)
      expect(resident() - rss).toBeLessThan(250)
      expect(memory()[device]!.reserved - reserved).toBeLessThan(250 * 2 ** 20)
      expect(step(net, x).item()).toBeLessThan(before)
      // The value that was kept is still the one from before all steps.
      expect(kept.sum().item()).toBe(first)
    })
  })

  test('over many single operations', () => {
    withDevice(device, () => {
      let x = ones([64, 64])
      const run = (n: number): void => {
        for (let i = 0; i < n; i++) x = x.mul(0.5).add(1)
      }
      run(2000)
      const rss = resident()
      // 16 KB each: 1.6 GB in the full run.
      run(steps / 2)
      expect(resident() - rss).toBeLessThan(600)
      expect(x.slice(0, 0).item()).toBe(2)
    })
  })
})
