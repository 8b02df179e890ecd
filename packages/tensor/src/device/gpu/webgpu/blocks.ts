import { DeviceError } from '../../../core/errors.js'

/** What can go wrong with a buffer after its handle was given out; `error` is set once it has. */
export interface Fault {
  error: Error | null
  /** Whether it is known how it went. */
  settled: boolean
}

/** A buffer of the GPU. */
export interface Block {
  readonly buffer: GPUBuffer
  readonly bytes: number
  /** Unlike any other's, for keys of what refers to it. */
  readonly id: number
  /** Whether there was room for it. */
  readonly fault: Fault
}

/** Sizes go up in quarters of powers of two, so that buffers fit again. */
const sizeClass = (bytes: number): number => {
  if (bytes <= 256) return 256
  const step = 2 ** Math.max(6, Math.floor(Math.log2(bytes - 1)) - 2)
  return Math.ceil(bytes / step) * step
}

const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`

// STORAGE, COPY_SRC, COPY_DST and INDIRECT: the names are globals that a host may lack.
const usage = 0x80 | 0x4 | 0x8

/** GPU buffers that are used again. What is queued on the GPU is done in order, so a buffer may be given out at once. */
export class BlockPool {
  readonly #device: GPUDevice
  readonly #free = new Map<number, Block[]>()
  readonly limit: number
  readonly #settle: () => boolean
  #next = 0
  #reserved = 0
  #idle = 0

  /** `settle` submits all work that was asked for and tells whether it could: a buffer that it uses must not be destroyed before. */
  constructor(device: GPUDevice, limit: number, settle: () => boolean) {
    this.#device = device
    this.limit = limit
    this.#settle = settle
  }

  /** Bytes taken from the system. */
  get reserved(): number {
    return this.#reserved
  }

  /** A buffer of at least so many bytes. Throws DeviceError where that would be too many. */
  take(bytes: number): Block {
    const size = sizeClass(bytes)
    const list = this.#free.get(size)
    const known = list?.pop()
    if (known !== undefined) {
      this.#idle -= size
      return known
    }
    const { maxBufferSize, maxStorageBufferBindingSize } = this.#device.limits
    const largest = Math.min(maxBufferSize, maxStorageBufferBindingSize)
    if (size > largest)
      throw new DeviceError(
        `gpu: an array of ${mebibytes(bytes)} is larger than this adapter's largest buffer, ${mebibytes(largest)} (an element takes 4 bytes whatever its dtype); split it`,
      )
    if (this.#reserved + size > this.limit) this.trim()
    if (this.#reserved + size > this.limit)
      throw new DeviceError(
        `gpu: ${mebibytes(this.#reserved)} are in use and ${mebibytes(bytes)} more were asked for, above the limit of ${mebibytes(this.limit)}; a synchronous loop lets nothing be freed: await a value now and then, wrap it in scope(), or compile it with jit`,
      )
    return this.#create(size)
  }

  #create(bytes: number): Block {
    const fault: Fault = { error: null, settled: false }
    this.#device.pushErrorScope('out-of-memory')
    const buffer = this.#device.createBuffer({ size: bytes, usage })
    void this.#device.popErrorScope().then(
      (error) => {
        fault.settled = true
        if (error === null) return
        fault.error = new DeviceError(
          `gpu: out of memory: there was no room for ${mebibytes(bytes)} with ${mebibytes(this.#reserved)} in use; free tensors or use smaller batches`,
        )
      },
      // The device is lost: that is told by itself.
      () => (fault.settled = true),
    )
    this.#reserved += bytes
    return { buffer, bytes, id: this.#next++, fault }
  }

  /** Takes a buffer back. */
  give(block: Block): void {
    // There is nothing behind it.
    if (block.fault.error !== null) {
      this.#reserved -= block.bytes
      return
    }
    const list = this.#free.get(block.bytes)
    if (list === undefined) this.#free.set(block.bytes, [block])
    else list.push(block)
    this.#idle += block.bytes
    // What lies idle is bounded by what is in use.
    if (this.#idle > Math.max(2 ** 28, this.#reserved / 2)) this.trim()
  }

  #destroy(block: Block): void {
    this.#reserved -= block.bytes
    block.buffer.destroy()
  }

  /** Gives what nobody uses back to the system. */
  trim(): void {
    if (this.#idle === 0 || !this.#settle()) return
    for (const list of this.#free.values()) for (const block of list) this.#destroy(block)
    this.#free.clear()
    this.#idle = 0
  }
}
