import { array, logicalNot, logicalOr, type Tensor, whileLoop, zeros } from '@linum/tensor'
import { toTensor } from '@linum/tensor/core'
import { requireFunction, requireGrad, requireValue } from '../extra.js'
import { zerosLikeTree } from '../leaves.js'
import { requireParams } from '../params.js'
import { GradientTransformation } from '../transformation.js'
import { scaleTree, vdotTree } from '../tree-sums.js'
import { scalarDtype } from './scalar-dtype.js'
import { endZoom, type Line, startZoom, stepZoom, type Zoom, type ZoomRules } from './zoom.js'

export interface ZoomOptions {
  /** What a step is at most; no limit if absent. */
  readonly maxLearningRate?: number | undefined
  /** What both conditions may be missed by; 0. */
  readonly tol?: number
  /** By how much a step grows as long as the loss falls; 2. */
  readonly increaseFactor?: number
  /** How much of the decrease that the slope promises is enough; 1e-4. */
  readonly slopeRtol?: number
  /** To what part the slope must shrink; 0.9. */
  readonly curvRtol?: number
  /** In which parts of the loss its change counts as nothing, so that slopes are compared instead; 1e-6, null for never. */
  readonly approxDecRtol?: number | null
  /** How short an interval is given up; 1e-5. */
  readonly stepsizePrecision?: number
  /** Whether the first step tried is the last one taken, the default, or 1. */
  readonly initialGuessStrategy?: 'keep' | 'one'
}

interface ZoomState {
  readonly learningRate: Tensor
  readonly value: Tensor
  readonly grad: unknown
  readonly info: {
    readonly numLinesearchSteps: Tensor
    readonly decreaseError: Tensor
    readonly curvatureError: Tensor
  }
}

const fn = 'scaleByZoomLinesearch'

/**
 * Updates times a step after which the loss has decreased and its slope has shrunk enough: Wolfe's strong conditions.
 * Where none is found in so many steps, it is the best that decreases the loss, and 0 where no loss is finite. Needs
 * `params` at `update`, and among the extra arguments `value` and `grad`, the loss and its gradients at the
 * parameters, and `valueFn`, the loss as a function of the parameters, which is differentiated. Not differentiable in
 * reverse: the search is a loop of unknown length.
 */
export const scaleByZoomLinesearch = (
  maxLinesearchSteps: number,
  {
    maxLearningRate,
    tol = 0,
    increaseFactor = 2,
    slopeRtol = 1e-4,
    curvRtol = 0.9,
    approxDecRtol = 1e-6,
    stepsizePrecision = 1e-5,
    initialGuessStrategy = 'keep',
  }: ZoomOptions = {},
): GradientTransformation => {
  if (initialGuessStrategy !== 'keep' && initialGuessStrategy !== 'one')
    throw new TypeError(
      `${fn}: unknown initial guess strategy, got ${String(initialGuessStrategy)}; give 'keep' or 'one'`,
    )
  const rules: ZoomRules = {
    maxLinesearchSteps,
    maxLearningRate,
    tol,
    increaseFactor,
    slopeRtol,
    curvRtol,
    approxDecRtol,
    stepsizePrecision,
  }
  return new GradientTransformation(
    fn,
    { ...rules, initialGuessStrategy },
    {
      init: (params) => {
        const dtype = scalarDtype(params)
        const infinite = array(Infinity, { dtype })
        return {
          learningRate: array(1, { dtype }),
          value: infinite,
          grad: zerosLikeTree(params),
          info: {
            numLinesearchSteps: zeros([], { dtype: 'int32' }),
            decreaseError: infinite,
            curvatureError: infinite,
          },
        }
      },
      update: (updates, state: ZoomState, params, extra) => {
        const { dtype } = state.value
        const value = toTensor(fn, requireValue(fn, extra)).astype(dtype)
        const grad = requireGrad(fn, extra)
        const line: Line = {
          fn,
          params: requireParams(fn, params),
          updates,
          valueFn: requireFunction(fn, 'valueFn', extra),
          value,
          slope: vdotTree(fn, updates, grad).astype(dtype),
        }
        const guess = initialGuessStrategy === 'one' ? array(1, { dtype }) : state.learningRate
        const end = whileLoop(
          ({ done, failed }: Zoom) => logicalNot(logicalOr(done, failed)),
          (zoom: Zoom) => stepZoom(rules, line, guess, zoom),
          startZoom(line, grad),
        )
        const found = endZoom(end)
        return [
          scaleTree(found.step, updates),
          {
            learningRate: found.step,
            value: found.value,
            grad: found.grad,
            info: {
              numLinesearchSteps: end.count,
              decreaseError: end.decreaseError,
              curvatureError: end.curvatureError,
            },
          },
        ]
      },
    },
  )
}
