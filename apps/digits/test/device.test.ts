import { beforeEach, expect, test, vi } from 'vitest'
import { selectDevice } from '../src/device.js'
import { InputError } from '../src/failure.js'

const { machine, DeviceError } = vi.hoisted(() => ({
  machine: { gpu: 'none', chosen: '' },
  DeviceError: class extends Error {},
}))

// A library on a machine with a GPU, with a software adapter, or with neither.
vi.mock('linum', () => ({
  DeviceError,
  devices: () => [
    { name: 'js', default: true, description: 'loops' },
    ...(machine.chosen === 'open' ? [{ name: 'gpu', default: false, description: 'WebGPU by SwiftShader' }] : []),
  ],
  init: (name: string, { software = false }: { readonly software?: boolean } = {}) => {
    if (name === 'gpu' && machine.gpu === 'broken') return Promise.reject(new RangeError('the driver is broken'))
    if (name === 'gpu' && (machine.gpu === 'none' || (machine.gpu === 'software' && !software)))
      return Promise.reject(new DeviceError(`init: there is no GPU, software ${software}`))
    if (name === 'gpu') machine.chosen = 'open'
    return Promise.resolve()
  },
  setDefaultDevice: (name: string) => {
    machine.chosen = name
  },
}))

const notes: string[] = []
const note = (text: string): void => void notes.push(text)
beforeEach(() => {
  notes.length = 0
  machine.chosen = ''
})

test('the gpu is opened on hardware without a word', async () => {
  machine.gpu = 'hardware'
  expect(await selectDevice('gpu', note)).toBe('gpu')
  expect([machine.chosen, notes]).toEqual(['gpu', []])
})

test('a software adapter is taken, and named in a note', async () => {
  machine.gpu = 'software'
  expect(await selectDevice('gpu', note)).toBe('gpu')
  expect([machine.chosen, notes.length]).toEqual(['gpu', 1])
  expect(notes[0]).toContain('slower than by --device wasm: WebGPU by SwiftShader')
})

test('where there is neither, the reason is told, and how to get one', async () => {
  machine.gpu = 'none'
  await expect(selectDevice('gpu', note)).rejects.toThrow(
    new InputError(
      'init: there is no GPU, software false\nIn this repository, `npm run gpu` installs what the GPU needs and tells what is still missing.',
    ),
  )
  expect(machine.chosen).toBe('')
})

test('what is no refusal of the device stays as it is', async () => {
  machine.gpu = 'broken'
  await expect(selectDevice('gpu', note)).rejects.toThrow(RangeError)
})

test('a device that does not exist is refused with those that do, the gpu among them', async () => {
  await expect(selectDevice('abacus', note)).rejects.toThrow('there is no device "abacus" here, only js, gpu')
})
