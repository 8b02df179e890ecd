import { ArrayOps, asarray, type Tensor, treeNode } from '@linum/tensor'
import { immerable } from '../state/immerable.js'
import { inspectSymbol, inspectVariable } from '../display/inspect.js'
import { fieldsEqual, fieldsHash, mix, staticHash, type Structural } from '../structural.js'
import { freezeMetadata, type Metadata, noMetadata } from './metadata.js'
import { toStored } from './stored.js'
import type { VariableClass } from './variable.js'

/** What a snapshot keeps while a transform maps its value. */
class VariableInfo implements Structural {
  readonly type: VariableClass
  readonly metadata: Metadata

  constructor(type: VariableClass, metadata: Metadata) {
    this.type = type
    this.metadata = metadata
  }

  equals(other: unknown): boolean {
    return other instanceof VariableInfo && other.type === this.type && fieldsEqual(other.metadata, this.metadata)
  }

  toString(): string {
    return this.type.name
  }

  get hash(): number {
    return mix(staticHash(this.type), fieldsHash(this.metadata))
  }
}

/**
 * The leaf of a State: a snapshot of a Variable with its type, value and metadata, without identity. It has every
 * method of a Tensor. As a tree node it has one child, the value.
 */
export class VariableState<A = Tensor> extends ArrayOps {
  declare readonly is: { readonly VariableState: true }
  readonly type: VariableClass
  readonly value: A
  readonly metadata: Metadata<A>

  static {
    Object.defineProperty(this.prototype, immerable, { value: true })
    Object.defineProperty(this.prototype, inspectSymbol, { value: inspectVariable })
    Object.defineProperty(this.prototype, treeNode, {
      value: {
        flatten: (x: VariableState<unknown>): readonly [readonly unknown[], unknown] => [
          [x.value],
          new VariableInfo(x.type, x.metadata),
        ],
        unflatten: ({ type, metadata }: VariableInfo, [value]: readonly unknown[]): VariableState<unknown> =>
          new VariableState<unknown>(type, value, metadata, true),
        keys: (): readonly string[] => ['value'],
      },
    })
  }

  /** `asIs`: the value is taken as it is, which a tree of something else than tensors needs. */
  constructor(type: VariableClass, value: A, metadata: Metadata<A> = noMetadata, asIs = false) {
    super()
    this.type = type
    this.value = asIs ? value : toStored(value)
    this.metadata = freezeMetadata(metadata)
  }

  get tag(): string | undefined {
    return this.metadata.tag
  }

  /** The same type with another value, and with these metadata on top of the old. */
  replace<B = A>(value: B, metadata: Metadata<B> = noMetadata): VariableState<B> {
    return new VariableState<B>(this.type, value, {
      ...(this.metadata as Metadata),
      ...(metadata as Metadata),
    } as Metadata<B>)
  }

  override asTensor(): Tensor {
    const value: unknown = this.value
    if (typeof value === 'number' || typeof value === 'boolean') return asarray(value)
    if (value instanceof ArrayOps) return value.asTensor()
    throw new TypeError(
      `VariableState: a value that is no tensor has no tensor operations, got ${typeof value}; use .value`,
    )
  }
}
