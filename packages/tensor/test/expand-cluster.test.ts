import { fc, test } from '@fast-check/vitest'
import * as np from '@linum/tensor'
import { arange, rsqrt, softmax, type Tensor } from '@linum/tensor'
import { JsDevice, makeSchedule, type Schedule, traceProgram } from '@linum/tensor/core'
import { describe, expect } from 'vitest'
import { expandCluster } from '../src/kernel/expand-cluster.js'
import type { Slot, Step } from '../src/program/schedule.js'

const scheduleOf = (f: (x: Tensor) => Tensor | readonly Tensor[], x: Tensor): Schedule =>
  makeSchedule(traceProgram('test', [x.aval], ([y]) => [f(y!)].flat() as Tensor[]).program)

/** The schedule with a kernel step per cluster member, every temporary in a place of its own. */
const expanded = (schedule: Schedule): Schedule => {
  const lengths = new Map<number, number>()
  const steps = schedule.steps.flatMap((step): Step[] => {
    if (step.kind !== 'cluster') return [step]
    const cluster = expandCluster(step)
    cluster.lengths.forEach((length, slot) => lengths.set(slot, length))
    return cluster.kernels.map((k) => ({ kind: 'kernel', ...k }))
  })
  let workspaceBytes = 0
  const slots = schedule.slots.map((slot, id): Slot => {
    const grown = { ...slot, length: lengths.get(id) ?? slot.length }
    if (slot.kind !== 'temporary') return grown
    const offset = workspaceBytes
    workspaceBytes += grown.length * 8
    return { ...grown, offset }
  })
  return { ...schedule, slots, steps, workspaceBytes }
}

const run = (schedule: Schedule, x: Tensor): readonly ArrayLike<number>[] => {
  const device = new JsDevice()
  return device
    .compile(schedule, { parametric: false })
    .run([device.upload(x.dataSync() as Float32Array, 'float32')])
    .map((b) => device.readSync(b))
}

const layerNorm = (x: Tensor): Tensor => {
  const centered = x.sub(x.mean({ axis: -1, keepdims: true }))
  return centered.mul(rsqrt(centered.square().mean({ axis: -1, keepdims: true }).add(1e-5)))
}
const wave = (...shape: number[]): Tensor => np.sin(arange(shape.reduce((a, b) => a * b, 1)).mul(0.7)).reshape(shape)

describe('a cluster taken apart', () => {
  test('is one kernel per member, and its local slots hold every row', () => {
    const schedule = scheduleOf((x) => softmax(x), wave(16, 4, 32))
    const [step] = schedule.steps
    if (step?.kind !== 'cluster') throw new Error('softmax is no cluster')
    const { kernels, lengths } = expandCluster(step)
    expect(kernels.map((k) => k.outputs)).toEqual(
      step.members.map((m) => [[...step.inputs, ...step.outputs][m.writes]]),
    )
    expect(kernels[0]!.kernel.grid).toEqual([64])
    for (const [slot, length] of lengths) expect(length).toBe(64 * schedule.slots[slot]!.length)
    expect(lengths.size).toBe(step.members.filter((m) => m.local).length)
  })

  const piece = fc.constantFrom<(x: Tensor) => Tensor>(
    (x) => x.sub(x.max({ axis: -1, keepdims: true })),
    (x) => x.div(x.abs().sum({ axis: -1, keepdims: true }).add(1)),
    (x) => softmax(x),
    layerNorm,
    (x) => x.sub(x.slice('...', '::-1').mean({ axis: -1, keepdims: true })),
  )
  const shapes = fc.constantFrom([8, 6], [2, 4, 5], [3, 4, 2, 3], [5, 1], [1, 6, 4])
  test.prop([fc.array(piece, { minLength: 1, maxLength: 4 }), shapes], { numRuns: 40 })(
    'computes the same bits',
    (pieces, shape) => {
      const schedule = scheduleOf((x) => pieces.reduce((y, g) => g(y), x), wave(...shape))
      const apart = expanded(schedule)
      expect(apart.steps.some((s) => s.kind === 'cluster')).toBe(false)
      expect(run(apart, wave(...shape))).toEqual(run(schedule, wave(...shape)))
    },
  )
})
