import { Cache } from '@linum/graph'
import {
  arange,
  type DType,
  dynamicUpdateSlice,
  logicalAnd,
  type Shape,
  ShapeError,
  type Tensor,
  type TensorLike,
  zeros,
} from '@linum/tensor'
import { formatShape, sameShape } from '@linum/tensor/core'

/** The Variables in which an attention keeps what earlier steps of decoding have made. */
export interface DecodeCache {
  /** [...batch, length, kvHeads, headDim], as is `value`. */
  readonly key: Cache
  readonly value: Cache
  /** How many positions are filled: int32. */
  readonly index: Cache
}

/** An empty cache of that shape. */
export const emptyCache = (shape: Shape, dtype: DType): DecodeCache => ({
  key: new Cache(zeros(shape, { dtype })),
  value: new Cache(zeros(shape, { dtype })),
  index: new Cache(zeros([], { dtype: 'int32' })),
})

const checkStep = (fn: string, parameter: string, x: Tensor, { key: { shape } }: DecodeCache): void => {
  const expected = [...shape.slice(0, -3), 1, ...shape.slice(-2)]
  if (sameShape(x.shape, expected)) return
  throw new ShapeError(
    `${fn}: decoding takes one position per call, so that the projected ${parameter} has shape ${formatShape(expected)}, got ${formatShape(x.shape)}; the batch axes are those of initCache`,
  )
}

/** What a step of decoding attends to, and how it is kept for the next. */
export interface DecodeStep {
  readonly key: Tensor
  readonly value: Tensor
  readonly mask: Tensor
  /** Writes the step into the cache. Left to the caller, so that a call that throws has changed nothing. */
  keep(): void
}

/**
 * The keys and values of the cache with those of one position more, and the mask by which the query sees what is filled.
 * Throws ShapeError where they are not of one position or of another batch.
 */
export const decodeStep = (
  fn: string,
  cache: DecodeCache,
  key: Tensor,
  value: Tensor,
  mask: TensorLike | null,
): DecodeStep => {
  checkStep(fn, 'key', key, cache)
  checkStep(fn, 'value', value, cache)
  const index = cache.index.value
  const axes = cache.key.ndim
  const starts = Array.from({ length: axes }, (_, axis) => (axis === axes - 3 ? index : 0))
  const keys = dynamicUpdateSlice(cache.key, key.astype(cache.key.dtype), starts)
  const values = dynamicUpdateSlice(cache.value, value.astype(cache.value.dtype), starts)
  const filled = arange(cache.key.shape[axes - 3]!).le(index)
  return {
    key: keys,
    value: values,
    mask: mask === null ? filled : logicalAnd(mask, filled),
    keep: () => {
      cache.key.value = keys
      cache.value.value = values
      cache.index.value = index.add(1)
    },
  }
}
