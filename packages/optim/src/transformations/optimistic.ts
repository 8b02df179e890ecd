import { add, array, mul, sub, type Tensor, type TensorLike, where } from '@linum/tensor'
import { align, zerosLikeTree } from '../leaves.js'
import { GradientTransformation } from '../transformation.js'

export interface OptimisticOptions {
  /** Weight of the gradient; 1. */
  readonly alpha?: TensorLike
  /** Weight of its change since the last step, which predicts the next; 1. */
  readonly beta?: TensorLike
}

interface OptimisticState {
  readonly isInitialStep: Tensor
  readonly previousGradient: unknown
}

/** (alpha + beta) g - beta g_before, where the first step has no change (Daskalakis et al. 2017). */
export const scaleByOptimisticGradient = ({ alpha = 1, beta = 1 }: OptimisticOptions = {}): GradientTransformation =>
  new GradientTransformation(
    'scaleByOptimisticGradient',
    { alpha, beta },
    {
      init: (params) => ({ isInitialStep: array(true), previousGradient: zerosLikeTree(params) }),
      update: (updates, state: OptimisticState) => {
        const {
          columns: [g, before],
          build,
        } = align('scaleByOptimisticGradient', updates, state.previousGradient)
        const both = typeof alpha === 'number' && typeof beta === 'number' ? alpha + beta : add(alpha, beta)
        const out = g!.map((x, i) => sub(mul(x, both), mul(where(state.isInitialStep, x, before![i]!), beta)))
        return [build(out), { isInitialStep: array(false), previousGradient: updates }]
      },
    },
  )
