import {
  add,
  type ArrayOps,
  type DType,
  div,
  maximum,
  mul,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  type TensorLike,
  zeros,
} from '@linum/tensor'
import { align, mapLeaves } from '../leaves.js'
import { requireParams } from '../params.js'
import { GradientTransformation } from '../transformation.js'

export interface DistanceOptions {
  /** The first distance, in parts of 1 + ‖p‖; 1e-6. */
  readonly repsRel?: TensorLike
  /** Added inside the square root; 1e-8. */
  readonly eps?: TensorLike
  /** In which dtype the first parameters are kept; float32. */
  readonly paramDtype?: DType
  /** A factor for all steps; 1. */
  readonly globalScale?: TensorLike
}

interface DistanceState {
  readonly maxDist: unknown
  readonly gradSumOfSquares: unknown
  readonly initParams: unknown
}

const length = (x: ArrayOps): Tensor => sqrt(sum(square(x)))

/**
 * Each leaf times the farthest it has been from its start, over the root of the sum of its squared gradients (Ivgi,
 * Hinder and Carmon 2023, leaf by leaf). Needs `params` at `update`.
 */
export const scaleByDistanceOverGradients = ({
  repsRel = 1e-6,
  eps = 1e-8,
  paramDtype = 'float32',
  globalScale = 1,
}: DistanceOptions = {}): GradientTransformation =>
  new GradientTransformation(
    'scaleByDistanceOverGradients',
    { repsRel, eps, paramDtype, globalScale },
    {
      init: (params) => ({
        maxDist: mapLeaves((p) => length(p).add(1).mul(repsRel), params),
        gradSumOfSquares: mapLeaves(() => zeros([1]), params),
        initParams: mapLeaves((p) => p.astype(paramDtype), params),
      }),
      update: (updates, state: DistanceState, params) => {
        const {
          columns: [g, p, far, sums, start],
          build,
        } = align(
          'scaleByDistanceOverGradients',
          updates,
          requireParams('scaleByDistanceOverGradients', params),
          state.maxDist,
          state.gradSumOfSquares,
          state.initParams,
        )
        const maxDist = p!.map((x, i) => maximum(far![i]!, length(sub(x, start![i]!))))
        const squares = g!.map((x, i) => add(sums![i]!, sum(square(x))))
        const out = g!.map((x, i) => {
          const step = mul(div(maxDist[i]!, sqrt(squares[i]!.add(eps))), globalScale)
          return mul(x, x.ndim === 0 ? step.reshape([]) : step)
        })
        return [build(out), { maxDist: build(maxDist), gradSumOfSquares: build(squares), initParams: state.initParams }]
      },
    },
  )
