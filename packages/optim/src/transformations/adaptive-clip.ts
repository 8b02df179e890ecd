import {
  type ArrayOps,
  broadcastTo,
  less,
  maximum,
  mul,
  ShapeError,
  sqrt,
  square,
  sum,
  type Tensor,
  type TensorLike,
  where,
} from '@linum/tensor'
import { formatShape } from '@linum/tensor/core'
import { mapAligned } from '../leaves.js'
import { requireParams } from '../params.js'
import { type GradientTransformation, stateless } from '../transformation.js'

export interface AdaptiveClipOptions {
  /** What the norm of parameters counts as at least; 1e-3. */
  readonly eps?: TensorLike
  /** The axes of one unit. If absent all of a vector, the first of 2 and 3 axes, all but the last of 4 and 5. */
  readonly axis?: number | readonly number[] | undefined
}

const unitAxes = (x: ArrayOps): readonly number[] => {
  if (x.shape.filter((n) => n !== 1).length <= 1) return x.shape.map((_, i) => i)
  if (x.ndim === 2 || x.ndim === 3) return [0]
  if (x.ndim === 4 || x.ndim === 5) return x.shape.slice(0, -1).map((_, i) => i)
  throw new ShapeError(
    `adaptiveGradClip: expected parameters of up to 5 axes, got shape ${formatShape(x.shape)}; give { axis }, the axes of one unit`,
  )
}

const unitNorm = (x: ArrayOps, axis: number | readonly number[] | undefined): Tensor =>
  broadcastTo(sqrt(sum(square(x), { axis: axis ?? unitAxes(x), keepdims: true })), x.shape)

/**
 * Gradients whose norm, unit by unit (the weights of one output), is not less than `clipping` times that of the
 * parameters are shortened to that (Brock et al. 2021). Needs `params` at `update`. Throws ShapeError for parameters
 * of six and more axes without `axis`.
 */
export const adaptiveGradClip = (
  clipping: TensorLike,
  { eps = 1e-3, axis }: AdaptiveClipOptions = {},
): GradientTransformation =>
  stateless('adaptiveGradClip', { clipping, eps, axis }, (updates, params) =>
    mapAligned(
      'adaptiveGradClip',
      (g, p) => {
        const norm = unitNorm(g!, axis)
        const most = mul(maximum(unitNorm(p!, axis), eps), clipping)
        return where(less(norm, most), g!, mul(g!, most.div(maximum(norm, 1e-6))))
      },
      updates,
      requireParams('adaptiveGradClip', params),
    ),
  )
