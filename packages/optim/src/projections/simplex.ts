import {
  arange,
  cumsum,
  div,
  greater,
  maximum,
  sort,
  sub,
  sum,
  takeAlongAxis,
  type Tensor,
  type TensorLike,
} from '@linum/tensor'
import { toTensor } from '@linum/tensor/core'

/** The nearest point of the simplex: elements not negative, of sum `scale`, along the last axis. The Euclidean projection (Duchi et al. 2008). */
export const simplexRows = (x: TensorLike, scale: TensorLike = 1): Tensor => {
  const t = toTensor('projectionSimplex', x)
  const n = t.shape.at(-1)!
  const sorted = sort(t, { axis: -1, descending: true })
  const sums = sub(cumsum(sorted, { axis: -1 }), scale)
  const ranks = arange(1, n + 1).astype(t.dtype)
  const support = sum(greater(sub(sorted, div(sums, ranks)), 0).astype('int32'), { axis: -1, keepdims: true })
  const threshold = div(takeAlongAxis(sums, support.sub(1), { axis: -1 }), support.astype(t.dtype))
  return maximum(sub(t, threshold), 0)
}
