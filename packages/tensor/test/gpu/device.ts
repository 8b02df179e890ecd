import { existsSync } from 'node:fs'

/** Where Debian's chromium keeps its software driver for Vulkan. */
const software = '/usr/lib/chromium/vk_swiftshader_icd.json'

let opened: Promise<GPUDevice> | null = null

/** A bare GPUDevice in Node, on a software adapter where there is one. */
export const openDevice = (): Promise<GPUDevice> => {
  opened ??= open()
  return opened
}

/** Kept: once it is collected, everything that came from it fails. */
let instance: GPU | null = null

const open = async (): Promise<GPUDevice> => {
  if (process.env['VK_ICD_FILENAMES'] === undefined && existsSync(software)) process.env['VK_ICD_FILENAMES'] = software
  const { create, globals } = await import('webgpu')
  Object.assign(globalThis, globals)
  // The software driver compiles the zeroing of workgroup memory element by element, for seconds. No shader counts on it.
  instance = create(['enable-dawn-features=disable_workgroup_init'])
  const adapter = await instance.requestAdapter()
  if (adapter === null) throw new Error('there is no adapter')
  const { maxStorageBuffersPerShaderStage, maxStorageBufferBindingSize, maxBufferSize } = adapter.limits
  return adapter.requestDevice({
    requiredLimits: { maxStorageBuffersPerShaderStage, maxStorageBufferBindingSize, maxBufferSize },
  })
}
