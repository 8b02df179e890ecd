import { clip, equal, greater, less, mul, sign, type TensorLike, where } from '@linum/tensor'
import { align, fullLikeTree, zerosLikeTree } from '../leaves.js'
import { GradientTransformation } from '../transformation.js'

export interface RpropOptions {
  /** By how much a step shrinks after the gradient has changed its sign; 0.5. */
  readonly etaMinus?: TensorLike
  /** By how much it grows while it keeps it; 1.2. */
  readonly etaPlus?: TensorLike
  /** 1e-6. */
  readonly minStepSize?: TensorLike
  /** 50. */
  readonly maxStepSize?: TensorLike
}

interface RpropState {
  readonly stepSizes: unknown
  readonly prevUpdates: unknown
}

/**
 * The sign of the gradient times a step of each element's own, which grows while the sign stays and shrinks where it
 * changes; there the element waits for one step (Riedmiller and Braun 1993). As in Optax updates are those found at
 * the step before, so that the first step moves nothing.
 */
export const scaleByRprop = (
  learningRate: TensorLike,
  { etaMinus = 0.5, etaPlus = 1.2, minStepSize = 1e-6, maxStepSize = 50 }: RpropOptions = {},
): GradientTransformation =>
  new GradientTransformation(
    'scaleByRprop',
    { learningRate, etaMinus, etaPlus, minStepSize, maxStepSize },
    {
      init: (params) => ({ stepSizes: fullLikeTree(params, learningRate), prevUpdates: zerosLikeTree(params) }),
      update: (updates, state: RpropState) => {
        const {
          columns: [g, sizes, before],
          build,
        } = align('scaleByRprop', updates, state.stepSizes, state.prevUpdates)
        const agreement = g!.map((x, i) => mul(x, before![i]!))
        const stepSizes = agreement.map((s, i) => {
          const grown = mul(sizes![i]!, where(greater(s, 0), etaPlus, etaMinus))
          return where(equal(s, 0), sizes![i]!, clip(grown, minStepSize, maxStepSize)).astype(sizes![i]!.dtype)
        })
        const waits = agreement.map((s) => less(s, 0))
        const steps = waits.map((wait, i) => where(wait, 0, mul(stepSizes[i]!, sign(g![i]!))))
        const out = waits.map((wait, i) => where(wait, 0, before![i]!))
        return [build(out), { stepSizes: build(stepSizes), prevUpdates: build(steps) }]
      },
    },
  )
