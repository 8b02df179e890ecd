import { neg, type TensorLike } from '@linum/tensor'
import { chain } from '../chain.js'
import { type GradientTransformation, named } from '../transformation.js'
import { scale } from '../transformations/scale.js'
import { scaleBySm3 } from '../transformations/sm3.js'

export interface Sm3OptimizerOptions {
  /** Decay of the average of updates; 0.9. */
  readonly momentum?: TensorLike
}

/** SM3 (Anil et al. 2019): AdaGrad whose state is one vector per axis of a leaf. */
export const sm3 = (learningRate: TensorLike, { momentum = 0.9 }: Sm3OptimizerOptions = {}): GradientTransformation =>
  named(
    'sm3',
    { learningRate, momentum },
    chain(scaleBySm3({ b1: momentum }), scale(typeof learningRate === 'number' ? -learningRate : neg(learningRate))),
  )
