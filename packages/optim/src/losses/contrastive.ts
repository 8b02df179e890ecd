import {
  concatenate,
  equal,
  exp,
  expandDims,
  eye,
  finfo,
  log,
  logicalAnd,
  logicalNot,
  max,
  ShapeError,
  stopGradient,
  sub,
  sum,
  type Tensor,
  type TensorLike,
  where,
} from '@linum/tensor'
import { formatShape, toTensor } from '@linum/tensor/core'
import { toFloating } from './floating.js'
import { cosineSimilarity } from './similarity.js'

/**
 * The normalized temperature-scaled cross entropy of SimCLR (Chen et al. 2020): embeddings [n, d] of one label attract
 * each other, others repel. One number. Throws ShapeError unless there is one label for each embedding.
 */
export const ntxent = (embeddings: TensorLike, labels: TensorLike, temperature: TensorLike = 0.07): Tensor => {
  const fn = 'ntxent'
  const x = toFloating(fn, 'embeddings', embeddings)
  const y = toTensor(fn, labels)
  if (x.ndim !== 2 || y.shape[0] !== x.shape[0])
    throw new ShapeError(
      `${fn}: Labels and embeddings must have the same leading dimension, got ${formatShape(y.shape)} for labels and ${formatShape(x.shape)} for embeddings; give one label for each`,
    )
  const epsilon = finfo(x.dtype as 'float32').eps
  const similar = cosineSimilarity(expandDims(x, 0), expandDims(x, 1), { epsilon }).div(temperature)
  const same = equal(expandDims(y, 1), expandDims(y, 0))
  const matches = logicalAnd(same, logicalNot(eye(x.shape[0]!, { dtype: 'bool' })))
  const apart = where(same, -Infinity, similar)
  const together = where(matches, similar, -Infinity)
  const top = stopGradient(max(concatenate([apart, together], { axis: -1 }), { axis: 1, keepdims: true }))
  const numerator = sub(together, top)
  const denominator = sum(exp(sub(apart, top)), { axis: 1, keepdims: true }).add(exp(numerator))
  // The inner choice keeps the derivative of pairs that do not count from being NaN.
  const terms = sub(where(matches, numerator, 0), log(where(matches, denominator, 1)))
  return sum(where(matches, terms, 0))
    .neg()
    .div(sum(matches.astype(x.dtype)))
}
