import { DeviceError } from '../core/errors.js'
import type { Device } from './device.js'
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
  if (device === undefined)
    throw new DeviceError(`${fn}: unknown device '${name}'; available here: ${[...available.keys()].join(', ')}`)
  return device
}

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
  available.set(device.name, device)
  return () => void available.delete(device.name)
}

/**
 * Prepares a device that starts asynchronously and resolves when it can be used. Throws DeviceError for one that
 * does not exist here.
 */
export const init = (name: string): Promise<void> => {
  try {
    find('init', name)
    return Promise.resolve()
  } catch (error) {
    return Promise.reject(error as Error)
  }
}
