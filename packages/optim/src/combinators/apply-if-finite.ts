import {
  all,
  type ArrayOps,
  array,
  cond,
  greater,
  isfinite,
  logicalAnd,
  logicalOr,
  type Tensor,
  tree,
  where,
} from '@linum/tensor'
import { increment, zeroCount } from '../count.js'
import { zerosLikeTree } from '../leaves.js'
import { GradientTransformation, type TransformationState } from '../transformation.js'

interface FiniteState {
  readonly notfiniteCount: Tensor
  readonly lastFinite: Tensor
  readonly totalNotfinite: Tensor
  readonly innerState: TransformationState
}

/** Whether no element of any leaf is infinite or NaN. */
export const allFinite = (t: unknown): Tensor =>
  (tree.leaves(t) as readonly ArrayOps[]).map((x) => all(isfinite(x))).reduce((a, b) => logicalAnd(a, b), array(true))

/**
 * `inner` for steps whose gradients are all finite; at the others updates are 0 and its state stays. After more than
 * `maxConsecutiveErrors` of these in a row one is let through all the same.
 */
export const applyIfFinite = (inner: GradientTransformation, maxConsecutiveErrors: number): GradientTransformation =>
  new GradientTransformation(
    'applyIfFinite',
    { inner, maxConsecutiveErrors },
    {
      init: (params) => ({
        notfiniteCount: zeroCount(),
        lastFinite: array(true),
        totalNotfinite: zeroCount(),
        innerState: inner.init(params),
      }),
      update: (updates, state: FiniteState, params, extra) => {
        const finite = allFinite(updates)
        const notfiniteCount = where(finite, 0, increment(state.notfiniteCount))
        const [next, innerState] = cond(
          logicalOr(finite, greater(notfiniteCount, maxConsecutiveErrors)),
          () => inner.update(updates, state.innerState, params, extra),
          () => [zerosLikeTree(updates), state.innerState] as const,
        )
        return [
          next,
          {
            notfiniteCount,
            lastFinite: finite,
            totalNotfinite: where(finite, state.totalNotfinite, increment(state.totalNotfinite)),
            innerState,
          },
        ]
      },
    },
  )
