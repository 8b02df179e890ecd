import type { StoredDType, TypedArray } from '../../../core/dtype.js'
import { hostCopy } from '../../../core/host.js'
import type { DeviceBuffer } from '../../device.js'
import { numbersOf } from './host-numbers.js'
import { formOf } from './source.js'
import type { Texels, TexturePool } from './textures.js'

/** Uploads up to this many elements are kept on the host, too, so that reading them back needs no wait. */
const keptElements = 4096

/** What a handle of this device is. */
export class Elements {
  readonly texels: Texels
  readonly dtype: StoredDType
  readonly length: number
  /** The elements as they were uploaded. */
  readonly host: TypedArray | null
  freed = false

  constructor(texels: Texels, dtype: StoredDType, length: number, host: TypedArray | null) {
    this.texels = texels
    this.dtype = dtype
    this.length = length
    this.host = host
  }
}

export const asBuffer = (elements: Elements): DeviceBuffer => elements as unknown as DeviceBuffer
export const elementsIn = (buffer: DeviceBuffer): Elements => {
  if (!(buffer instanceof Elements)) throw new TypeError('gpu: a buffer of another device was handed to it')
  return buffer
}

/** Makes buffers and takes them back; the garbage collector gives back those that nobody freed. */
export class BufferStore {
  readonly #pool: TexturePool
  readonly #collected = new FinalizationRegistry<Texels>((texels) => this.#pool.give(texels))
  #live = 0

  constructor(pool: TexturePool) {
    this.#pool = pool
  }

  /** Buffers that were made and not freed: those of the garbage collector count. */
  get live(): number {
    return this.#live
  }

  #make(dtype: StoredDType, length: number, host: TypedArray | null): Elements {
    const texels = this.#pool.take(Math.max(1, length), formOf(dtype))
    const elements = new Elements(texels, dtype, length, host)
    this.#collected.register(elements, texels, elements)
    this.#live++
    return elements
  }

  take(dtype: StoredDType, length: number): Elements {
    return this.#make(dtype, length, null)
  }

  upload(data: TypedArray, dtype: StoredDType): Elements {
    const elements = this.#make(dtype, data.length, data.length <= keptElements ? hostCopy(data) : null)
    if (data.length > 0) this.#pool.write(elements.texels, numbersOf(data, dtype))
    return elements
  }

  free(elements: Elements): void {
    if (elements.freed) return
    elements.freed = true
    this.#live--
    this.#collected.unregister(elements)
    this.#pool.give(elements.texels)
  }
}
