import { deviceByName } from '../device/registry.js'
import { formatTensor } from '../print/format.js'
import { ArrayOps, type NestedNumbers } from './array-ops.js'
import { Cell } from './cell.js'
import type { Aval, DType, TypedArray } from './dtype.js'
import { TraceError } from './errors.js'
import { decoded, hostCopy, numberOf } from './host.js'
import { formatShape, type Shape, sizeOf } from './shape.js'
import type { Trace } from './trace.js'

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
      value(this: Tensor): string {
        return formatTensor(this)
      },
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

  override async data(): Promise<TypedArray> {
    return copied(this.dtype, await this.cell('data').fetch())
  }

  override dataSync(): TypedArray {
    return copied(this.dtype, this.cell('dataSync').peekOrThrow('dataSync'))
  }

  override item(): number | boolean {
    const data = this.cell('item').peekOrThrow('item')
    if (this.size !== 1)
      throw new TypeError(
        `item: only a tensor of one element is a scalar, got shape ${formatShape(this.shape)}; use toArray() or data()`,
      )
    if (this.dtype === 'key') throw new TypeError('item: a random key is no number; use random.keyData(key)')
    return this.dtype === 'bool' ? data[0] !== 0 : numberOf(this.dtype, data[0]!)
  }

  override toArray(): NestedNumbers {
    return nestArray(
      decoded(this.dtype, this.cell('toArray').peekOrThrow('toArray')),
      this.dtype === 'key' ? [...this.shape, 2] : this.shape,
      this.dtype === 'bool',
    )
  }

  override to(device: string): Tensor {
    const target = deviceByName('to', device)
    const cell = this.cell('to')
    if (cell.device === target) return this
    return new Tensor(
      this.aval,
      this.trace,
      new Cell(target, cell.dtype, cell.length, target.upload(cell.peekOrThrow('to'), cell.dtype)),
    )
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

/** Keeps a tensor's elements when the scope that they were made in ends; for what stores tensors. */
export const keepTensor = (x: Tensor): void => {
  if (x.concrete) x.cell('keep').keep()
}

/** What a read hands out: never the device's own memory. */
const copied = (dtype: DType, stored: TypedArray): TypedArray => {
  const numbers = decoded(dtype, stored)
  return numbers === stored ? hostCopy(stored) : numbers
}

/** Elements in row-major order as nested arrays. */
const nestArray = (data: TypedArray, shape: Shape, isBool: boolean): NestedNumbers => {
  let at = 0
  const nest = (axis: number): NestedNumbers => {
    if (axis === shape.length) {
      const v = data[at++]!
      return isBool ? v !== 0 : v
    }
    return Array.from({ length: shape[axis]! }, () => nest(axis + 1))
  }
  return nest(0)
}
