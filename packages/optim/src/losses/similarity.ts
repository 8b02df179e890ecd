import { maximum, mul, sqrt, square, sub, sum, type Tensor, type TensorLike } from '@linum/tensor'
import { toFloating } from './floating.js'

export interface SimilarityOptions {
  /** What the squared norms are at least; 0. */
  readonly epsilon?: TensorLike
  /** The axis, or axes, of the vectors; the last if absent. */
  readonly axis?: number | readonly number[] | null
  /** Which elements take part, of the shape of the vectors. */
  readonly where?: TensorLike | undefined
}

/**
 * The cosine of the angle between vectors: 1 where they point the same way. NaN for vectors of 0 unless `epsilon` is
 * positive. Throws DtypeError for vectors that are not floating point.
 */
export const cosineSimilarity = (
  predictions: TensorLike,
  targets: TensorLike,
  { epsilon = 0, axis = -1, where }: SimilarityOptions = {},
): Tensor => {
  const fn = 'cosineSimilarity'
  const options = { axis, ...(where === undefined ? {} : { where }) }
  const unit = (x: Tensor): Tensor => x.div(sqrt(maximum(sum(square(x), { ...options, keepdims: true }), epsilon)))
  return sum(mul(unit(toFloating(fn, 'predictions', predictions)), unit(toFloating(fn, 'targets', targets))), options)
}

/** 1 - cosineSimilarity. */
export const cosineDistance = (predictions: TensorLike, targets: TensorLike, options: SimilarityOptions = {}): Tensor =>
  sub(1, cosineSimilarity(predictions, targets, options))
