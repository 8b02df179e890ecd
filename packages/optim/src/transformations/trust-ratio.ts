import { equal, logicalOr, mul, type TensorLike, where } from '@linum/tensor'
import { mapAligned } from '../leaves.js'
import { requireParams } from '../params.js'
import { type GradientTransformation, stateless } from '../transformation.js'
import { safeNorm } from './block.js'

export interface TrustRatioOptions {
  /** What both norms are at least; 0. */
  readonly minNorm?: TensorLike
  /** How far an update may move the parameters, in parts of them; 1. */
  readonly trustCoefficient?: TensorLike
  /** Added to the norm of the update; 0. */
  readonly eps?: TensorLike
}

/**
 * Each leaf of the updates times trustCoefficient ‖p‖ / (‖u‖ + eps), or as it is where one of the norms is 0 (You,
 * Gitman and Ginsburg 2017). Needs `params` at `update`.
 */
export const scaleByTrustRatio = ({
  minNorm = 0,
  trustCoefficient = 1,
  eps = 0,
}: TrustRatioOptions = {}): GradientTransformation =>
  stateless('scaleByTrustRatio', { minNorm, trustCoefficient, eps }, (updates, params) =>
    mapAligned(
      'scaleByTrustRatio',
      (u, p) => {
        const [pNorm, uNorm] = [safeNorm(p!, minNorm), safeNorm(u!, minNorm)]
        const ratio = mul(pNorm, trustCoefficient).div(uNorm.add(eps))
        return mul(u!, where(logicalOr(equal(pNorm, 0), equal(uNorm, 0)), 1, ratio))
      },
      updates,
      requireParams('scaleByTrustRatio', params),
    ),
  )
