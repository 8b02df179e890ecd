import { DeviceError } from '../core/errors.js'
import type { Device, DeviceStats } from './device.js'
import type { GpuOptions } from './gpu/options.js'
import { GpuSlot } from './gpu-slot.js'
import { JsDevice } from './js/js.js'
import { hasVectors } from './wasm/features.js'
import { WasmDevice } from './wasm/wasm.js'

/** What `devices()` says of one device. */
export interface DeviceInfo {
  readonly name: string
  readonly default: boolean
  readonly description: string
}

const available = new Map<string, Device>([
  ['js', new JsDevice()],
  ...(hasVectors() ? [['wasm', new WasmDevice()] as const] : []),
])
let current: Device = available.get('wasm') ?? available.get('js')!

const find = (fn: string, name: string): Device => {
  const device = available.get(name)
  if (device !== undefined) return device
  if (name === 'gpu') throw new DeviceError(`${fn}: the device 'gpu' is not open; await init('gpu') first`)
  const names = [...available.keys()].join(', ')
  const more = available.has('gpu') ? '' : ", and 'gpu' after await init('gpu')"
  throw new DeviceError(`${fn}: unknown device '${name}'; available here: ${names}${more}`)
}

/** The gpu that was the default when it was lost: the one that is opened next takes its place. */
let lostDefault: Device | null = null

const gpu = new GpuSlot(
  // Loaded only here: who does not ask for the gpu carries none of it.
  async (options) => (await import('./gpu/open.js')).openGpu(options),
  {
    opened: (device) => {
      available.set('gpu', device)
      if (current === lostDefault) current = device
      lostDefault = null
    },
    lost: (device) => {
      if (available.get('gpu') === device) available.delete('gpu')
      if (current === device) lostDefault = device
    },
  },
)

/** The device that new tensors go to. */
export const defaultDevice = (): Device => current

/** A device by name. Throws DeviceError naming those that exist. */
export const deviceByName = (fn: string, name: string): Device => find(fn, name)

/** The devices that can be used now, with what each found. */
export const devices = (): readonly DeviceInfo[] =>
  [...available.values()].map((d) => ({ name: d.name, default: d === current, description: d.description }))

/** Makes new tensors go to the named device from now on. Throws DeviceError for one that is not available. */
export const setDefaultDevice = (name: string): void => {
  current = find('setDefaultDevice', name)
}

/** Runs `f` with another default device. `f` must be synchronous. */
export const withDevice = <R>(name: string, f: () => R): R => {
  const before = current
  current = find('withDevice', name)
  try {
    const out = f()
    if (out instanceof Promise) {
      out.catch(() => undefined)
      throw new DeviceError(
        'withDevice: the function returned a Promise; the device is only set while it runs, so await outside',
      )
    }
    return out
  } finally {
    current = before
  }
}

/** Makes a device of one's own available under its name, until the function that comes back is called; for devices' authors and tests. */
export const addDevice = (device: Device): (() => void) => {
  const { name } = device
  const before = available.get(name)
  available.set(name, device)
  return () => void (before === undefined ? available.delete(name) : available.set(name, before))
}

/**
 * Prepares a device that starts asynchronously and resolves when it can be used: `gpu` is opened, the others are ready
 * from the start. Calling it again is free, and after a loss opens the gpu anew. Options are for `gpu` alone. Throws
 * DeviceError where the device cannot be had, saying what was found, or is open in another way than the options say.
 */
export const init = async (name: string, options: GpuOptions = {}): Promise<void> => {
  if (name === 'gpu') return gpu.init(options)
  find('init', name)
}

/**
 * What a device, by default the one in use, has been asked to do since it was opened. Throws DeviceError for one that
 * counts nothing: `gpu` counts.
 */
export const deviceStats = (name: string = current.name): DeviceStats => {
  const stats = find('deviceStats', name).stats?.()
  if (stats === undefined) throw new DeviceError(`deviceStats: the device '${name}' counts nothing; 'gpu' does`)
  return stats
}
