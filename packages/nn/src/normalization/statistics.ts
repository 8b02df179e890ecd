import { type AxisName, pmean } from '@linum/autodiff'
import {
  add,
  type DType,
  maximum,
  mean,
  multiply,
  promoteTypes,
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
  /** Named axes of running transforms to average over as well. */
  readonly axisName?: AxisName | null | undefined
}

/** Half floats as float32: sums of them would lose their last digits. */
const wide = (x: Tensor): Tensor => {
  const dtype = promoteTypes(x.dtype, 'float32')
  return x.dtype === dtype ? x : x.astype(dtype)
}

const averageOver =
  (axis: readonly number[], mask: Tensor | undefined, axisName: AxisName | null | undefined) =>
  (y: Tensor, keepdims: boolean): Tensor => {
    const own = mean(y, { axis, keepdims, ...(mask && { where: mask }) })
    return axisName === null || axisName === undefined ? own : pmean(own, axisName)
  }

/** The mean square over some axes, kept with extent 1, in float32 or wider. */
export const meanSquare = (x: Tensor, { axis, mask, axisName }: Omit<StatisticsOptions, 'fast' | 'keepdims'>): Tensor =>
  averageOver(axis, mask, axisName)(square(wide(x)), true)

/** Mean and biased variance over some axes, in float32 or wider. */
export const statistics = (
  input: Tensor,
  { axis, keepdims, fast, mask, axisName }: StatisticsOptions,
): { readonly mean: Tensor; readonly variance: Tensor } => {
  const x = wide(input)
  const average = averageOver(axis, mask, axisName)
  if (!fast) return { mean: average(x, keepdims), variance: average(square(subtract(x, average(x, true))), keepdims) }
  const center = average(x, keepdims)
  // Rounding may leave a negative difference, whose root would be NaN.
  return { mean: center, variance: maximum(0, subtract(average(square(x), keepdims), square(center))) }
}

/** (x - mean) * (rsqrt(variance + epsilon) * scale) + bias, in `dtype`. All broadcast against x. */
export const normalize = (
  x: Tensor,
  { mean, variance }: Statistics,
  epsilon: number,
  scale: Tensor | null,
  bias: Tensor | null,
  dtype: DType,
): Tensor => {
  const centered = mean === null ? x : subtract(x, mean)
  const inverse = rsqrt(add(variance, epsilon))
  const y = multiply(centered, scale === null ? inverse : multiply(inverse, scale))
  const shifted = bias === null ? y : add(y, bias)
  return shifted.dtype === dtype ? shifted : shifted.astype(dtype)
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
