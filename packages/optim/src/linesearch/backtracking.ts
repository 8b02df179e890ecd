import { grad as gradientOf } from '@linum/autodiff'
import {
  add,
  array,
  greater,
  isinf,
  isnan,
  lessEqual,
  logicalAnd,
  logicalNot,
  maximum,
  minimum,
  mul,
  sub,
  type Tensor,
  type TensorLike,
  where,
  whileLoop,
  zeros,
} from '@linum/tensor'
import { toTensor } from '@linum/tensor/core'
import { requireFunction, requireGrad, requireValue } from '../extra.js'
import { zerosLikeTree } from '../leaves.js'
import { requireParams } from '../params.js'
import { GradientTransformation } from '../transformation.js'
import { addScaled, scaleTree, vdotTree } from '../tree-sums.js'
import { scalarDtype } from './scalar-dtype.js'

export interface BacktrackingOptions {
  /** How much of the decrease that the slope promises is enough; 1e-4. */
  readonly slopeRtol?: TensorLike
  /** By how much a step that is too long shrinks; 0.8. */
  readonly decreaseFactor?: TensorLike
  /** By how much the first step tried is longer than the last one taken; 1.5. */
  readonly increaseFactor?: TensorLike
  /** What a step is at most; 1. */
  readonly maxLearningRate?: TensorLike
  /** What the loss may miss the decrease by; 0. */
  readonly atol?: TensorLike
  /** The same in parts of the loss; 0. */
  readonly rtol?: TensorLike
  /** Whether the gradient at the end is computed and kept, for `valueAndGradFromState`; false. */
  readonly storeGrad?: boolean
}

interface BacktrackingState {
  readonly learningRate: Tensor
  readonly value: Tensor
  readonly grad: unknown
  readonly info: { readonly numLinesearchSteps: Tensor; readonly decreaseError: Tensor }
}

interface Search {
  readonly learningRate: Tensor
  readonly value: Tensor
  readonly error: Tensor
  readonly count: Tensor
}

const fn = 'scaleByBacktrackingLinesearch'

/**
 * Updates times the first of ever shorter steps that decreases the loss enough: Armijo's rule. Needs `params` at
 * `update`, and among the extra arguments `value` and `grad`, the loss and its gradients at the parameters, and
 * `valueFn`, the loss as a function of the parameters. Where no step gives a finite loss it is 0. Not differentiable
 * in reverse: the search is a loop of unknown length.
 */
export const scaleByBacktrackingLinesearch = (
  maxBacktrackingSteps: number,
  {
    slopeRtol = 1e-4,
    decreaseFactor = 0.8,
    increaseFactor = 1.5,
    maxLearningRate = 1,
    atol = 0,
    rtol = 0,
    storeGrad = false,
  }: BacktrackingOptions = {},
): GradientTransformation =>
  new GradientTransformation(
    fn,
    { maxBacktrackingSteps, slopeRtol, decreaseFactor, increaseFactor, maxLearningRate, atol, rtol, storeGrad },
    {
      init: (params) => {
        const dtype = scalarDtype(params)
        return {
          learningRate: array(1, { dtype }),
          value: array(Infinity, { dtype }),
          grad: storeGrad ? zerosLikeTree(params) : null,
          info: { numLinesearchSteps: zeros([], { dtype: 'int32' }), decreaseError: array(Infinity, { dtype }) },
        }
      },
      update: (updates, state: BacktrackingState, given, extra) => {
        const params = requireParams(fn, given)
        const { dtype } = state.value
        const value = toTensor(fn, requireValue(fn, extra)).astype(dtype)
        const slope = vdotTree(fn, updates, requireGrad(fn, extra)).astype(dtype)
        const valueFn = requireFunction<(params: unknown) => Tensor>(fn, 'valueFn', extra)
        const missing = (step: Tensor, reached: Tensor): Tensor => {
          const error = sub(reached, mul(value, add(1, rtol))).sub(mul(step, slopeRtol).mul(slope))
          return maximum(where(isnan(error), Infinity, error), 0).astype(dtype)
        }
        const found = whileLoop(
          ({ error, count }: Search) =>
            logicalAnd(logicalNot(lessEqual(error, atol)), lessEqual(count, maxBacktrackingSteps)),
          ({ learningRate, count }: Search): Search => {
            const step = where(greater(count, 0), mul(learningRate, decreaseFactor), learningRate).astype(dtype)
            const reached = toTensor(fn, valueFn(addScaled(fn, params, step, updates))).astype(dtype)
            return { learningRate: step, value: reached, error: missing(step, reached), count: count.add(1) }
          },
          {
            learningRate: minimum(mul(state.learningRate, increaseFactor), maxLearningRate).astype(dtype),
            value,
            error: array(Infinity, { dtype }),
            count: zeros([], { dtype: 'int32' }),
          },
        )
        const learningRate = where(isinf(found.error), 0, found.learningRate).astype(dtype)
        return [
          scaleTree(learningRate, updates),
          {
            learningRate,
            value: found.value,
            grad: storeGrad ? gradientOf(valueFn)(addScaled(fn, params, found.learningRate, updates)) : null,
            info: { numLinesearchSteps: found.count, decreaseError: found.error },
          },
        ]
      },
    },
  )
