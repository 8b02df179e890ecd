import { countedMemory, type DeviceMemory, startCounting } from '../core/account.js'
import { devices } from './registry.js'

/**
 * What tensors take on each device, by its name. Counting starts with the first call, so ask once before what is to
 * be watched; a buffer counts until it is freed or the garbage collector has taken its last tensor.
 */
export const memory = (): Readonly<Record<string, DeviceMemory>> => {
  startCounting()
  return Object.fromEntries(devices().map(({ name }) => [name, countedMemory(name)]))
}
