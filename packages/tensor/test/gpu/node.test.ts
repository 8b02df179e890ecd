import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runModule } from './process.js'

const here = fileURLToPath(new URL('.', import.meta.url))
let folder = ''

/** The sources that open the GPU, as a module that plain Node can load: in the repository, so that packages are found. */
beforeAll(async () => {
  folder = await mkdtemp(join(here, '../../../../node_modules/.gpu-'))
  await build({
    root: folder,
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: join(here, '../../src/device/gpu/adapter.ts'),
      outDir: folder,
      emptyOutDir: false,
      target: 'es2022',
      rolldownOptions: {
        output: { entryFileNames: 'adapter.mjs', codeSplitting: false },
        external: ['gpu.js', 'webgpu'],
      },
    },
  })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const opening = (at: string): string => `
import { findAdapter, openContext } from ${JSON.stringify(`file://${at}/adapter.mjs`)}
const library = { GPU: class {}, WebGPUContext: { acquire: () => Promise.reject(new Error('asked')) } }
const found = await findAdapter()
if ('reason' in found) {
  console.log(found.reason)
  process.exit(4)
}
const { device, lost } = await openContext(library, found)
const source = device.createBuffer({ size: 64, usage: GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST })
const target = device.createBuffer({ size: 64, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST })
device.queue.writeBuffer(source, 0, new Float32Array(16).fill(7))
const encoder = device.createCommandEncoder()
encoder.copyBufferToBuffer(source, 0, target, 0, 64)
device.queue.submit([encoder.finish()])
const read = target.mapAsync(GPUMapMode.READ)
`

describe('a process that opened the GPU', () => {
  test('ends by itself when its work is done', async () => {
    const { code, signal, out } = await runModule(
      `${opening(folder)}
await read
console.log(new Float32Array(target.getMappedRange())[3])`,
    )
    expect({ code, signal, out }).toEqual({ code: 0, signal: null, out: '7\n' })
  })

  test('keeps it through a collection of garbage', async () => {
    const { code, out } = await runModule(
      `${opening(folder)}
await read
target.unmap()
const { setFlagsFromString } = await import('node:v8')
setFlagsFromString('--expose-gc')
const { runInNewContext } = await import('node:vm')
for (let i = 0; i < 5; i++) {
  runInNewContext('gc')()
  await new Promise((resolve) => setTimeout(resolve, 20))
}
console.log((await navigator.gpu.requestAdapter()) !== null)
await target.mapAsync(GPUMapMode.READ)
console.log('mapped')`,
    )
    expect({ code, out }).toEqual({ code: 0, out: 'true\nmapped\n' })
  })

  test('can be ended while work is under way, and by an error', async () => {
    const exits = await runModule(`${opening(folder)}\nread.then(() => undefined)\nprocess.exit(3)`)
    expect([exits.code, exits.signal]).toEqual([3, null])
    const throws = await runModule(`${opening(folder)}\nthrow new Error('of the program')`)
    expect([throws.code, throws.signal]).toEqual([1, null])
    expect(throws.errors).toContain('of the program')
  })

  test('ends by itself after the device was destroyed', async () => {
    const { code, signal, out } = await runModule(
      `${opening(folder)}\nread.catch(() => undefined)\ndevice.destroy()\nconsole.log((await lost).reason)`,
    )
    expect({ code, signal, out }).toEqual({ code: 0, signal: null, out: 'destroyed\n' })
  })
})

describe('without what it needs', () => {
  test('the reason names the driver', async () => {
    const { code, out } = await runModule(opening(folder), { VK_ICD_FILENAMES: '/nowhere.json' })
    expect(code).toBe(4)
    expect(out).toMatch(/^it finds no driver; it needs /)
  })

  test('the reason names the package', async () => {
    const away = await mkdtemp(join(tmpdir(), 'linum-gpu-'))
    try {
      await cp(join(folder, 'adapter.mjs'), join(away, 'adapter.mjs'))
      const { code, out } = await runModule(opening(away))
      expect(code).toBe(4)
      expect(out).toContain('npm install webgpu')
    } finally {
      await rm(away, { recursive: true, force: true })
    }
  })
})
