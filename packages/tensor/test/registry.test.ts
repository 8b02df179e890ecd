import { test } from '@fast-check/vitest'
import {
  array,
  DeviceError,
  devices,
  deviceStats,
  init,
  ones,
  setDefaultDevice,
  withDevice,
  zeros,
} from '@linum/tensor'
import { addDevice, defaultDevice, JsDevice } from '@linum/tensor/core'
import { afterAll, afterEach, describe, expect, onTestFinished } from 'vitest'

class Named extends JsDevice {
  override readonly name: string
  constructor(name: string, interpret: boolean) {
    super({ interpret })
    this.name = name
  }
}
afterAll(addDevice(new Named('other', false)))
afterAll(addDevice(new Named('interpreted', true)))
const initial = defaultDevice().name
afterEach(() => setDefaultDevice(initial))

describe('devices', () => {
  test('lists what can be used now, and what each found', () => {
    expect(devices()).toEqual([
      { name: 'js', default: false, description: 'kernels compiled to JavaScript' },
      {
        name: 'wasm',
        default: true,
        description: expect.stringMatching(/^WebAssembly SIMD.*, \d+ threads?/) as string,
      },
      { name: 'other', default: false, description: 'kernels compiled to JavaScript' },
      { name: 'interpreted', default: false, description: 'kernels interpreted (new Function is not allowed here)' },
    ])
  })

  test('the default one gets new tensors', () => {
    setDefaultDevice('other')
    expect([zeros([2]).device, array([1]).device, defaultDevice().name]).toEqual(['other', 'other', 'other'])
    expect(devices().find((d) => d.default)!.name).toBe('other')
    expect(array([1], { device: 'js' }).device).toBe('js')
  })

  test('that do not exist are refused with those that do', async () => {
    const there =
      "unknown device 'tpu'; available here: js, wasm, other, interpreted, and 'gpu' after await init('gpu')"
    expect(() => setDefaultDevice('tpu')).toThrow(new DeviceError(`setDefaultDevice: ${there}`))
    expect(() => withDevice('tpu', () => 1)).toThrow(new DeviceError(`withDevice: ${there}`))
    expect(() => array([1], { device: 'tpu' })).toThrow(new DeviceError(`array: ${there}`))
    await expect(init('tpu')).rejects.toThrow(new DeviceError(`init: ${there}`))
    await expect(init('js')).resolves.toBe(undefined)
    expect(defaultDevice().name).toBe(initial)
  })

  test('that are not open yet say how to open them', () => {
    const closed = "the device 'gpu' is not open; await init('gpu') first"
    expect(() => setDefaultDevice('gpu')).toThrow(new DeviceError(`setDefaultDevice: ${closed}`))
    expect(() => withDevice('gpu', () => 1)).toThrow(new DeviceError(`withDevice: ${closed}`))
    expect(() => ones([1]).to('gpu')).toThrow(new DeviceError(`to: ${closed}`))
    expect(() => array([1], { device: 'gpu' })).toThrow(new DeviceError(`array: ${closed}`))
  })

  test('that count what they do tell it, the others say that they do not', () => {
    const counts = {
      uploads: 1,
      uploadedBytes: 4,
      downloads: 0,
      downloadedBytes: 0,
      dispatches: 2,
      submits: 1,
      pipelines: 2,
    }
    const counting = Object.assign(new Named('counting', false), { stats: () => counts })
    onTestFinished(addDevice(counting))
    expect(deviceStats('counting')).toEqual(counts)
    expect(withDevice('counting', () => deviceStats())).toEqual(counts)
    expect(() => deviceStats('js')).toThrow(new DeviceError("deviceStats: the device 'js' counts nothing; 'gpu' does"))
  })
})

describe('withDevice', () => {
  test('sets the default while a function runs, nested and where it throws', () => {
    const names = withDevice('other', () => [
      ones([1]).device,
      withDevice('interpreted', () => ones([1]).device),
      ones([1]).device,
    ])
    expect(names).toEqual(['other', 'interpreted', 'other'])
    expect(() =>
      withDevice('other', () => {
        throw new RangeError('inside')
      }),
    ).toThrow('inside')
    expect(ones([1]).device).toBe(initial)
  })

  test('refuses a function that returns a Promise, without leaving it unhandled', () => {
    expect(() => withDevice('other', () => Promise.reject(new Error('never seen')))).toThrow(
      new DeviceError(
        'withDevice: the function returned a Promise; the device is only set while it runs, so await outside',
      ),
    )
    expect(defaultDevice().name).toBe(initial)
  })
})

describe('two devices', () => {
  test('taking turns give what each gives alone', () => {
    const run = (name: string, n: number): unknown => withDevice(name, () => array([1, 2, 3]).mul(n).cumsum().toArray())
    const alone = [run('js', 2), run('interpreted', 3)]
    const turns = Array.from({ length: 6 }, (_, i) => run(i % 2 === 0 ? 'js' : 'interpreted', i % 2 === 0 ? 2 : 3))
    expect(turns).toEqual([...alone, ...alone, ...alone])
  })
})
