import { dtypeBytes, type StoredDType, type TypedArray } from '../../core/dtype.js'
import { DeviceError } from '../../core/errors.js'
import { hostCopy, hostView } from '../../core/host.js'
import type { DeviceBuffer } from '../device.js'
import type { Heap } from './heap.js'

/** Where a buffer's elements are: in the memory, or spilled to an array of the engine's. */
export interface Place {
  readonly dtype: StoredDType
  readonly length: number
  /** Null once spilled. */
  address: number | null
  /** The elements while they are spilled. */
  host: TypedArray | null
  /** The last call that used it. */
  stamp: number
}

/** What tensors hold. The device knows the place but not the handle, so that the collector can take it. */
export interface Handle {
  readonly place: Place
}

export const handleOf = (buffer: DeviceBuffer): Handle => buffer as unknown as Handle
export const bufferOf = (handle: Handle): DeviceBuffer => handle as unknown as DeviceBuffer

/** Tensors may take this much before the least recently used are spilled; more once spilled ones turn out to be in use. */
const firstLimit = 128 << 20
/** Of the limit, what is left after spilling. */
const keptShare = 0.5
/** Of the limit, what may come back between two spills before the limit is raised. */
const returnedShare = 1 / 8

/**
 * The buffers of a device. The garbage collector frees them when the program yields; a program that never yields is
 * bounded by spilling: the least recently used move to arrays of the engine, which it can collect at any time.
 */
export class Buffers {
  readonly #heap: Heap
  readonly #resident = new Set<Place>()
  readonly #collected: FinalizationRegistry<Place>
  #bytes = 0
  #limit = firstLimit
  #returned = 0
  #spills = 0
  #now = 0

  constructor(heap: Heap) {
    this.#heap = heap
    this.#collected = new FinalizationRegistry((place) => this.#release(place))
  }

  /** Bytes that resident buffers take. */
  get bytes(): number {
    return this.#bytes
  }
  /** How many buffers were spilled since the start. */
  get spills(): number {
    return this.#spills
  }

  /** Begins a call: what it uses from now on is not spilled before the next one begins. */
  begin(): void {
    this.#now++
  }

  /** A new buffer; its elements are whatever was there. */
  allocate(dtype: StoredDType, length: number): Handle {
    const place: Place = {
      dtype,
      length,
      address: this.#take(length * dtypeBytes(dtype)),
      host: null,
      stamp: this.#now,
    }
    return this.#track({ place })
  }

  /** The address of a buffer's elements, brought back if they were spilled. */
  use(handle: Handle): number {
    const { place } = handle
    place.stamp = this.#now
    if (place.address !== null) return place.address
    const { host } = place
    if (host === null) throw new DeviceError('wasm: a buffer was used after it was freed')
    const address = this.#take(host.byteLength)
    hostView(place.dtype, this.#heap.buffer, address, place.length).set(host)
    place.address = address
    place.host = null
    this.#returned += host.byteLength
    this.#track(handle)
    return address
  }

  /** The elements. Not a copy: good until the buffer is next used or freed. */
  view(handle: Handle): TypedArray {
    const { host, address, dtype, length } = handle.place
    if (host !== null) return host
    if (address === null) throw new DeviceError('wasm: a buffer was read after it was freed')
    return hostView(dtype, this.#heap.buffer, address, length)
  }

  free(handle: Handle): void {
    this.#collected.unregister(handle.place)
    this.#release(handle.place)
  }

  #track(handle: Handle): Handle {
    this.#resident.add(handle.place)
    this.#collected.register(handle, handle.place, handle.place)
    return handle
  }

  #take(bytes: number): number {
    if (this.#bytes + bytes > this.#limit) this.#spill(this.#limit * keptShare - bytes)
    let address: number
    try {
      address = this.#heap.allocate(bytes)
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error
      this.#spill(0)
      address = this.#heap.allocate(bytes)
    }
    this.#bytes += bytes
    return address
  }

  #release(place: Place): void {
    place.host = null
    if (place.address === null) return
    const bytes = place.length * dtypeBytes(place.dtype)
    this.#heap.release(place.address, bytes)
    this.#bytes -= bytes
    place.address = null
    this.#resident.delete(place)
  }

  /** Moves the least recently used buffers out until at most `target` bytes are left, but none of the running call. */
  #spill(target: number): void {
    if (this.#returned > this.#limit * returnedShare) this.#limit *= 2
    this.#returned = 0
    const oldest = [...this.#resident].filter((p) => p.stamp < this.#now).sort((a, b) => a.stamp - b.stamp)
    for (const place of oldest) {
      if (this.#bytes <= target) return
      const host = hostCopy(hostView(place.dtype, this.#heap.buffer, place.address!, place.length))
      // The registry must not keep the place, and with it the copy, alive.
      this.#collected.unregister(place)
      this.#release(place)
      place.host = host
      this.#spills++
    }
  }
}
