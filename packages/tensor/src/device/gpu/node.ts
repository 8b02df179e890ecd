interface Host {
  readonly process?: { readonly versions?: { readonly node?: string }; readonly platform?: string }
  readonly navigator?: { readonly gpu?: GPU }
}

interface Dawn {
  create(options: readonly string[]): GPU
  readonly globals: object
}

/** WebGPU as a browser has it, or why it is not there. */
export type WebGpu = { readonly gpu: GPU } | { readonly reason: string }

/** Whether this is Node, or Bun or Deno, which know its modules too. */
export const isNode = (): boolean => (globalThis as Host).process?.versions?.node !== undefined

/** What a machine needs beside the package, by platform. */
export const driverAdvice = (): string => {
  const platform = (globalThis as Host).process?.platform
  if (platform === 'linux')
    return "it needs a Vulkan driver and libvulkan1 (on Debian and Ubuntu: apt-get install libvulkan1 mesa-vulkan-drivers, or the graphics card vendor's driver)"
  if (platform === 'darwin') return 'it needs a Mac with Metal'
  return "it needs the graphics card vendor's driver, with Direct3D 12 or Vulkan"
}

// A name that bundlers cannot follow: pages must not carry a native package of Node.
const dawnPackage = ['web', 'gpu'].join('')

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n')[0]!

/** Puts WebGPU where browsers have it, which is where gpu.js looks. What it holds lives as long as the process. */
const install = ({ create, globals }: Dawn): GPU => {
  for (const [name, value] of Object.entries(globals))
    if (!(name in globalThis)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })
  // Of the ways to clear a workgroup's memory, SwiftShader takes a hundred times as long to compile this one.
  const gpu = create(['disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension'])
  const { navigator } = globalThis as Host
  if (navigator === undefined)
    Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true, writable: true })
  else Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true })
  return gpu
}

let installing: Promise<WebGpu> | null = null

const open = async (): Promise<WebGpu> => {
  let dawn: Dawn
  try {
    dawn = (await import(/* @vite-ignore */ /* webpackIgnore: true */ dawnPackage)) as Dawn
  } catch (error) {
    const { code } = error as { readonly code?: string }
    const missing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND'
    return {
      reason: missing
        ? 'the package webgpu, which brings it to Node, is not installed; npm install webgpu'
        : `the package webgpu does not load here (${messageOf(error)}); ${driverAdvice()}`,
    }
  }
  try {
    return { gpu: install(dawn) }
  } catch (error) {
    return { reason: `the package webgpu does not start here (${messageOf(error)}); ${driverAdvice()}` }
  }
}

/**
 * The WebGPU of this runtime. In Node and Bun, which have none, that of the optional peer `webgpu` is put at
 * `navigator.gpu` with the constants of its usage flags; browsers and Deno have their own.
 */
export const provideWebGpu = async (): Promise<WebGpu> => {
  const own = (globalThis as Host).navigator?.gpu
  if (own !== undefined && own !== null) return { gpu: own }
  if (isNode()) {
    installing ??= open()
    const result = await installing
    // A package can be installed, a driver added; a process that asks again shall see it.
    if ('reason' in result) installing = null
    return result
  }
  const secure = (globalThis as { readonly isSecureContext?: boolean }).isSecureContext
  return {
    reason: secure === false ? 'the page is not secure; serve it by https or from localhost' : 'this browser has none',
  }
}
