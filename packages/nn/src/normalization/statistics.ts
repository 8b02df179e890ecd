import {
  add,
  maximum,
  mean,
  multiply,
  rsqrt,
  ShapeError,
  square,
  subtract,
  type Tensor,
  type TensorLike,
} from '@linum/tensor'
import { formatShape, toTensor } from '@linum/tensor/core'

/** Broadcast against x: the extents of reduced axes are 1, or the axes lead and are left out. */
export interface Statistics {
  /** Null stands for 0. */
  readonly mean: TensorLike | null
  readonly variance: TensorLike
}

export interface StatisticsOptions {
  readonly axis: readonly number[]
  readonly keepdims: boolean
  /** E[x²] - E[x]² in one pass, instead of E[(x - E[x])²]. */
  readonly fast: boolean
  /** Elements that take part. */
  readonly mask?: Tensor | undefined
}

/** Mean and biased variance over some axes. */
export const statistics = (
  x: Tensor,
  { axis, keepdims, fast, mask }: StatisticsOptions,
): { readonly mean: Tensor; readonly variance: Tensor } => {
  const average = (y: Tensor, keep: boolean): Tensor => mean(y, { axis, keepdims: keep, ...(mask && { where: mask }) })
  if (!fast) return { mean: average(x, keepdims), variance: average(square(subtract(x, average(x, true))), keepdims) }
  const center = average(x, keepdims)
  // Rounding may leave a negative difference, whose root would be NaN.
  return { mean: center, variance: maximum(0, subtract(average(square(x), keepdims), square(center))) }
}

/** (x - mean) * (rsqrt(variance + epsilon) * scale) + bias. All broadcast against x. */
export const normalize = (
  x: Tensor,
  { mean, variance }: Statistics,
  epsilon: number,
  scale: TensorLike | null,
  bias: TensorLike | null,
): Tensor => {
  const centered = mean === null ? x : subtract(x, mean)
  const inverse = rsqrt(add(variance, epsilon))
  const y = multiply(centered, scale === null ? inverse : multiply(inverse, scale))
  return bias === null ? y : add(y, bias)
}

/** A mask that is checked not to be larger than x. */
export const maskOperand = (fn: string, mask: TensorLike | undefined, x: Tensor): Tensor | undefined => {
  if (mask === undefined) return undefined
  const m = toTensor(fn, mask)
  const skip = x.ndim - m.ndim
  if (skip < 0 || m.shape.some((extent, axis) => extent !== 1 && extent !== x.shape[skip + axis])) {
    throw new ShapeError(
      `${fn}: mask must broadcast to the shape of x, ${formatShape(x.shape)}, got shape ${formatShape(m.shape)}`,
    )
  }
  return m
}
