import * as np from '@linum/tensor'
import { jit, random, setThreads, type Tensor, threads, withDevice } from '@linum/tensor'
import { afterAll, describe, expect, test } from 'vitest'

const initial = threads().size
afterAll(() => setThreads(initial))

const draw = (seed: number, shape: readonly number[]): Tensor => random.normal(random.key(seed), shape)

const bytes = (xs: readonly Tensor[]): Buffer => Buffer.concat(xs.map((x) => Buffer.from(x.dataSync().buffer)))

/** Work that is large enough to be shared. */
const work: Readonly<Record<string, () => Tensor>> = {
  elementwise: () => np.tanh(draw(1, [300, 1001])).mul(draw(2, [1001])),
  'a sum along rows': () => draw(1, [3000, 257]).sum({ axis: 1 }),
  'a sum along columns': () => draw(1, [3000, 257]).sum({ axis: 0 }),
  softmax: () => np.softmax(draw(1, [2000, 129])),
  'a normalisation': () => {
    const x = draw(1, [2000, 128])
    return x.sub(x.mean({ axis: 1, keepdims: true })).div(x.std({ axis: 1, keepdims: true }))
  },
  'a product': () => draw(1, [257, 300]).matmul(draw(2, [300, 129])),
  'a product of a transposed matrix': () => draw(1, [300, 257]).T.matmul(draw(2, [300, 129])),
  'products of a batch': () => draw(1, [24, 64, 40]).matmul(draw(2, [24, 40, 64])),
  'a convolution': () =>
    np.convGeneralDilated(draw(1, [8, 20, 20, 16]), draw(2, [3, 3, 16, 32]), [1, 1], 'SAME', {
      dimensionNumbers: ['NHWC', 'HWIO', 'NHWC'],
    }),
  pooling: () => np.reduceWindow(draw(1, [16, 32, 32, 16]), 'max', [1, 2, 2, 1], [1, 2, 2, 1], 'VALID'),
  'random numbers': () => random.uniform(random.key(3), [500_000]),
  transposing: () => draw(1, [700, 801]).T.add(0),
  sorting: () => np.sort(draw(1, [300, 400])),
  'adding up rows by index': () =>
    np
      .zeros([50, 256])
      .at(random.randint(random.key(1), [4000], 0, 50))
      .add(draw(2, [4000, 256])),
  'a running sum': () => np.cumsum(draw(1, [400, 500]), { axis: 0 }),
}

describe('any number of threads gives the bits of one', () => {
  test.each(Object.keys(work))('for %s', (name) => {
    withDevice('wasm', () => {
      const run = (size: number): readonly Buffer[] => {
        setThreads(size)
        // More than once, since workers join when they are ready.
        return Array.from({ length: 3 }, () => {
          const f = work[name]!
          return bytes([f(), jit(() => f())()])
        })
      }
      const [alone] = run(1)
      for (const size of [2, 3]) for (const bits of run(size)) expect(bits.equals(alone!)).toBe(true)
    })
  })

  test('also for a training step whose values are written over', () => {
    withDevice('wasm', () => {
      const train = (size: number): Buffer => {
        setThreads(size)
        const step = jit(
          (w: Tensor, m: Tensor, x: Tensor) => {
            const g = x.T.matmul(x.matmul(w).tanh())
            const next = m.mul(0.9).add(g.mul(0.001))
            return [w.sub(next.mul(0.01)), next] as const
          },
          { donateArgnums: [0, 1] },
        )
        let [w, m] = [draw(1, [300, 200]), np.zeros([300, 200])]
        const x = draw(2, [128, 300])
        for (let i = 0; i < 30; i++) [w, m] = step(w, m, x)
        return bytes([w, m])
      }
      const alone = train(1)
      for (const size of [2, 4]) expect(train(size).equals(alone)).toBe(true)
    })
  })
})
