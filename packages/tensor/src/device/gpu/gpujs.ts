import { DeviceError } from '../../core/errors.js'

/** What gpu.js passes to its WebGPU kernels when they are built. */
export interface GpuJsContext {
  readonly adapter: GPUAdapter
  readonly device: GPUDevice
  /** Kernels read it before each run. */
  isLost: boolean
}

/** What is used of gpu.js; it declares less than it exports. */
export interface GpuJs {
  readonly GPU: new (settings: Readonly<Record<string, unknown>>) => unknown
  readonly WebGPUContext: { acquire(): Promise<GpuJsContext> }
}

const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> =>
  (typeof x === 'object' && x !== null) || typeof x === 'function'

/** gpu.js under whichever of its names: by kind of bundle it exports an object of classes or the class with the rest on it. */
const found = (module: unknown): GpuJs | null => {
  const candidates = isRecord(module) ? [module, module['default'], module['module.exports']] : []
  for (const one of candidates)
    if (isRecord(one) && typeof one['GPU'] === 'function' && isRecord(one['WebGPUContext']))
      return one as unknown as GpuJs
  return null
}

/** Loads the optional peer gpu.js. Throws DeviceError saying how to get it. */
export const loadGpuJs = async (): Promise<GpuJs> => {
  let module: unknown
  try {
    module = await import('gpu.js')
  } catch (error) {
    const reason = String(error).split('\n')[0]
    throw new DeviceError(`init: the device 'gpu' needs gpu.js, got ${reason}; npm install gpu.js@2.24.1`, {
      cause: error,
    })
  }
  const library = found(module)
  if (library === null)
    throw new DeviceError(`init: gpu.js has no GPU and WebGPUContext, so it is not 2.24; npm install gpu.js@2.24.1`)
  return library
}

/** What gives a library its context back, by library: its own function, from before the first device was shared. */
const originals = new WeakMap<GpuJs, () => Promise<GpuJsContext>>()

/**
 * Makes gpu.js build its WebGPU kernels on this device from now on, so that they and ours can read each other's buffers.
 * When the device is lost, gpu.js learns of it, and goes back to devices of its own.
 */
export const shareDevice = (library: GpuJs, adapter: GPUAdapter, device: GPUDevice): void => {
  const { WebGPUContext } = library
  const original = originals.get(library) ?? WebGPUContext.acquire
  originals.set(library, original)
  const context: GpuJsContext = { adapter, device, isLost: false }
  const acquire = (): Promise<GpuJsContext> => Promise.resolve(context)
  WebGPUContext.acquire = acquire
  void device.lost.then(() => {
    context.isLost = true
    if (WebGPUContext.acquire === acquire) WebGPUContext.acquire = original
  })
}
