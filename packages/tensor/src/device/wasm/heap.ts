import { DeviceError } from '../../core/errors.js'

const page = 1 << 16
/** Everything starts on a cache line. */
const alignment = 64
/** Memory before the first and after the last allocation, so that vectors may read beyond a buffer's ends. */
const margin = 4096

/** Sizes that are allocated: multiples of 64 bytes up to 512, then eighths of powers of two, so that freed places fit again. */
const roundedSize = (bytes: number): number => {
  const step = stepOf(Math.max(bytes, alignment))
  return Math.max(alignment, Math.ceil(bytes / step) * step)
}
const stepOf = (bytes: number): number => Math.max(alignment, 2 ** (31 - Math.clz32(bytes) - 3))

/** The number of a size among those that are allocated. */
const classOf = (size: number): number => {
  if (size <= 512) return size / alignment
  const power = 31 - Math.clz32(size)
  return 8 * (power - 8) + (size - 2 ** power) / 2 ** (power - 3)
}
const sizeOfClass = (k: number): number => {
  if (k <= 8) return k * alignment
  const power = Math.floor(k / 8) + 8
  return 2 ** power + (k % 8) * 2 ** (power - 3)
}

/** Opens a memory with the greatest maximum that the engine grants: phones refuse large shared ones. */
export const openMemory = (shared: boolean): { readonly memory: WebAssembly.Memory; readonly pages: number } => {
  let refused: unknown
  for (const pages of [65536, 32768, 16384, 8192]) {
    try {
      return { memory: new WebAssembly.Memory({ initial: 64, maximum: pages, shared }), pages }
    } catch (error) {
      refused = error
    }
  }
  throw new DeviceError(`wasm: no memory to be had, not even 512 MiB: ${(refused as Error).message}`)
}

interface Range {
  readonly from: number
  readonly to: number
}

/** Places in a WebAssembly memory. Freed places are reused by size; neighbours are joined when nothing fits. */
export class Heap {
  readonly memory: WebAssembly.Memory
  readonly #maximum: number
  /** Addresses of free places by the class of their size. */
  readonly #free: number[][] = []
  #top = margin
  #inUse = 0
  #words: Int32Array

  constructor(memory: WebAssembly.Memory, pages: number) {
    this.memory = memory
    this.#maximum = pages * page
    this.#words = new Int32Array(memory.buffer)
  }

  /** The memory as words. Derive it anew after anything that may have grown the memory. */
  get words(): Int32Array {
    return this.#words
  }
  /** The memory's bytes; views of it end where the memory ended when they were made. */
  get buffer(): ArrayBufferLike {
    return this.#words.buffer
  }
  /** Bytes of live allocations. */
  get inUse(): number {
    return this.#inUse
  }
  /** Bytes taken from the system. */
  get reserved(): number {
    return this.#words.byteLength
  }

  /** An address of at least `bytes` bytes, aligned to 64. Throws DeviceError when memory is exhausted. */
  allocate(bytes: number): number {
    const size = roundedSize(bytes)
    const address =
      this.#free[classOf(size)]?.pop() ??
      this.#bump(size) ??
      this.#cut(size) ??
      this.#cutJoined(size) ??
      (this.#grow(this.#top + size + margin) ? this.#bump(size) : null)
    if (address === null)
      throw new DeviceError(
        `wasm: out of memory, ${bytes} bytes do not fit, ${this.#inUse} of at most ${this.#maximum} are in use; keep fewer tensors, or free them earlier with scope(f)`,
      )
    this.#inUse += size
    return address
  }

  /** Gives back what `allocate(bytes)` gave. */
  release(address: number, bytes: number): void {
    const size = roundedSize(bytes)
    this.#inUse -= size
    this.#put(address, size)
  }

  #put(address: number, size: number): void {
    const places = (this.#free[classOf(size)] ??= [])
    places.push(address)
  }

  /** Takes from the end of what is used, where the memory there is has room. */
  #bump(size: number): number | null {
    if (this.#top + size + margin > this.reserved) return null
    const address = this.#top
    this.#top += size
    return address
  }

  #grow(bytes: number): boolean {
    if (bytes > this.#maximum) return false
    // By an eighth at least, so that growing stays rare.
    const wanted = Math.min(this.#maximum, Math.max(bytes, this.reserved + Math.max(1 << 24, this.reserved / 8)))
    for (const target of [wanted, bytes]) {
      try {
        this.memory.grow(Math.ceil((target - this.reserved) / page))
        this.#words = new Int32Array(this.memory.buffer)
        return true
      } catch (error) {
        if (!(error instanceof RangeError)) throw error
      }
    }
    return false
  }

  /** Cuts from the smallest free place that is larger. */
  #cut(size: number): number | null {
    for (let k = classOf(size); k < this.#free.length; k++) {
      const address = this.#free[k]?.pop()
      if (address === undefined) continue
      this.#putRange(address + size, address + sizeOfClass(k))
      return address
    }
    return null
  }

  #cutJoined(size: number): number | null {
    this.#join()
    return this.#bump(size) ?? this.#cut(size)
  }

  /** Puts a range back as places of sizes that are allocated. */
  #putRange(from: number, to: number): void {
    let at = from
    while (at < to) {
      const size = largestBelow(to - at)
      this.#put(at, size)
      at += size
    }
  }

  /** Joins neighbouring free places; those at the end of what is used go back there. */
  #join(): void {
    const places: Range[] = []
    this.#free.forEach((addresses, k) => {
      for (const from of addresses) places.push({ from, to: from + sizeOfClass(k) })
    })
    places.sort((a, b) => a.from - b.from)
    const ranges: { from: number; to: number }[] = []
    for (const { from, to } of places) {
      const last = ranges.at(-1)
      if (last?.to === from) last.to = to
      else ranges.push({ from, to })
    }
    const last = ranges.at(-1)
    if (last?.to === this.#top) {
      this.#top = last.from
      ranges.pop()
    }
    this.#free.length = 0
    for (const { from, to } of ranges) this.#putRange(from, to)
  }
}

/** The largest size that is allocated and not above `room`. */
const largestBelow = (room: number): number => {
  const step = stepOf(room)
  return Math.floor(room / step) * step
}
