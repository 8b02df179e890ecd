import { ArrayOps, asarray, type Tensor } from '@linum/tensor'
import { freezeMetadata, type Metadata } from './metadata.js'

/**
 * A value on its way into a Variable, with metadata for it: what an initializer of `withMetadata` returns. It is
 * accepted wherever a tensor is.
 */
export class VariableMetadata<A = Tensor> extends ArrayOps {
  declare readonly is: { readonly VariableMetadata: true }
  readonly value: A
  readonly metadata: Metadata<A>

  constructor(value: A, metadata: Metadata<A>) {
    super()
    this.value = value
    this.metadata = freezeMetadata(metadata)
  }

  override asTensor(): Tensor {
    const value: unknown = this.value
    if (typeof value === 'number' || typeof value === 'boolean') return asarray(value)
    if (value instanceof ArrayOps) return value.asTensor()
    throw new TypeError(
      `VariableMetadata: a value that is no tensor has no tensor operations, got ${typeof value}; use .value`,
    )
  }
}

const hooks = ['onCreateValue', 'onGetValue', 'onSetValue', 'onAddAxis', 'onRemoveAxis'] as const

/** Both metadata in one: those of the value win, except for hooks. */
export const joinMetadata = <A>(ofValue: Metadata<A>, own: Metadata<A>): Metadata<A> => {
  const joined: { [key: string]: unknown } = { ...own, ...ofValue }
  for (const hook of hooks) if (own[hook] !== undefined) joined[hook] = own[hook]
  return joined
}

/**
 * An initializer whose values make Variables carry these metadata, hooks among them:
 * `new Param(withMetadata(init, { sharding: ['data', null] })(key, shape))`. As an option of a layer it marks the
 * parameters that the layer makes.
 */
export const withMetadata =
  <Args extends readonly unknown[], A>(
    initializer: (...args: Args) => A,
    metadata: Metadata<A>,
  ): ((...args: Args) => A) =>
  (...args) =>
    new VariableMetadata<A>(initializer(...args), metadata) as unknown as A
