import { type CountedMemory, countedMemory, startCounting } from '../core/account.js'
import { deviceByName, devices } from './registry.js'
import type { ReservedMemory } from './device.js'

/** What tensors take on a device, and what the device holds for them. */
export type DeviceMemory = CountedMemory & ReservedMemory

/**
 * What tensors take on each device, by its name. Counting starts with the first call, so ask once before what is to
 * be watched; a buffer counts until it is freed or the garbage collector has taken its last tensor.
 */
export const memory = (): Readonly<Record<string, DeviceMemory>> => {
  startCounting()
  return Object.fromEntries(
    devices().map(({ name }) => {
      const counted = countedMemory(name)
      const own = deviceByName('memory', name).reserve?.() ?? { reserved: counted.bytes, spills: 0 }
      return [name, { ...counted, ...own }]
    }),
  )
}
