import { DeviceError } from '../../../core/errors.js'
import { BoundedCache } from '../../../core/bounded-cache.js'
import type { Fault } from './blocks.js'
import { assemble, type Binding, parameterWords } from './assemble.js'
import type { Shader } from './shader.js'

/** A shader compiled for one way of binding its operands. */
export interface Pipeline {
  readonly pipeline: GPUComputePipeline
  readonly layout: GPUBindGroupLayout
  /** Words of binding 0. */
  readonly words: number
  /** Whether the driver took it. */
  readonly fault: Fault
}

/** The pipelines of a device, by the text of their modules. */
export class Pipelines {
  readonly #device: GPUDevice
  readonly #layouts = new Map<string, GPUBindGroupLayout>()
  readonly #pipelines = new BoundedCache<string, Pipeline>(4096)

  constructor(device: GPUDevice) {
    this.#device = device
  }

  /** Pipelines made since the start. */
  get made(): number {
    return this.#pipelines.misses
  }

  get(shader: Shader, bindings: readonly Binding[], places: readonly number[], loops: number): Pipeline {
    const code = assemble(shader, bindings, places, loops)
    return this.#pipelines.get(code, () => this.#make(code, bindings, loops, parameterWords(shader, loops)))
  }

  #make(code: string, bindings: readonly Binding[], loops: number, words: number): Pipeline {
    const device = this.#device
    const layout = this.#layout(bindings, loops)
    device.pushErrorScope('validation')
    const module = device.createShaderModule({ code })
    const pipeline = device.createComputePipeline({
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: 'main' },
    })
    const fault: Fault = { error: null, settled: false }
    void device.popErrorScope().then(
      (error) => {
        fault.settled = true
        if (error !== null) fault.error = new DeviceError(`gpu: the driver refused a shader: ${error.message}\n${code}`)
      },
      // The device is lost: that is told by itself.
      () => (fault.settled = true),
    )
    return { pipeline, layout, words, fault }
  }

  #layout(bindings: readonly Binding[], loops: number): GPUBindGroupLayout {
    const key = `${bindings.map(({ access }) => access[0]!).join('')}|${loops}`
    const known = this.#layouts.get(key)
    if (known !== undefined) return known
    const visibility = 4 // COMPUTE
    const layout = this.#device.createBindGroupLayout({
      entries: [
        { binding: 0, visibility, buffer: { type: 'uniform' } },
        ...bindings.map(({ access }, b) => ({
          binding: b + 1,
          visibility,
          buffer: { type: access === 'read' ? ('read-only-storage' as const) : ('storage' as const) },
        })),
        ...Array.from({ length: loops }, (_, d) => ({
          binding: bindings.length + 1 + d,
          visibility,
          buffer: { type: 'uniform' as const, hasDynamicOffset: true },
        })),
      ],
    })
    this.#layouts.set(key, layout)
    return layout
  }
}
