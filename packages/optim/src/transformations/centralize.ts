import { mean, sub } from '@linum/tensor'
import { mapLeaves } from '../leaves.js'
import { type GradientTransformation, stateless } from '../transformation.js'

/** Updates of two and more axes less their mean over all axes but the first (Yong et al. 2020). */
export const centralize = (): GradientTransformation =>
  stateless('centralize', {}, (updates) =>
    mapLeaves(
      (u) =>
        u.ndim > 1 ? sub(u, mean(u, { axis: Array.from({ length: u.ndim - 1 }, (_, i) => i + 1), keepdims: true })) : u,
      updates,
    ),
  )
