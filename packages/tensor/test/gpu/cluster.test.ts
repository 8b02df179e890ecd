import { fc, test } from '@fast-check/vitest'
import * as np from '@linum/tensor'
import {
  array,
  deviceStats,
  type DType,
  init,
  jit,
  setDefaultDevice,
  type Tensor,
  withDevice,
  zeros,
} from '@linum/tensor'
import { defaultDevice, makeSchedule, traceProgram } from '@linum/tensor/core'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { clusterTeams, emitCluster } from '../../src/device/gpu/webgpu/kernels/cluster.js'
import { prepareSchedule } from '../../src/device/gpu/webgpu/prepare.js'
import { useSoftwareDriver } from './available.js'
import { read, readAll } from './as-reference.js'

useSoftwareDriver()
const initial = defaultDevice().name
beforeAll(async () => {
  await init('gpu', { software: true })
  setDefaultDevice('gpu')
})
afterAll(() => setDefaultDevice(initial))

const along = { axis: -1, keepdims: true } as const

const softmax = (x: Tensor): Tensor => {
  const e = np.exp(x.sub(x.max(along)))
  return e.div(e.sum(along))
}
const normalised = (x: Tensor): Tensor => {
  const centred = x.sub(x.mean(along))
  return centred.mul(np.rsqrt(centred.square().mean(along).add(1e-5)))
}
/** Several results: the row, a number of it, and an index. */
const several = (x: Tensor): readonly Tensor[] => {
  const y = softmax(x)
  return [y, np.log(np.exp(x).sum({ axis: -1 })), y.argmax({ axis: -1 }), y.sub(y.min(along)).any({ axis: -1 })]
}
/** Integers: nothing is rounded. */
const shares = (x: Tensor): Tensor => {
  const parts = x.sub(x.min(along))
  return parts.mul(7).add(parts.sum(along)).sub(parts.max(along))
}

const numbers = (shape: readonly [number, number], dtype: DType = 'float32'): Tensor =>
  array(
    Array.from({ length: shape[0] * shape[1] }, (_, i) => ((i * 7919) % 101) / 16 - 3),
    { dtype: 'float32' },
  )
    .mul(dtype === 'int32' ? 16 : 1)
    .astype(dtype)
    .reshape(shape)

const kinds = (f: (x: Tensor) => Tensor, x: Tensor): readonly string[] => {
  const { program } = traceProgram('f', [x.aval], ([y]) => [f(y as Tensor)])
  return prepareSchedule(makeSchedule(program)).steps.map((s) => s.kind)
}

const near = (got: readonly number[], want: readonly number[], by: number): void => {
  expect(got.length).toBe(want.length)
  // NaN is near NaN alone.
  const far = got.findIndex(
    (v, i) => !Object.is(v, want[i]) && !(Math.abs(v - want[i]!) <= by * Math.max(1, Math.abs(v))),
  )
  if (far >= 0) throw new Error(`element ${far} is ${got[far]!}, not ${want[far]!}`)
}

/**
 * What is compiled must be what is run kernel by kernel, whose sums add in the same order: drivers may fuse a
 * multiplication and an addition in one of them, nothing else. And it must be near the reference.
 */
const check = async (f: (x: Tensor) => readonly Tensor[], x: Tensor): Promise<void> => {
  const [compiled, plain] = [await readAll(jit(f)(x)), await readAll(f(x))]
  const host = await read(x)
  const onHost = withDevice('js', () => f(array(host, { dtype: x.dtype }).reshape(x.shape)))
  const reference = await readAll(onHost)
  const [alike, close] = x.dtype === 'int32' ? [0, 0] : x.dtype === 'float32' ? [1e-6, 1e-5] : [1e-2, 2e-2]
  for (const [k, got] of compiled.entries()) {
    near(got, plain[k]!, alike)
    near(got, reference[k]!, close)
  }
}

describe('kernels that share rows', () => {
  test('are one dispatch: a softmax, a normalisation, one after the other', async () => {
    const x = numbers([512, 128])
    for (const f of [softmax, normalised, (y: Tensor) => normalised(softmax(y).add(y))]) {
      expect(kinds(f, x)).toEqual(['cluster'])
      const compiled = jit(f)
      await compiled(x).data()
      const before = deviceStats().dispatches
      compiled(x)
      expect(deviceStats().dispatches - before).toBe(1)
    }
  })

  test.each([
    [4, 3],
    [5, 17],
    [64, 16],
    [1000, 100],
    [33, 300],
    [20, 1100],
  ] as const)('of %i rows of %i are what they are one by one', async (rows, length) => {
    await check((x) => [softmax(x), normalised(x)], numbers([rows, length]))
    await check(several, numbers([rows, length]))
  })

  test.each(['float16', 'bfloat16'] as const)('of %s are rounded as they are one by one', async (dtype) => {
    await check(several, numbers([70, 40], dtype))
  })

  test('of int32 are exact', async () => {
    await check((x) => [shares(x)], numbers([70, 40], 'int32'))
  })

  test('too long for a workgroup, or too few for the device, are taken apart', () => {
    expect(kinds(softmax, numbers([4, 5000]))).not.toContain('cluster')
    expect(kinds(softmax, numbers([8, 4000]))).not.toContain('cluster')
  })

  test('take no more workgroup memory than every adapter has, as it is counted: arrays in whole 16 bytes', () => {
    const centred = (x: Tensor): Tensor => x.sub(x.mean({ axis: 1, keepdims: true }))
    const chain = (x: Tensor): Tensor => [1, 2, 3].reduce((y) => centred(np.exp(y)), centred(x))
    const x = zeros([8, 6, 93])
    const { program } = traceProgram('chain', [x.aval], ([y]) => [chain(y as Tensor)])
    for (const step of prepareSchedule(makeSchedule(program)).steps) {
      if (step.kind !== 'cluster') continue
      const { declarations } = emitCluster(step, step.inputs.length, clusterTeams(step)!).shader
      const words = declarations.flatMap((d) =>
        d.startsWith('var<workgroup>') ? [Number(/, (\d+)>/.exec(d)![1])] : [],
      )
      expect(words.reduce((sum, n) => sum + 16 * Math.ceil(n / 4), 0)).toBeLessThanOrEqual(16384)
    }
  })

  test('keep NaN and infinities to their row', async () => {
    const x = array([
      [1, 2, NaN],
      [1, Infinity, 2],
      [0, -Infinity, 0],
      [1, 1, 1],
      [3, 2, 1],
    ])
    const rows = await read(jit(softmax)(x))
    expect(rows.slice(0, 3)).toEqual([NaN, NaN, NaN])
    expect(rows.slice(6, 9)).toEqual([0.5, 0, 0.5])
    expect(rows).toEqual(await read(softmax(x)))
  })

  const shapes = fc.tuple(fc.integer({ min: 4, max: 40 }), fc.integer({ min: 1, max: 40 }))
  test.prop([shapes], { numRuns: 4 })('of any shape are what they are one by one', async (shape) => {
    await check((x) => [normalised(softmax(x)), x.sum({ axis: 0 })], numbers(shape))
  })
})
