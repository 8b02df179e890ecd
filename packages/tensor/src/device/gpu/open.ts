import type { Device } from '../device.js'
import { findAdapter, openContext } from './adapter.js'
import { choose } from './choose.js'
import { loadGpuJs } from './gpujs.js'
import type { GpuMode, GpuOptions } from './options.js'
import { findRenderer } from './renderer.js'

/** A device that is open, and how. */
export interface OpenGpu {
  readonly device: Device
  readonly mode: GpuMode
  readonly software: boolean
  /** Resolves when the device is lost, and with it what it holds. */
  readonly lost: Promise<unknown>
}

/** Opens the GPU. Throws DeviceError where that cannot be, with what was found. */
export const openGpu = async (options: GpuOptions): Promise<OpenGpu> => {
  const library = await loadGpuJs()
  const choice = await choose(options, { adapter: findAdapter, renderer: findRenderer })
  const { mode, software } = choice
  if (mode === 'webgpu') {
    const context = await openContext(library, choice.found)
    const { WebGpuDevice } = await import('./webgpu/device.js')
    return { device: new WebGpuDevice(context), mode, software, lost: context.lost }
  }
  const { openWebGl2 } = await import('./webgl2/open.js')
  const device: Device = await openWebGl2(library)
  return { device, mode, software, lost: device.lost ?? new Promise(() => undefined) }
}
