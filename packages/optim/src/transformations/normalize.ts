import { div, type TensorLike } from '@linum/tensor'
import { mapLeaves } from '../leaves.js'
import { type GradientTransformation, stateless } from '../transformation.js'
import { globalNorm } from './clip.js'

export interface NormalizeOptions {
  /** The norm that updates get; 1. */
  readonly scaleFactor?: TensorLike
  /** Added to the norm before it divides; 1e-6. */
  readonly eps?: TensorLike
}

/** All updates by one factor such that their global norm is `scaleFactor`. */
export const normalizeByUpdateNorm = ({ scaleFactor = 1, eps = 1e-6 }: NormalizeOptions = {}): GradientTransformation =>
  stateless('normalizeByUpdateNorm', { scaleFactor, eps }, (updates) => {
    const norm = globalNorm(updates).add(eps).div(scaleFactor)
    return mapLeaves((u) => div(u, norm), updates)
  })

/** All updates over their global norm; NaN where that is 0. */
export const normalize = (): GradientTransformation =>
  stateless('normalize', {}, (updates) => {
    const norm = globalNorm(updates)
    return mapLeaves((u) => div(u, norm), updates)
  })
