import { DeviceError } from '@linum/tensor'
import { JsDevice } from '@linum/tensor/core'
import { expect, test } from 'vitest'
import type { Device } from '../src/device/device.js'
import type { OpenGpu } from '../src/device/gpu/open.js'
import type { GpuOptions } from '../src/device/gpu/options.js'
import { GpuSlot } from '../src/device/gpu-slot.js'

/** A slot whose openings succeed or fail when the test says so. */
const stage = () => {
  const openings: {
    readonly options: GpuOptions
    readonly succeed: (how?: Partial<OpenGpu>) => () => void
    readonly fail: (error: Error) => void
  }[] = []
  const opened: Device[] = []
  const lost: Device[] = []
  const slot = new GpuSlot(
    (options) =>
      new Promise<OpenGpu>((resolve, reject) => {
        openings.push({
          options,
          succeed: (how = {}) => {
            let lose = (): void => undefined
            const gone = new Promise<void>((done) => {
              lose = done
            })
            resolve({ device: new JsDevice(), mode: 'webgpu', software: false, lost: gone, ...how })
            return lose
          },
          fail: reject,
        })
      }),
    { opened: (device) => opened.push(device), lost: (device) => lost.push(device) },
  )
  return { slot, openings, opened, lost }
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

test('the gpu is opened once for all who ask, at once or later', async () => {
  const { slot, openings, opened } = stage()
  const all = Promise.all([slot.init({}), slot.init({}), slot.init({ mode: 'webgpu' })])
  openings[0]!.succeed()
  await all
  await slot.init({})
  expect([openings.length, opened.length]).toEqual([1, 1])
})

test('a failure is told to the one who asked, and the next one tries again with options of its own', async () => {
  const { slot, openings, opened } = stage()
  const first = slot.init({})
  const second = slot.init({ software: true })
  openings[0]!.fail(new DeviceError('only software'))
  await expect(first).rejects.toThrow('only software')
  await turn()
  expect(openings.map(({ options }) => options)).toEqual([{}, { software: true }])
  openings[1]!.succeed({ software: true })
  await second
  expect(opened.length).toBe(1)
})

test('options that contradict the open gpu are refused', async () => {
  const { slot, openings } = stage()
  const ready = slot.init({ software: true })
  openings[0]!.succeed({ software: true })
  await ready
  await slot.init({ mode: 'webgpu' })
  await expect(slot.init({ mode: 'webgl2' })).rejects.toThrow(
    new DeviceError(
      "init: the device 'gpu' is open by webgpu, got mode 'webgl2'; ask for it in the first call of init",
    ),
  )
  await expect(slot.init({ software: false })).rejects.toThrow(DeviceError)
  await expect(slot.init({ mode: 'metal' as 'webgpu' })).rejects.toThrow(TypeError)
  expect(openings.length).toBe(1)
})

test('a lost gpu is opened anew by whoever asks next', async () => {
  const { slot, openings, opened, lost } = stage()
  const ready = slot.init({})
  const lose = openings[0]!.succeed()
  await ready
  lose()
  await turn()
  expect(lost).toEqual(opened)
  const again = slot.init({ mode: 'webgl2' })
  openings[1]!.succeed({ mode: 'webgl2' })
  await again
  expect(opened.length).toBe(2)
  expect(opened[1]).not.toBe(opened[0])
})
