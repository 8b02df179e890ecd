import {
  add,
  type ArrayOps,
  greater,
  isfinite,
  less,
  logicalNot,
  sum,
  type Tensor,
  type TensorLike,
  tree,
  zeros,
} from '@linum/tensor'
import type { TransformationState } from '../transformation.js'
import { squaredNorm } from '../tree-sums.js'

/** Whether a step is left out, and what it is to be known by in the state of `MultiSteps`. */
export type ShouldSkip = (
  updates: unknown,
  gradientStep: Tensor,
  params: unknown,
) => readonly [shouldSkip: Tensor, state: TransformationState]

/** Leaves out gradients with an element that is infinite or NaN; counts these elements. */
export const skipNotFinite: ShouldSkip = (updates) => {
  const numNotFinite = (tree.leaves(updates) as readonly ArrayOps[])
    .map((x) => sum(logicalNot(isfinite(x)).astype('int32')))
    .reduce((a, b) => add(a, b), zeros([], { dtype: 'int32' }))
  const shouldSkip = greater(numNotFinite, 0)
  return [shouldSkip, { shouldSkip, numNotFinite }]
}

/** Leaves out gradients whose squared global norm is not less than `maxSquaredNorm`. */
export const skipLargeUpdates = (
  updates: unknown,
  _gradientStep: Tensor,
  _params: unknown,
  maxSquaredNorm: TensorLike,
): ReturnType<ShouldSkip> => {
  const normSquared = squaredNorm(updates)
  const shouldSkip = logicalNot(less(normSquared, maxSquaredNorm))
  return [shouldSkip, { shouldSkip, normSquared }]
}
