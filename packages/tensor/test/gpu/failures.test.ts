import * as np from '@linum/tensor'
import {
  array,
  callRoutine,
  debug,
  defineRoutine,
  DeviceError,
  init,
  jit,
  setDefaultDevice,
  type Tensor,
  whileLoop,
} from '@linum/tensor'
import { defaultDevice } from '@linum/tensor/core'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadGpuJs } from '../../src/device/gpu/gpujs.js'
import { Pipelines } from '../../src/device/gpu/webgpu/pipelines.js'
import { read } from './as-reference.js'
import { useSoftwareDriver } from './available.js'
import { useOwn } from './own-device.js'

useSoftwareDriver()
const initial = defaultDevice().name
afterAll(() => setDefaultDevice(initial))

describe('a device that is lost', () => {
  test('rejects pending reads, refuses later work, and can be opened anew', async () => {
    await init('gpu', { software: true })
    setDefaultDevice('gpu')
    const lost = defaultDevice()
    const x = np.arange(10).add(1)
    const f = jit((v: Tensor) => v.mul(2))
    const y = f(x)
    const { device } = await (await loadGpuJs()).WebGPUContext.acquire()
    const pending = y.data()
    device.destroy()
    await expect(pending).rejects.toThrow(/^gpu: the device was lost, .*await init\('gpu'\)/)
    await device.lost
    await expect(x.data()).rejects.toThrow(DeviceError)
    expect(() => x.add(1)).toThrow(/the device was lost/)
    expect(() => f(x)).toThrow(/the device was lost/)
    await init('gpu', { software: true })
    expect(defaultDevice()).not.toBe(lost)
    expect(await read(f(np.arange(3)))).toEqual([0, 2, 4])
  })
})

describe('on a device of its own', () => {
  let own: Awaited<ReturnType<typeof useOwn>>
  beforeEach(async () => {
    own = await useOwn()
    setDefaultDevice('gpu')
  })
  afterEach(() => {
    setDefaultDevice(initial)
    own.remove()
    own.context.device.destroy()
  })

  test('a shader that the driver refuses rejects what comes of it, with its text', async () => {
    const { get } = Pipelines.prototype
    const before = np.arange(4).add(1)
    await before.data()
    Pipelines.prototype.get = function (shader, ...rest) {
      return get.call(this, { ...shader, body: 'this is no shader' }, ...rest)
    }
    let bad: Tensor
    try {
      bad = np.arange(4).sub(1)
    } finally {
      Pipelines.prototype.get = get
    }
    const worse = bad.reshape([2, 2]).mul(before.reshape([2, 2]))
    await expect(bad.data()).rejects.toThrow(/^gpu: the driver refused a shader: [^]*this is no shader/)
    await expect(worse.data()).rejects.toThrow(/the driver refused a shader/)
    expect(await read(before.add(0.5))).toEqual([1.5, 2.5, 3.5, 4.5])
    expect(await read(np.arange(4).mul(3))).toEqual([0, 3, 6, 9])
  })

  test('memory that runs out rejects what comes of it and nothing that is known or comes later', async () => {
    const { device } = own.context
    const { createBuffer, popErrorScope } = device
    const known = np.arange(5).add(1)
    await known.data()
    // What a driver does: the buffer is invalid, and the scope tells why.
    device.createBuffer = (d) => {
      device.pushErrorScope('validation')
      const made = createBuffer.call(device, d.size > 2 ** 20 ? { ...d, usage: 0xffff } : d)
      void popErrorScope.call(device)
      device.popErrorScope = () => {
        device.popErrorScope = popErrorScope
        return popErrorScope.call(device).then(() => (d.size > 2 ** 20 ? ({ message: 'no room' } as GPUError) : null))
      }
      return made
    }
    const large = jit((x: Tensor) => x.add(np.zeros([1000, 1])))(np.arange(500))
    const total = large.sum()
    device.createBuffer = createBuffer
    const message = /^gpu: out of memory: there was no room for 2 MiB with .*; free tensors or use smaller batches$/
    await expect(total.data()).rejects.toThrow(message)
    await expect(large.data()).rejects.toThrow(message)
    expect(await read(known)).toEqual([1, 2, 3, 4, 5])
    expect(await read(known.mul(2))).toEqual([2, 4, 6, 8, 10])
    expect(await read(jit((x: Tensor) => x.add(np.zeros([1000, 1])).sum())(np.ones([500])))).toEqual([500000])
  })

  test('an array beyond the largest buffer is refused at once', () => {
    const row = np.zeros([2 ** 15])
    expect(() => row.add(np.zeros([2 ** 15, 1]))).toThrow(
      /^gpu: an array of 4096 MiB is larger than this adapter's largest buffer, \d+ MiB .*; split it$/,
    )
  })

  test('float64 is refused with the remedy', () => {
    expect(() => array([1, 2], { dtype: 'float64' })).toThrow(
      new DeviceError("gpu: float64 does not exist on the GPU; use x.astype('float32'), or x.to('wasm') for float64"),
    )
    const x = np.arange(3)
    expect(() => x.astype('float64')).toThrow(/float64 does not exist on the GPU/)
  })

  test('a routine that throws rejects what comes of it, and all else goes on', async () => {
    const strict = defineRoutine({
      name: 'strict',
      ranks: [1],
      types: ([x]) => [x!],
      compute: () => {
        throw new RangeError('the numbers are not even')
      },
    })
    const f = jit((x: Tensor) => callRoutine(strict, [x.mul(2)])[0]!.add(1))
    const bad = f(np.arange(4))
    const fine = np.arange(4).add(bad.size)
    expect(await read(fine)).toEqual([4, 5, 6, 7])
    await expect(bad.data()).rejects.toThrow('gpu: the numbers are not even')
    await expect(bad.mul(2).data()).rejects.toThrow('gpu: the numbers are not even')
  })

  test('a callback that throws rejects the next read, and all else goes on', async () => {
    const f = jit((x: Tensor) => {
      debug.callback(() => {
        throw new RangeError('enough')
      }, x)
      return x.add(1)
    })
    const x = f(np.arange(2))
    await expect(x.data()).rejects.toThrow('gpu: enough')
    const loop = jit((n: Tensor) =>
      whileLoop(
        (v: Tensor) => v.less(20),
        (v: Tensor) => v.add(1),
        n,
      ),
    )
    expect([await read(x), await read(loop(array(0)))]).toEqual([[1, 2], [20]])
  })

  test('what was not read cannot be read without waiting, and says so when it is printed', async () => {
    const x = np.arange(3).add(1)
    expect(() => x.toArray()).toThrow(
      new DeviceError("toArray: this tensor has not been read from 'gpu' yet; await x.data() first"),
    )
    expect(String(x)).toBe('Tensor(i32[3], gpu, unread)')
    await x.data()
    expect(String(x)).toBe('[1 2 3]')
  })
})
