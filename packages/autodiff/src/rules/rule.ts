import type { Tensor } from '@linum/tensor'
import { bind1, sameShape } from '@linum/tensor/core'

/** A cotangent; null stands for zero and costs nothing. */
export type Cotangent = Tensor | null

/** What a reverse rule knows of one application of its primitive. */
export interface Application<P> {
  readonly inputs: readonly Tensor[]
  readonly outputs: readonly Tensor[]
  readonly params: P
  /** Which inputs a cotangent is wanted for; the others may be null. */
  readonly need: readonly boolean[]
}

/**
 * The reverse rule of a primitive: from the outputs' cotangents those of the inputs. Written in tensor operations, so
 * that a derivative can be differentiated, traced and batched in turn.
 */
export type ReverseRule<P> = (cotangents: readonly Cotangent[], application: Application<P>) => readonly Cotangent[]

/** A complete table over some primitives: a missing entry does not compile. */
export type ReverseRules<P> = { readonly [K in keyof P]: ReverseRule<P[K]> }

/** For primitives through which nothing flows back: comparisons, integers, random bits. */
export const nothing = (): readonly Cotangent[] => []

/** The sum of a cotangent over the axes along which an operand of `shape` was broadcast. */
export const unbroadcast = (ct: Tensor, shape: readonly number[]): Tensor => {
  if (sameShape(ct.shape, shape)) return ct
  const skip = ct.ndim - shape.length
  const axes = ct.shape.map((_, i) => i).filter((i) => i < skip || (shape[i - skip] === 1 && ct.shape[i] !== 1))
  const summed = axes.length === 0 ? ct : bind1('reduce_sum', [ct], { axes })
  return sameShape(summed.shape, shape) ? summed : bind1('reshape', [summed], { shape })
}

/** Zeros of a tensor's type, or of that of a program's variable. */
export const zerosOf = (x: Pick<Tensor, 'shape' | 'dtype'>): Tensor =>
  bind1('full', [], { shape: x.shape, value: 0, dtype: x.dtype === 'key' ? 'uint32' : x.dtype, weak: false })
