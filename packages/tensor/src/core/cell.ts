import type { Device, DeviceBuffer } from '../device/device.js'
import type { StoredDType, TypedArray } from './dtype.js'
import { DeviceError, TraceError } from './errors.js'

/**
 * The place of a concrete tensor's elements: a buffer of a device, and a host copy once it was read.
 * Several tensors may share one cell (reshapes, copies); a cell is never written while it is shared.
 */
export class Cell {
  readonly device: Device
  readonly dtype: StoredDType
  readonly length: number
  #buffer: DeviceBuffer | null
  #host: TypedArray | null = null
  #gone = ''
  #pinned = false

  constructor(device: Device, dtype: StoredDType, length: number, buffer: DeviceBuffer) {
    this.device = device
    this.dtype = dtype
    this.length = length
    this.#buffer = buffer
  }

  /** The device's handle. Throws once the cell was freed or given away. */
  get buffer(): DeviceBuffer {
    if (this.#buffer === null)
      throw new TraceError(`tensor: its memory is gone, ${this.#gone}; keep using the value that replaced it`)
    return this.#buffer
  }

  get live(): boolean {
    return this.#buffer !== null
  }

  /** The elements, without waiting, or null where the device cannot serve them yet. Not a copy: never hand it out. */
  peek(): TypedArray | null {
    if (this.#host !== null) return this.#host
    const data = this.device.readSync(this.buffer)
    return data
  }

  /** The elements, once the device has them; kept, so that later reads need not wait. Not a copy. */
  async fetch(): Promise<TypedArray> {
    const now = this.peek()
    if (now !== null) return now
    const data = await this.device.read(this.buffer)
    if (this.live) this.#host = data
    return data
  }

  /** Keeps the buffer whoever frees a tensor of it: for values that the library shares out, such as literals. */
  pin(): void {
    this.#pinned = true
  }

  /** Frees the buffer now; `why` appears in the error of a later use. Idempotent. */
  free(why: string): void {
    if (this.#buffer === null || this.#pinned) return
    this.device.free(this.#buffer)
    this.#buffer = null
    this.#host = null
    this.#gone = why
  }

  /** The elements for a synchronous read named `fn`. Throws DeviceError where the device cannot serve it. */
  peekOrThrow(fn: string): TypedArray {
    const data = this.peek()
    if (data === null)
      throw new DeviceError(`${fn}: this tensor has not been read from '${this.device.name}' yet; await x.data() first`)
    return data
  }
}
