import { formatTensor } from '../print/format.js'
import { ArrayOps } from './array-ops.js'
import type { Cell } from './cell.js'
import { type Aval, type DType, hostArray, type TypedArray } from './dtype.js'
import { TraceError } from './errors.js'
import { formatShape, type Shape, sizeOf } from './shape.js'
import type { Trace } from './trace.js'

/** Numbers nested as deep as the shape is long; booleans for dtype bool. */
export type NestedNumbers = number | boolean | readonly NestedNumbers[]

/**
 * An immutable n-dimensional array. Concrete, its elements live in a cell of a device; inside a transform it may
 * be a tracer, which has a shape and a dtype but no elements.
 */
export class Tensor extends ArrayOps implements Disposable {
  readonly aval: Aval
  /** The trace that this value belongs to; evaluation for concrete ones. */
  readonly trace: Trace
  readonly #cell: Cell | null

  static {
    // What the consoles of Node and Deno call.
    Object.defineProperty(this.prototype, Symbol.for('nodejs.util.inspect.custom'), {
      value(this: Tensor): string { return formatTensor(this) },
    })
  }

  /** For the library's own use: make tensors with `array`, `zeros` and the like. */
  constructor(aval: Aval, trace: Trace, cell: Cell | null) {
    super()
    this.aval = aval
    this.trace = trace
    this.#cell = cell
  }

  override asTensor(): Tensor {
    return this
  }
  override get shape(): Shape {
    return this.aval.shape
  }
  override get dtype(): DType {
    return this.aval.dtype
  }
  override get weak(): boolean {
    return this.aval.weak
  }
  override get size(): number {
    return sizeOf(this.aval.shape)
  }
  override get device(): string | null {
    return this.#cell === null ? null : this.#cell.device.name
  }

  /** Whether this has elements, now or soon, rather than being a transform's placeholder. */
  get concrete(): boolean {
    return this.#cell !== null
  }

  /** Where the elements are. Throws TraceError for a tracer, naming `fn`. */
  cell(fn: string): Cell {
    if (this.#cell === null) {
      throw new TraceError(
        `${fn}: a traced value of shape ${formatShape(this.shape)} has no elements inside ${this.trace.label}; return it and read it outside`,
      )
    }
    return this.#cell
  }

  /** A copy of the elements, on any device: Uint8Array for bool, pairs of words in a Uint32Array for keys. */
  async data(): Promise<TypedArray> {
    return (await this.cell('data').fetch()).slice()
  }

  /** As `data`, without waiting. Throws DeviceError where the device cannot serve it before `await x.data()`. */
  dataSync(): TypedArray {
    return this.cell('dataSync').peekOrThrow('dataSync').slice()
  }

  /** The only element. Throws TypeError for other sizes than 1, DeviceError where it must be awaited first. */
  item(): number | boolean {
    const data = this.cell('item').peekOrThrow('item')
    if (this.size !== 1) throw new TypeError(`item: only a tensor of one element is a scalar, got shape ${formatShape(this.shape)}; use toArray() or data()`)
    if (this.dtype === 'key') throw new TypeError("item: a random key is no number; use random.keyData(key)")
    return this.dtype === 'bool' ? data[0] !== 0 : data[0]!
  }

  /** The elements as nested arrays. Keys give their two words. Reads as `dataSync` does. */
  toArray(): NestedNumbers {
    const data = this.cell('toArray').peekOrThrow('toArray')
    const shape = this.dtype === 'key' ? [...this.shape, 2] : this.shape
    const bool = this.dtype === 'bool'
    let at = 0
    const nest = (axis: number): NestedNumbers => {
      if (axis === shape.length) {
        const v = data[at++]!
        return bool ? v !== 0 : v
      }
      return Array.from({ length: shape[axis]! }, () => nest(axis + 1))
    }
    return nest(0)
  }

  /** Frees the elements now instead of when the garbage collector comes by; a later use throws. Idempotent. */
  [Symbol.dispose](): void {
    this.#cell?.free('it was disposed')
  }

  /** As NumPy prints. Never throws: a tracer or an unread tensor prints its type. */
  override toString(): string {
    return formatTensor(this)
  }
}

/** Zeroed host memory for a tensor of this type. */
export const hostArrayOf = (aval: Aval): TypedArray => hostArray(aval.dtype, sizeOf(aval.shape))
