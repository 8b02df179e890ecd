import * as contract from '../ops/products/contract.js'
import * as elementwise from '../ops/elementwise/elementwise.js'
import * as indexing from '../ops/indexing/indexing.js'
import * as layout from '../ops/shape/layout.js'
import * as nn from '../ops/elementwise/nn.js'
import * as reduce from '../ops/reduce/reduce.js'
import * as shape from '../ops/shape/shape.js'
import * as sorting from '../ops/order/sort.js'
import type { DType, TypedArray } from './dtype.js'
import { TraceError } from './errors.js'
import type { Tensor } from './tensor.js'

/** What every numeric function accepts. Numbers and booleans are weakly typed; a Variable stands for its value. */
export type TensorLike = number | boolean | ArrayOps

/** Numbers nested as deep as the shape is long; booleans for dtype bool. */
export type NestedNumbers = number | boolean | readonly NestedNumbers[]

/** The method that a data-first function gives: it drops its first parameter. */
type Method<F> = F extends (x: never, ...rest: infer A) => infer R ? (...rest: A) => R : never
type Methods<M> = { [K in keyof M]: Method<M[K]> }

/** Every function of these modules is a function and a method: the modules are the one table of both. */
const tables = [elementwise, reduce, shape, indexing, contract, sorting, nn, layout] as const

export interface ArrayOps
  extends
    Methods<typeof elementwise>,
    Methods<typeof reduce>,
    Methods<typeof shape>,
    Methods<typeof indexing>,
    Methods<typeof contract>,
    Methods<typeof sorting>,
    Methods<typeof nn>,
    Methods<typeof layout> {}

/** The surface shared by everything that stands for an array: a Tensor, or a Variable that holds one. */
export abstract class ArrayOps {
  static {
    for (const table of tables) {
      for (const [name, f] of Object.entries(table)) {
        const apply = f as (x: ArrayOps, ...rest: unknown[]) => unknown
        Object.defineProperty(this.prototype, name, {
          value: {
            [name](this: ArrayOps, ...rest: unknown[]): unknown {
              return apply(this, ...rest)
            },
          }[name],
          writable: true,
          configurable: true,
        })
      }
    }
  }

  /** The tensor that this stands for. */
  abstract asTensor(): Tensor

  get shape(): readonly number[] {
    return this.asTensor().shape
  }
  get dtype(): DType {
    return this.asTensor().dtype
  }
  get weak(): boolean {
    return this.asTensor().weak
  }
  get ndim(): number {
    return this.shape.length
  }
  get size(): number {
    return this.asTensor().size
  }
  /** The device that holds the elements; null for a traced value, which has none yet. */
  get device(): string | null {
    return this.asTensor().device
  }
  /** All axes reversed. */
  get T(): Tensor {
    return shape.transpose(this)
  }
  /** The last two axes swapped. */
  get mT(): Tensor {
    return shape.swapaxes(this, -1, -2)
  }

  /** A copy of the elements, on any device: Uint8Array for bool, pairs of words in a Uint32Array for keys. */
  data(): Promise<TypedArray> {
    return this.asTensor().data()
  }
  /** As `data`, without waiting. Throws DeviceError where the device cannot serve it before `await x.data()`. */
  dataSync(): TypedArray {
    return this.asTensor().dataSync()
  }
  /** The only element. Throws TypeError for other sizes than 1, DeviceError where it must be awaited first. */
  item(): number | boolean {
    return this.asTensor().item()
  }
  /** The elements as nested arrays. Keys give their two words. Reads as `dataSync` does. */
  toArray(): NestedNumbers {
    return this.asTensor().toArray()
  }
  /** A copy on another device; the tensor itself if it is there. Throws DeviceError for a device that is not available. */
  to(device: string): Tensor {
    return this.asTensor().to(device)
  }

  /** The elements of a 0-dimensional tensor where the hint is a number; else an error, because `x + y` cannot be overloaded. */
  [Symbol.toPrimitive](hint: 'number' | 'string' | 'default'): number | string {
    const t = this.asTensor()
    if (hint === 'string') return t.toString()
    if (t.trace.level > 0)
      throw new TraceError(
        `${t.trace.label}: a traced value has no number yet; use tensor functions such as x.add(y), or where(c, a, b) for a choice`,
      )
    if (hint === 'number' && t.size === 1) return Number(t.item())
    throw new TypeError(
      'operators do not apply to tensors; use x.add(y), x.mul(y), x.less(y) ..., or x.item() for a number',
    )
  }
}
