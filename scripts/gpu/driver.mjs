// Which driver of Vulkan the tests of the gpu use in Node, and whether it works.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { root } from '../workspace.mjs'

/** Where Debian's chromium keeps its software driver for Vulkan. */
const swiftshader = '/usr/lib/chromium/vk_swiftshader_icd.json'

export const useSoftwareDriver = () => {
  const { env } = process
  // The loader of Vulkan complains without it, at every start.
  if (process.platform === 'linux') env.XDG_RUNTIME_DIR ??= '/tmp'
  if (env.LINUM_GPU_DRIVER === 'system' || !existsSync(swiftshader)) return
  env.VK_ICD_FILENAMES ??= swiftshader
}

const probe = `
const { create } = await import('webgpu')
const adapter = await create([]).requestAdapter()
if (adapter === null) throw new Error('webgpu finds no driver')
console.log([adapter.info.description, adapter.info.vendor].filter(Boolean).join(', '))
`

/** The adapter that the package webgpu finds, or why it finds none. */
export const probeGpu = () => {
  useSoftwareDriver()
  try {
    const options = { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 }
    return { found: execFileSync(process.execPath, ['--input-type=module', '--eval', probe], options).trim() }
  } catch (error) {
    const thrown = /^\w*Error.*$/m.exec(String(error.stderr ?? ''))?.[0]
    return { reason: thrown ?? `its process ended with ${error.signal ?? error.code ?? error.status}` }
  }
}

export const gpuObstacle = () => probeGpu().reason ?? null
