import {
  type ArrayOps,
  clip as clipTensor,
  less,
  maximum,
  mean,
  neg,
  sqrt,
  square,
  sum,
  type Tensor,
  type TensorLike,
  tree,
  where,
  zeros,
} from '@linum/tensor'
import { mapLeaves } from '../leaves.js'
import { type GradientTransformation, stateless } from '../transformation.js'

/** Every element of the updates between -maxDelta and maxDelta. */
export const clip = (maxDelta: TensorLike): GradientTransformation =>
  stateless('clip', { maxDelta }, (updates) =>
    mapLeaves((u) => clipTensor(u, typeof maxDelta === 'number' ? -maxDelta : neg(maxDelta), maxDelta), updates),
  )

/** Each leaf divided so far that the root of its mean square is at most `threshold`. */
export const clipByBlockRms = (threshold: TensorLike): GradientTransformation =>
  stateless('clipByBlockRms', { threshold }, (updates) =>
    mapLeaves((u) => u.div(maximum(sqrt(mean(square(u))).div(threshold), 1)), updates),
  )

/** The Euclidean norm of all leaves together; 0 for none. */
export const globalNorm = (t: unknown): Tensor => {
  const squares = (tree.leaves(t) as readonly ArrayOps[]).map((x) => sum(square(x)))
  return squares.length === 0 ? zeros([]) : sqrt(squares.reduce((a, b) => a.add(b)))
}

/** All updates scaled by one factor where their global norm is not less than `maxNorm`: u / norm * maxNorm. */
export const clipByGlobalNorm = (maxNorm: TensorLike): GradientTransformation =>
  stateless('clipByGlobalNorm', { maxNorm }, (updates) => {
    const norm = globalNorm(updates)
    const fits = less(norm, maxNorm)
    return mapLeaves((u) => where(fits, u, u.div(norm.astype(u.dtype)).mul(maxNorm)), updates)
  })
