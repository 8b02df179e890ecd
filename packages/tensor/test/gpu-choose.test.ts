import { fc, test } from '@fast-check/vitest'
import { DeviceError } from '@linum/tensor'
import { describe, expect } from 'vitest'
import { type FoundAdapter, inspectAdapter, isSoftwareName } from '../src/device/gpu/adapter.js'
import { choose, type Machine } from '../src/device/gpu/choose.js'
import type { Renderer } from '../src/device/gpu/renderer.js'

type Way = 'hardware' | 'software' | 'none'

const adapter = (way: Way): FoundAdapter | { readonly reason: string } =>
  way === 'none'
    ? { reason: 'no driver' }
    : { adapter: {} as GPUAdapter, software: way === 'software', description: `${way} adapter` }
const renderer = (way: Way): Renderer =>
  way === 'none' ? { reason: 'no canvas' } : { software: way === 'software', description: `${way} renderer` }
const machine = (webgpu: Way, webgl2: Way): Machine => ({
  adapter: () => Promise.resolve(adapter(webgpu)),
  renderer: () => renderer(webgl2),
})

describe('the way to the GPU', () => {
  test('is WebGPU on hardware, without a look at WebGL2', async () => {
    const only: Machine = {
      adapter: () => Promise.resolve(adapter('hardware')),
      renderer: () => {
        throw new Error('WebGL2 was looked at')
      },
    }
    expect(await choose({}, only)).toMatchObject({ mode: 'webgpu', software: false })
  })

  test('is WebGL2 on hardware where WebGPU has software alone', async () => {
    expect(await choose({ software: true }, machine('software', 'hardware'))).toMatchObject({ mode: 'webgl2' })
  })

  test('is refused with what was found and how to take it all the same', async () => {
    const error = choose({}, machine('software', 'none'))
    await expect(error).rejects.toThrow(DeviceError)
    await expect(error).rejects.toThrow(
      "init: there is no GPU to be used here. WebGPU: only a software adapter (software adapter). WebGL2: no canvas; the device 'wasm' is faster than a software adapter, init('gpu', { software: true }) takes it nevertheless",
    )
  })

  test('is refused with the reasons alone where there is nothing', async () => {
    await expect(choose({ software: true }, machine('none', 'none'))).rejects.toThrow(
      /^init: there is no GPU to be used here. WebGPU: no driver. WebGL2: no canvas$/,
    )
  })

  const way = fc.constantFrom<Way>('hardware', 'software', 'none')
  const mode = fc.constantFrom('webgpu' as const, 'webgl2' as const, undefined)

  test.prop([way, way, mode, fc.boolean()])(
    'is the one asked for, hardware before software, software only where it is let',
    async (webgpu, webgl2, asked, software) => {
      const ways = [
        { mode: 'webgpu', way: webgpu },
        { mode: 'webgl2', way: webgl2 },
      ].filter((one) => asked === undefined || one.mode === asked)
      const want =
        ways.find((one) => one.way === 'hardware') ??
        (software ? ways.find((one) => one.way === 'software') : undefined)
      const options = { software, ...(asked === undefined ? {} : { mode: asked }) }
      const found = choose(options, machine(webgpu, webgl2))
      if (want === undefined) await expect(found).rejects.toThrow(DeviceError)
      else expect(await found).toMatchObject({ mode: want.mode, software: want.way === 'software' })
    },
  )
})

describe('an adapter', () => {
  const named = (info: Partial<GPUAdapterInfo>, more: object = {}): FoundAdapter =>
    inspectAdapter({
      info: { vendor: '', architecture: '', device: '', description: '', ...info },
      ...more,
    } as GPUAdapter)

  test('is software if it says so, in its info or as older browsers do, or if its name does', () => {
    expect(named({ vendor: 'nvidia', architecture: 'hopper' }).software).toBe(false)
    expect(named({ vendor: 'nvidia', isFallbackAdapter: false }, { isFallbackAdapter: true }).software).toBe(false)
    expect(named({ isFallbackAdapter: true }).software).toBe(true)
    expect(named({}, { isFallbackAdapter: true }).software).toBe(true)
    expect(named({ vendor: 'mesa', description: 'llvmpipe (LLVM 15.0.6, 256 bits)' }).software).toBe(true)
    for (const name of ['Google SwiftShader', 'lavapipe', 'Microsoft Basic Render Driver', 'Apple Software Renderer'])
      expect([name, isSoftwareName(name)]).toEqual([name, true])
    for (const name of ['NVIDIA H100', 'Intel(R) UHD Graphics', 'Apple M3', 'AMD Radeon Warpath'])
      expect([name, isSoftwareName(name)]).toEqual([name, false])
  })

  test('is described by what it says of itself', () => {
    const info = { vendor: 'nvidia', architecture: 'hopper', device: '0x2330', description: 'NVIDIA H100' }
    expect(named(info).description).toBe('NVIDIA H100, nvidia hopper')
    expect(named({ vendor: 'apple', architecture: 'metal-3' }).description).toBe('apple metal-3')
    expect(named({}).description).toBe('an adapter without a name')
  })
})
