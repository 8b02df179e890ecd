import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { beforeAll, describe, expect, test } from 'vitest'
import { findAdapter, type GpuContext, openContext } from '../../src/device/gpu/adapter.js'
import { type GpuJs, type GpuJsContext, loadGpuJs } from '../../src/device/gpu/gpujs.js'
import { useSoftwareDriver } from './available.js'

useSoftwareDriver()

interface Kernel {
  (...args: readonly unknown[]): Promise<ArrayLike<number>>
  readonly kernel: {
    readonly constructor: { readonly mode: string }
    readonly fallbackReason: string | null
    readonly context: GpuJsContext
  }
}
interface Library {
  createKernel(source: string, settings: object): Kernel
}

const doubling = (library: GpuJs): Kernel =>
  (new library.GPU({ mode: 'webgpu' }) as Library).createKernel('function(a) { return a[this.thread.x] * 2; }', {
    output: [4],
    dynamicArguments: true,
  })
const numbers = new Float32Array([1, 2, 3, 4])

const openAdapter = async (library: GpuJs): Promise<GpuContext> => {
  const found = await findAdapter()
  if ('reason' in found) throw new Error(found.reason)
  return openContext(library, found)
}

let library: GpuJs
let context: GpuContext
beforeAll(async () => {
  library = await loadGpuJs()
  context = await openAdapter(library)
})

describe('gpu.js', () => {
  test('is the version that the package names', () => {
    const { version } = createRequire(import.meta.url)('gpu.js/package.json') as { readonly version: string }
    const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      readonly peerDependencies: Readonly<Record<string, string>>
    }
    expect(version).toBe(manifest.peerDependencies['gpu.js'])
  })

  test('gets its WebGPU context from one function, which builds no device until a kernel runs', () => {
    expect(Object.getOwnPropertyNames(library.WebGPUContext)).toEqual(
      expect.arrayContaining(['acquire', 'isSupported', 'destroy']),
    )
    expect(library.WebGPUContext.acquire).toHaveLength(0)
  })

  test('builds its kernels on the device it is given, and they compute', async () => {
    const kernel = doubling(library)
    expect(Array.from(await kernel(numbers))).toEqual([2, 4, 6, 8])
    expect(kernel.kernel.constructor.mode).toBe('webgpu')
    expect(kernel.kernel.fallbackReason).toBe(null)
    expect(kernel.kernel.context.device).toBe(context.device)
    expect(kernel.kernel.context.adapter).toBe(context.adapter)
  })

  test('runs kernels on the newest device, and after its loss on one of its own', async () => {
    const next = await openAdapter(library)
    const kernel = doubling(library)
    expect(Array.from(await kernel(numbers))).toEqual([2, 4, 6, 8])
    expect(kernel.kernel.context.device).toBe(next.device)
    const shared = kernel.kernel.context
    next.device.destroy()
    await next.lost
    expect(shared.isLost).toBe(true)
    const own = doubling(library)
    expect(Array.from(await own(numbers))).toEqual([2, 4, 6, 8])
    expect([context.device, next.device]).not.toContain(own.kernel.context.device)
  })
})

describe('the context', () => {
  test('has the limits of its adapter', () => {
    const names = [
      'maxStorageBuffersPerShaderStage',
      'maxStorageBufferBindingSize',
      'maxBufferSize',
      'maxComputeWorkgroupStorageSize',
      'maxComputeInvocationsPerWorkgroup',
      'maxComputeWorkgroupSizeX',
    ] as const
    for (const name of names) expect([name, context.device.limits[name]]).toEqual([name, context.adapter.limits[name]])
  })
})
