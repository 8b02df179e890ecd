import type { Tensor } from '@linum/tensor'
import { bind1, type PrimitiveName, type PrimitiveParams, sameShape } from '@linum/tensor/core'

/** One application of a primitive to operands some of which have a leading batch axis of extent `size`. */
export interface BatchApplication<P> {
  readonly inputs: readonly Tensor[]
  readonly batched: readonly boolean[]
  readonly size: number
  readonly params: P
}

/** The batching rule of a primitive: its results for every batch entry, each with a leading batch axis. */
export type BatchRule<P> = (application: BatchApplication<P>) => readonly Tensor[]

/** A complete table over some primitives: a missing entry does not compile. */
export type BatchRules<P> = { readonly [K in keyof P]: BatchRule<P[K]> }

/** An operand repeated along a new leading axis. */
export const repeated = (x: Tensor, size: number): Tensor =>
  bind1('broadcast_in_dim', [x], { shape: [size, ...x.shape], dims: x.shape.map((_, i) => i + 1) })

/** Every operand with the batch axis. */
export const allBatched = ({ inputs, batched, size }: BatchApplication<unknown>): readonly Tensor[] =>
  inputs.map((x, i) => (batched[i] === true ? x : repeated(x, size)))

/** The operand's shape without the batch axis. */
export const ownShape = (x: Tensor, isBatched: boolean | undefined): readonly number[] =>
  isBatched === true ? x.shape.slice(1) : x.shape

/** The operands of a broadcasting operation: batched ones get extents of 1 behind the batch axis, so that all align from the right. */
export const aligned = ({ inputs, batched }: BatchApplication<unknown>): readonly Tensor[] => {
  const rank = Math.max(...inputs.map((x, i) => ownShape(x, batched[i]).length))
  return inputs.map((x, i) => {
    if (batched[i] !== true) return x
    const own = x.shape.slice(1)
    const shape = [x.shape[0]!, ...Array.from({ length: rank - own.length }, () => 1), ...own]
    return sameShape(shape, x.shape) ? x : bind1('reshape', [x], { shape })
  })
}

/** A rule that applies the same primitive with parameters for one more leading axis. */
export const shifted =
  <K extends PrimitiveName>(
    name: K,
    shift: (params: PrimitiveParams[K], size: number) => PrimitiveParams[K],
  ): BatchRule<PrimitiveParams[K]> =>
  ({ inputs, params, size }) => [bind1(name, inputs, shift(params, size))]

/** For primitives without operands: no operand can bring a batch axis. */
export const nothingToBatch = (): never => {
  throw new TypeError('vmap: a primitive without operands has nothing to batch')
}
