import {
  type ArrayOps,
  lessEqual,
  mean,
  mul,
  sqrt,
  square,
  sum,
  type Tensor,
  type TensorLike,
  where,
} from '@linum/tensor'
import { mapAligned } from '../leaves.js'
import { requireParams } from '../params.js'
import { type GradientTransformation, stateless } from '../transformation.js'

// The choice inside the root keeps the derivative at 0 from being NaN.
const safeRoot = (squared: (x: ArrayOps) => Tensor, x: ArrayOps, least: TensorLike): Tensor => {
  const small = lessEqual(sqrt(squared(x)), least)
  return where(small, least, sqrt(squared(where(small, 1, x)))).astype(x.dtype)
}

/** The Euclidean norm, `least` where it is not greater, with a derivative everywhere. */
export const safeNorm = (x: ArrayOps, least: TensorLike): Tensor => safeRoot((y) => sum(square(y)), x, least)

/** The root of the mean square, `least` where it is not greater, with a derivative everywhere. */
export const safeRms = (x: ArrayOps, least: TensorLike): Tensor => safeRoot((y) => mean(square(y)), x, least)

const scaled = (
  name: string,
  size: (p: ArrayOps, least: TensorLike) => Tensor,
  minScale: TensorLike,
): GradientTransformation =>
  stateless(name, { minScale }, (updates, params) =>
    mapAligned(name, (u, p) => mul(u!, size(p!, minScale)), updates, requireParams(name, params)),
  )

/** Each leaf of the updates times the norm of its parameters, at least `minScale`. Needs `params` at `update`. */
export const scaleByParamBlockNorm = (minScale: TensorLike = 1e-3): GradientTransformation =>
  scaled('scaleByParamBlockNorm', safeNorm, minScale)

/** Each leaf of the updates times the root mean square of its parameters, at least `minScale`. Needs `params` at `update`. */
export const scaleByParamBlockRms = (minScale: TensorLike = 1e-3): GradientTransformation =>
  scaled('scaleByParamBlockRms', safeRms, minScale)
