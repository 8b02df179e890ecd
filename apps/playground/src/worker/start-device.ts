import { devices, init, setDefaultDevice } from 'linum'
import type { DeviceChoice } from '../protocol.js'

const modes = { 'gpu-webgpu': 'webgpu', 'gpu-webgl2': 'webgl2' } as const

/** Starts a device, makes it the default and returns what it says of itself. Throws where there is no such device. */
export const startDevice = async (choice: DeviceChoice): Promise<string> => {
  const name = choice === 'js' || choice === 'wasm' ? choice : 'gpu'
  // Whoever chooses the GPU here wants to see it at work, be it a software driver.
  if (choice === 'js' || choice === 'wasm') await init(choice)
  else await init(name, { mode: modes[choice], software: true })
  setDefaultDevice(name)
  return devices().find((device) => device.name === name)?.description ?? ''
}
