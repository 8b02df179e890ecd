import { type GpuJs, shareDevice } from './gpujs.js'
import { driverAdvice, isNode, provideWebGpu } from './node.js'

/** An open WebGPU device, shared with gpu.js. */
export interface GpuContext {
  readonly device: GPUDevice
  readonly adapter: GPUAdapter
  /** Whether a processor does the work of a GPU. */
  readonly software: boolean
  /** What `devices()` says of it. */
  readonly description: string
  readonly lost: Promise<GPUDeviceLostInfo>
}

/** An adapter that was found. */
export interface FoundAdapter {
  readonly adapter: GPUAdapter
  readonly software: boolean
  /** What it says of itself, for people. */
  readonly description: string
}

const softwareNames = /swiftshader|llvmpipe|lavapipe|softpipe|software|basic render|\bwarp\b|apple software/i

/** Whether the name that a driver gives is that of a program which computes on the processor. */
export const isSoftwareName = (name: string): boolean => softwareNames.test(name)

/** What an adapter says of itself: only what it says, and each word once. */
const describe = ({ vendor, architecture, device, description }: GPUAdapterInfo): string => {
  const parts = [description || device, [vendor, architecture].filter((x) => x !== '').join(' ')]
  return parts.filter((x) => x !== '').join(', ') || 'an adapter without a name'
}

/** What is known of an adapter. Browsers before 2025 tell on the adapter, not in its info, that it is a fallback. */
export const inspectAdapter = (adapter: GPUAdapter): FoundAdapter => {
  const { info } = adapter
  const fallback = info.isFallbackAdapter ?? (adapter as { readonly isFallbackAdapter?: boolean }).isFallbackAdapter
  const names = [info.vendor, info.architecture, info.device, info.description].join(' ')
  return { adapter, software: fallback === true || isSoftwareName(names), description: describe(info) }
}

/**
 * The adapter to use: hardware before software, and of several GPUs the fast one. Where there is none, the reason.
 * Nothing is opened yet.
 */
export const findAdapter = async (): Promise<FoundAdapter | { readonly reason: string }> => {
  const web = await provideWebGpu()
  if ('reason' in web) return web
  const adapter =
    (await web.gpu.requestAdapter({ powerPreference: 'high-performance' })) ??
    // Some browsers keep software adapters to themselves until they are asked for.
    (await web.gpu.requestAdapter({ forceFallbackAdapter: true }))
  if (adapter !== null) return inspectAdapter(adapter)
  return {
    reason: isNode()
      ? `it finds no driver; ${driverAdvice()}`
      : 'the browser finds no GPU, or does not trust its driver',
  }
}

/** The limits that are raised to what the adapter has. */
const raised = [
  'maxStorageBuffersPerShaderStage',
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
] as const

/** Opens a device with the adapter's limits and makes gpu.js use the same one. */
export const openContext = async (library: GpuJs, { adapter, ...found }: FoundAdapter): Promise<GpuContext> => {
  const device = await adapter.requestDevice({
    requiredLimits: Object.fromEntries(
      // A runtime may not know of a limit yet.
      raised.flatMap((name) => (adapter.limits[name] === undefined ? [] : [[name, adapter.limits[name]]])),
    ),
  })
  shareDevice(library, adapter, device)
  const { software, description } = found
  return {
    adapter,
    device,
    software,
    description: `WebGPU by ${description}${software ? ' (software)' : ''}`,
    lost: device.lost,
  }
}
