import { DeviceError } from '../../core/errors.js'
import type { FoundAdapter } from './adapter.js'
import type { GpuMode, GpuOptions } from './options.js'
import type { Renderer } from './renderer.js'

/** What a machine has, each asked for when it is needed. */
export interface Machine {
  readonly adapter: () => Promise<FoundAdapter | { readonly reason: string }>
  readonly renderer: () => Renderer
}

/** The way to take. */
export type Choice =
  | { readonly mode: 'webgpu'; readonly software: boolean; readonly found: FoundAdapter }
  | { readonly mode: 'webgl2'; readonly software: boolean; readonly description: string }

const titles: Readonly<Record<GpuMode, string>> = { webgpu: 'WebGPU', webgl2: 'WebGL2' }

/** The choice that a way offers, or why it offers none. */
const offer = async (mode: GpuMode, machine: Machine): Promise<Choice | string> => {
  if (mode === 'webgpu') {
    const found = await machine.adapter()
    return 'reason' in found ? found.reason : { mode, software: found.software, found }
  }
  const found = machine.renderer()
  return 'reason' in found ? found.reason : { mode, ...found }
}

const nameOf = (choice: Choice): string => (choice.mode === 'webgpu' ? choice.found.description : choice.description)

const refusal = (offers: readonly (readonly [GpuMode, Choice | string])[]): DeviceError => {
  const told = offers.map(([mode, one]) =>
    typeof one === 'string' ? `${titles[mode]}: ${one}` : `${titles[mode]}: only a software adapter (${nameOf(one)})`,
  )
  const software = offers.some(([, one]) => typeof one !== 'string')
  const remedy = software
    ? "; the device 'wasm' is faster than a software adapter, init('gpu', { software: true }) takes it nevertheless"
    : ''
  return new DeviceError(`init: there is no GPU to be used here. ${told.join('. ')}${remedy}`)
}

/**
 * The way to the GPU: hardware by WebGPU, else by WebGL2, and in the same order software where the options let it. Throws
 * DeviceError telling what was found.
 */
export const choose = async ({ mode, software = false }: GpuOptions, machine: Machine): Promise<Choice> => {
  const offers: (readonly [GpuMode, Choice | string])[] = []
  for (const way of mode === undefined ? (['webgpu', 'webgl2'] as const) : [mode]) {
    const one = await offer(way, machine)
    if (typeof one !== 'string' && !one.software) return one
    offers.push([way, one])
  }
  const taken = software ? offers.map(([, one]) => one).find((one) => typeof one !== 'string') : undefined
  if (taken === undefined) throw refusal(offers)
  return taken
}
