import type { StoredDType } from '../core/dtype.js'
import type { ElementwiseParams } from '../primitives/elementwise.js'

/** An extent, stride or offset that a call supplies: entry `param` of its frame. */
export interface Param {
  readonly param: number
}
/** Literal in long-lived programs, a runtime parameter in eager kernels. */
export type Extent = number | Param

/** An integer computed from loop counters: `offset` plus the terms. */
export interface Index<S extends Extent = Extent> {
  readonly offset: S
  readonly terms: readonly { readonly atom: IndexAtom<S>; readonly factor: S }[]
}

/** Loop counters count the grid's axes first, then the reduction's. Quotients and remainders are of non-negative sums. */
export type IndexAtom<S extends Extent = Extent> =
  | { readonly kind: 'axis'; readonly axis: number }
  | { readonly kind: 'div'; readonly of: Index<S>; readonly by: S }
  | { readonly kind: 'mod'; readonly of: Index<S>; readonly by: S }
  | { readonly kind: 'value'; readonly of: Expr<S> }

/** `low <= of < high`, or `of` divisible by `by`. */
export type Test<S extends Extent = Extent> =
  | { readonly kind: 'within'; readonly of: Index<S>; readonly low: S; readonly high: S }
  | { readonly kind: 'divisible'; readonly of: Index<S>; readonly by: S }

/**
 * Operations on one element. The threefry ones take (key0, key1, counter high, counter low): `threefry_bits` gives
 * the xor of both result words, `threefry_word` (with a fifth operand, 0 or 1) one of them.
 */
export type ScalarOp = Exclude<keyof ElementwiseParams, 'stop_gradient'> | 'threefry_bits' | 'threefry_word'

/** One scalar as a function of the loop counters. Nodes are shared where equal, so an expression is a graph. */
export type Expr<S extends Extent = Extent> =
  | { readonly kind: 'const'; readonly dtype: StoredDType; readonly value: number }
  | { readonly kind: 'index'; readonly dtype: StoredDType; readonly of: Index<S> }
  | { readonly kind: 'load'; readonly dtype: StoredDType; readonly input: number; readonly at: Index<S> }
  | { readonly kind: 'call'; readonly dtype: StoredDType; readonly op: ScalarOp; readonly args: readonly Expr<S>[] }
  /** `then` is evaluated only where all tests hold. */
  | {
      readonly kind: 'guard'
      readonly dtype: StoredDType
      readonly tests: readonly Test<S>[]
      readonly then: Expr<S>
      readonly else: Expr<S>
    }
  /** The result of reduction number `acc`, in an epilogue. */
  | { readonly kind: 'acc'; readonly dtype: StoredDType; readonly acc: number }

export type ReduceOp = 'sum' | 'prod' | 'max' | 'min' | 'and' | 'or' | 'argmax' | 'argmin'

/** One running value over the reduction loops, in row-major order; float32 sums and products run in float64 and round once. */
export interface Accumulator<S extends Extent = Extent> {
  readonly op: ReduceOp
  readonly value: Expr<S>
  readonly dtype: StoredDType
}

/**
 * A loop nest that writes one element of every output per point of `grid`, in row-major order. With `reduce` loops,
 * the accumulators run over them first and the outputs are the epilogue.
 */
export interface Kernel<S extends Extent = Extent> {
  readonly grid: readonly S[]
  readonly reduce: readonly S[]
  readonly accumulators: readonly Accumulator<S>[]
  readonly inputs: readonly StoredDType[]
  readonly outputs: readonly Expr<S>[]
}
