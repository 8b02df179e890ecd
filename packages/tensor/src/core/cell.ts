import type { Device, DeviceBuffer } from '../device/device.js'
import { countBuffer, uncountBuffer } from './account.js'
import { dtypeBytes, type StoredDType, type TypedArray } from './dtype.js'
import { DeviceError, TraceError } from './errors.js'

/** Where cells that are made now are noted, innermost scope last. */
let watching: Set<Cell> | null = null

/** Notes every cell that `f` makes, for the outer watcher too once `f` is done. */
export const watchCells = <R>(made: Set<Cell>, f: () => R): R => {
  const outer = watching
  watching = made
  try {
    return f()
  } finally {
    watching = outer
    if (outer !== null) for (const cell of made) outer.add(cell)
  }
}

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
  #shared = false
  #kept = false

  constructor(device: Device, dtype: StoredDType, length: number, buffer: DeviceBuffer) {
    this.device = device
    this.dtype = dtype
    this.length = length
    this.#buffer = buffer
    watching?.add(this)
    countBuffer(this, device.name, this.bytes)
  }

  get bytes(): number {
    return this.length * dtypeBytes(this.dtype)
  }

  /** The device's handle. Throws once the cell was freed or given away. */
  get buffer(): DeviceBuffer {
    if (this.#buffer === null)
      throw new TraceError(`tensor: its memory is gone, ${this.#gone}; keep using the value that replaced it`)
    return this.#buffer
  }

  /** Whether it may be given away: not one that the library shares out. */
  get mine(): boolean {
    return !this.#pinned
  }

  /** Whether more than one tensor has it: what becomes of one, the others would see. */
  get shared(): boolean {
    return this.#shared
  }
  /** Notes that another tensor has it too. */
  share(): this {
    this.#shared = true
    return this
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

  /** Whether something outlives the scope that this was made in: a Variable, a compiled function. */
  get kept(): boolean {
    return this.#kept || this.#pinned
  }
  /** Keeps the buffer when the scope that this was made in ends. */
  keep(): void {
    this.#kept = true
  }

  /** Gives the buffer away, to a cell that takes its place; `why` appears in the error of a later use. */
  release(why: string): void {
    if (this.#buffer === null) return
    uncountBuffer(this, this.device.name, this.bytes)
    this.#buffer = null
    this.#host = null
    this.#gone = why
  }

  /** Frees the buffer now; `why` appears in the error of a later use. Idempotent. */
  free(why: string): void {
    if (this.#buffer === null || this.#pinned) return
    this.device.free(this.#buffer)
    this.release(why)
  }

  /** The elements for a synchronous read named `fn`. Throws DeviceError where the device cannot serve it. */
  peekOrThrow(fn: string): TypedArray {
    const data = this.peek()
    if (data === null)
      throw new DeviceError(`${fn}: this tensor has not been read from '${this.device.name}' yet; await x.data() first`)
    return data
  }
}
