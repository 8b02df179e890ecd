import { finfo, lessEqual, minimum, mul, relu, sub, type TensorLike, where } from '@linum/tensor'
import { toTensor } from '@linum/tensor/core'
import { requireValue } from '../extra.js'
import { mapLeaves } from '../leaves.js'
import { GradientTransformation } from '../transformation.js'
import { globalNorm } from './clip.js'

export interface PolyakOptions {
  /** The least value of the loss; 0. */
  readonly fMin?: TensorLike
  /** What the step is at most; 1. */
  readonly maxLearningRate?: TensorLike
  /** Added to the squared norm; 0. */
  readonly eps?: TensorLike
  /** 'sps+' takes no step where the loss is below `fMin`; 'sps' steps back there. */
  readonly variant?: 'sps' | 'sps+'
}

/** Updates times min((value - fMin) / (‖g‖² + eps), maxLearningRate) (Polyak; Loizou et al. 2021). Needs `value`, the loss, among the extra arguments. */
export const scaleByPolyak = ({
  fMin = 0,
  maxLearningRate = 1,
  eps = 0,
  variant = 'sps',
}: PolyakOptions = {}): GradientTransformation => {
  if (variant !== 'sps' && variant !== 'sps+')
    throw new TypeError(`scaleByPolyak: unknown variant, got ${String(variant)}; give 'sps' or 'sps+'`)
  return new GradientTransformation(
    'scaleByPolyak',
    { fMin, maxLearningRate, eps, variant },
    {
      init: () => ({}),
      update: (updates, state: object, _, extra) => {
        const squared = globalNorm(updates).square().add(eps)
        const above = sub(toTensor('scaleByPolyak', requireValue('scaleByPolyak', extra)), fMin).astype(squared.dtype)
        const gap = variant === 'sps' ? above : relu(above)
        const step = where(lessEqual(squared, finfo('float32').eps), 0, minimum(gap.div(squared), maxLearningRate))
        return [mapLeaves((u) => mul(u, step), updates), state]
      },
    },
  )
}
