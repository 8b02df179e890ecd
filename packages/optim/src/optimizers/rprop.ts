import type { TensorLike } from '@linum/tensor'
import { chain } from '../chain.js'
import { type GradientTransformation, named } from '../transformation.js'
import { type RpropOptions, scaleByRprop } from '../transformations/rprop.js'
import { scale } from '../transformations/scale.js'

/** Rprop (Riedmiller and Braun 1993), for full batches: `learningRate` is the first step of every element. */
export const rprop = (learningRate: TensorLike, options: RpropOptions = {}): GradientTransformation => {
  const adaptive = scaleByRprop(learningRate, options)
  return named('rprop', { ...adaptive.hyperparameters }, chain(adaptive, scale(-1)))
}
