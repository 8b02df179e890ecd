import { addDevice } from '@linum/tensor/core'
import { findAdapter, type GpuContext, openContext } from '../../src/device/gpu/adapter.js'
import { WebGpuDevice } from '../../src/device/gpu/webgpu/device.js'

const library = { GPU: class {}, WebGPUContext: { acquire: () => Promise.reject(new Error('gpu.js is not used')) } }

/** A WebGPU device of a test's own, to be lost or filled. */
export const openOwn = async (): Promise<GpuContext> => {
  const found = await findAdapter()
  if ('reason' in found) throw new Error(found.reason)
  return openContext(library, found)
}

/** The device `gpu` on it, until the last function is called; `limit` is in bytes. */
export const useOwn = async (
  limit?: number,
): Promise<{ readonly context: GpuContext; readonly device: WebGpuDevice; readonly remove: () => void }> => {
  const context = await openOwn()
  const device = new WebGpuDevice(context, limit)
  return { context, device, remove: addDevice(device) }
}
