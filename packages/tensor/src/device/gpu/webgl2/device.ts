import type { StoredDType, TypedArray } from '../../../core/dtype.js'
import { DeviceError } from '../../../core/errors.js'
import type { Schedule } from '../../../program/schedule.js'
import type { CompileOptions, Device, DeviceBuffer, DeviceStats, Executable, ReservedMemory } from '../../device.js'
import type { GpuJs } from '../gpujs.js'
import { asBuffer, BufferStore, type Elements, elementsIn } from './buffers.js'
import { Painter } from './draw.js'
import type { Engine } from './engine.js'
import { compileSchedule } from './execute.js'
import { elementsOf } from './host-numbers.js'
import { readLater, readNow } from './read.js'
import { refuseFloat64 } from './source.js'
import { bytesPerElement, TexturePool } from './textures.js'
import { Translator } from './translate.js'

/** The WebGL2 of a page: kernels that gpu.js compiles from source text draw textures from textures. */
export class WebGl2Device implements Device {
  readonly name: string = 'gpu'
  readonly description: string
  /** Resolves when the context is lost, and with it every value. */
  readonly lost: Promise<unknown>
  readonly #gl: WebGL2RenderingContext
  readonly #pool: TexturePool
  readonly #store: BufferStore
  readonly #painter: Painter
  readonly #engine: Engine
  readonly #moved = { uploads: 0, uploadedBytes: 0, downloads: 0, downloadedBytes: 0, submits: 0 }
  #failure: DeviceError | null = null

  constructor(library: GpuJs, gl: WebGL2RenderingContext, description: string, limit: number = 2 ** 31) {
    this.#gl = gl
    this.description = description
    this.#pool = new TexturePool(gl, limit)
    this.#store = new BufferStore(this.#pool)
    this.#painter = new Painter(gl, new Translator(library, gl))
    this.#engine = {
      painter: this.#painter,
      store: this.#store,
      readNow: (elements) => {
        if (elements.host !== null) return elements.host
        this.#check()
        this.#countRead(elements)
        return elementsOf(readNow(gl, elements.texels, elements.length), elements.dtype)
      },
    }
    this.lost = new Promise((resolve) => {
      gl.canvas.addEventListener('webglcontextlost', (event) => {
        this.#failure ??= lostContext()
        resolve(event)
      })
    })
  }

  stats(): DeviceStats {
    return { ...this.#moved, dispatches: this.#painter.draws, pipelines: this.#painter.linked }
  }
  /** Buffers that are in use. */
  get liveBuffers(): number {
    return this.#store.live
  }

  /** Throws DeviceError once the context was lost. */
  #check(): void {
    if (this.#failure === null && this.#gl.isContextLost()) this.#failure = lostContext()
    if (this.#failure !== null) throw this.#failure
  }

  #countRead({ texels, length }: Elements): void {
    this.#moved.downloads++
    this.#moved.downloadedBytes += length * bytesPerElement(texels)
  }

  /** Kernels are made for their sizes. */
  compile(schedule: Schedule, _options: CompileOptions): Executable {
    this.#check()
    const run = compileSchedule(this.#engine, schedule)
    return {
      overwrites: [],
      run: (inputs) => {
        this.#check()
        this.#moved.submits++
        return run(inputs.map(usable)).map(asBuffer)
      },
    }
  }

  upload(data: TypedArray, dtype: StoredDType): DeviceBuffer {
    this.#check()
    refuseFloat64('gpu', dtype)
    const elements = this.#store.upload(data, dtype)
    this.#moved.uploads++
    this.#moved.uploadedBytes += elements.length * bytesPerElement(elements.texels)
    return asBuffer(elements)
  }

  async read(buffer: DeviceBuffer): Promise<TypedArray> {
    const elements = usable(buffer)
    if (elements.host !== null) return elements.host
    this.#check()
    const { texels, length, dtype } = elements
    if (length === 0) return elementsOf(new Float32Array(0), dtype)
    this.#countRead(elements)
    const numbers = await readLater(this.#gl, texels, length, () => {
      if (this.#gl.isContextLost()) this.#failure ??= lostContext()
      return this.#failure
    })
    return elementsOf(numbers, dtype)
  }

  /** What was uploaded and is small; the GPU has to be waited for otherwise. */
  readSync(buffer: DeviceBuffer): TypedArray | null {
    return usable(buffer).host
  }

  free(buffer: DeviceBuffer): void {
    this.#store.free(elementsIn(buffer))
  }

  reserve(): ReservedMemory {
    return { reserved: this.#pool.reserved, spills: 0 }
  }
}

const usable = (buffer: DeviceBuffer): Elements => {
  const elements = elementsIn(buffer)
  if (elements.freed) throw new DeviceError('gpu: a buffer that was freed was handed to it')
  return elements
}

const lostContext = (): DeviceError =>
  new DeviceError(
    "gpu: the browser took the WebGL2 context away, and with it the values of its tensors; call await init('gpu') to open it anew",
  )
