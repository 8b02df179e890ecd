import * as np from '@linum/tensor'
import { array, deviceStats, init, jit, setDefaultDevice, type Tensor } from '@linum/tensor'
import { defaultDevice, makeSchedule, traceProgram } from '@linum/tensor/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { prepareSchedule } from '../../src/device/gpu/webgpu/prepare.js'
import { useSoftwareDriver } from './available.js'

useSoftwareDriver()
const initial = defaultDevice().name
beforeAll(async () => {
  await init('gpu', { software: true })
  setDefaultDevice('gpu')
})
afterAll(() => setDefaultDevice(initial))

type Weights = readonly [Tensor, Tensor, Tensor, Tensor]

/** A step of gradient descent on a network of two layers, with the derivatives written out. */
const step = (w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor, x: Tensor, y: Tensor): Tensor[] => {
  const hidden = x.matmul(w1).add(b1)
  const active = np.maximum(hidden, 0)
  const error = active.matmul(w2).add(b2).sub(y)
  const back = error.matmul(w2.T).mul(hidden.greater(0))
  const less = (w: Tensor, g: Tensor): Tensor => w.sub(g.mul(0.01))
  return [
    less(w1, x.T.matmul(back)),
    less(b1, back.sum({ axis: 0 })),
    less(w2, active.T.matmul(error)),
    less(b2, error.sum({ axis: 0 })),
    error.square().mean(),
  ]
}

const weights = (): Weights => [np.ones([6, 16]).mul(0.1), np.zeros([16]), np.ones([16, 3]).mul(0.1), np.zeros([3])]
const counted = (f: () => void): Record<'submits' | 'dispatches' | 'uploads' | 'downloads' | 'pipelines', number> => {
  const before = deviceStats()
  f()
  const after = deviceStats()
  const of = (name: 'submits' | 'dispatches' | 'uploads' | 'downloads' | 'pipelines'): number =>
    after[name] - before[name]
  return {
    submits: of('submits'),
    dispatches: of('dispatches'),
    uploads: of('uploads'),
    downloads: of('downloads'),
    pipelines: of('pipelines'),
  }
}

test('a compiled training step is one submission of as many dispatches as its schedule has steps', async () => {
  const [x, y] = [np.arange(48).reshape([8, 6]).mul(0.1), np.ones([8, 3])]
  const compiled = jit(step, { donateArgnums: [0, 1, 2, 3] })
  let state = compiled(...weights(), x, y)
  await Promise.all(state.map((t) => t.data()))
  const avals = [...weights(), x, y].map((t) => t.aval)
  const { program, captured } = traceProgram('step', avals, (args) => step(...(args as Parameters<typeof step>)))
  expect(captured).toEqual([])
  const { steps } = prepareSchedule(makeSchedule(program, [0, 1, 2, 3]))
  const first = (await state[4]!.data())[0]!
  for (let i = 0; i < 3; i++) {
    const [w1, b1, w2, b2] = state as unknown as Weights
    expect(counted(() => (state = compiled(w1, b1, w2, b2, x, y)))).toEqual({
      submits: 1,
      // Of these sizes no step needs a second dispatch, and weights that are given are not copied.
      dispatches: steps.length,
      uploads: 0,
      downloads: 0,
      pipelines: 0,
    })
  }
  expect((await state[4]!.data())[0]).toBeLessThan(first as number)
})

test('operations run one by one are submitted together when the code that asks for them has ended', async () => {
  const x = array([1, 2, 3])
  await x.add(1).mul(2).data()
  const counts = counted(() => x.add(1).mul(2).add(1).mul(2))
  expect([counts.submits, counts.dispatches, counts.downloads]).toEqual([0, 4, 0])
  const before = deviceStats().submits
  await Promise.resolve()
  expect(deviceStats().submits - before).toBe(1)
})
