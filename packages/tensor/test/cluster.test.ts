import { fc, test } from '@fast-check/vitest'
import * as np from '@linum/tensor'
import { arange, jit, ones, rsqrt, softmax, type Tensor } from '@linum/tensor'
import { JsDevice, makeSchedule, type Schedule, traceProgram } from '@linum/tensor/core'
import { describe, expect } from 'vitest'

const scheduleOf = (f: (...xs: Tensor[]) => Tensor | readonly Tensor[], ...xs: Tensor[]): Schedule =>
  makeSchedule(
    traceProgram(
      'test',
      xs.map((x) => x.aval),
      (args) => [f(...args)].flat() as Tensor[],
    ).program,
  )

const layerNorm = (x: Tensor, scale: Tensor): Tensor => {
  const centered = x.sub(x.mean({ axis: -1, keepdims: true }))
  const variance = centered.square().mean({ axis: -1, keepdims: true })
  return centered.mul(rsqrt(variance.add(1e-5))).mul(scale)
}
const wave = (...shape: number[]): Tensor => np.sin(arange(shape.reduce((a, b) => a * b, 1)).mul(0.7)).reshape(shape)
const bits = (x: Tensor): string => (x.dataSync() as Float32Array).join()

describe('a cluster', () => {
  test.each<[string, (x: Tensor) => Tensor]>([
    ['softmax', (x) => softmax(x)],
    ['logSoftmax', (x) => np.logSoftmax(x)],
    ['a layer norm', (x) => layerNorm(x, ones([32]))],
    ['a masked softmax', (x) => softmax(np.where(x.greater(0), x, -Infinity))],
  ])('is what %s becomes: one pass over the rows, in a workspace of a row', (_, f) => {
    const x = wave(16, 4, 32)
    const { steps, workspaceBytes } = scheduleOf(f, x)
    expect(steps.map((s) => s.kind)).toEqual(['cluster'])
    expect(workspaceBytes).toBeLessThanOrEqual(32 * 4 + 64)
    expect(bits(jit(f)(x))).toBe(bits(f(x)))
  })

  test('keeps what others use as a whole', () => {
    const f = (x: Tensor): Tensor[] => {
      const top = x.max({ axis: 1, keepdims: true })
      const total = x.sub(top).exp().sum({ axis: 1 })
      return [total, top]
    }
    const x = wave(8, 5)
    const { steps } = scheduleOf(f, x)
    expect(steps.map((s) => s.kind)).toEqual(['cluster'])
    expect(jit(f)(x).map(bits)).toEqual(f(x).map(bits))
  })

  test('is not made of kernels that read other rows', () => {
    const f = (x: Tensor): Tensor => {
      const top = x.max({ axis: 1, keepdims: true })
      return x.sub(top.flip({ axis: 0 }))
    }
    const x = wave(8, 5)
    expect(scheduleOf(f, x).steps.map((s) => s.kind)).toEqual(['kernel', 'kernel'])
    expect(bits(jit(f)(x))).toBe(bits(f(x)))
  })

  test('shares as many loops as all of its kernels have', () => {
    const f = (x: Tensor, bias: Tensor): Tensor => softmax(x.add(bias))
    const [x, bias] = [wave(6, 7, 9), wave(7, 9)]
    const { steps } = scheduleOf(f, x, bias)
    expect(steps.map((s) => (s.kind === 'cluster' ? s.prefix : s.kind))).toEqual([[6, 7]])
    expect(bits(jit(f)(x, bias))).toBe(bits(f(x, bias)))
  })

  test('runs the same where code may not be compiled', () => {
    const schedule = scheduleOf((x) => softmax(layerNorm(x, wave(6))), wave(5, 6))
    const x = wave(5, 6).dataSync()
    const [compiled, interpreted] = [new JsDevice(), new JsDevice({ interpret: true })].map((device) => {
      const inputs = schedule.inputs.map((id) =>
        device.upload(schedule.slots[id]!.length === 30 ? x : wave(6).dataSync(), 'float32'),
      )
      return device
        .compile(schedule, { parametric: false })
        .run(inputs)
        .map((b) => device.readSync(b))
    })
    expect(compiled).toEqual(interpreted)
  })

  const step = fc.constantFrom<(x: Tensor) => Tensor>(
    (x) => x.sub(x.max({ axis: -1, keepdims: true })),
    (x) => x.div(x.abs().sum({ axis: -1, keepdims: true }).add(1)),
    (x) => softmax(x),
    (x) => x.mul(x.mean({ axis: 0 })),
    (x) => layerNorm(x, arange(x.shape.at(-1)!).add(1)),
    (x) => x.add(x.cumsum({ axis: -1 })),
    (x) => x.sub(x.slice('...', '::-1').mean({ axis: -1, keepdims: true })),
  )
  test.prop(
    [fc.array(step, { minLength: 1, maxLength: 4 }), fc.constantFrom([8, 6], [2, 4, 5], [3, 4, 2, 3], [5, 1])],
    {
      numRuns: 40,
    },
  )('changes no bit of what rows of any kind compute', (steps, shape) => {
    const f = (x: Tensor): Tensor => steps.reduce((y, g) => g(y), x)
    const x = wave(...shape)
    expect(bits(jit(f)(x))).toBe(bits(f(x)))
  })
})
