import type { AxisName } from '@linum/autodiff'
import type { Param } from '@linum/graph'
import { ShapeError, type Tensor, type TensorLike } from '@linum/tensor'
import { checkAxes, formatShape } from '@linum/tensor/core'
import { numberOperand } from '../operand.js'
import { type Computation, computeDtype, promoted } from '../promote-dtype.js'
import { type AffineOptions, perFeature } from './affine.js'
import { maskOperand, meanSquare, normalize, statistics } from './statistics.js'

export type Axes = number | readonly number[]

/** What layers take that normalize each example by itself. */
export interface NormOptions {
  readonly epsilon?: number
  /** The axes that scale and bias have one value for; the last by default. */
  readonly featureAxes?: Axes
  /** The name of an axis of a running `vmap`, or several, to average the statistics over. */
  readonly axisName?: AxisName | null
  /** E[x²] - E[x]² in one pass (the default), instead of E[(x - E[x])²]. */
  readonly useFastVariance?: boolean
}

export interface CenteredNormOptions extends AffineOptions, NormOptions {}

export interface MaskOptions {
  /** Elements that the statistics are taken of; broadcasts against x. */
  readonly mask?: TensorLike
}

interface PerExample extends Computation {
  readonly scale: Param | null
  readonly bias?: Param | null
  readonly numFeatures: number
  readonly epsilon: number
  readonly featureAxes: Axes
  readonly useFastVariance: boolean
  readonly axisName?: AxisName | null
}

/** Axes of x, checked to have the extent that scale and bias are made for. */
const featureAxesOf = (fn: string, x: Tensor, axes: Axes, numFeatures: number): readonly number[] => {
  const found = checkAxes(fn, axes, x.ndim)
  if (found.reduce((n, axis) => n * x.shape[axis]!, 1) === numFeatures) return found
  const which = axes === -1 ? 'the last axis' : `axes ${JSON.stringify(axes)}`
  throw new ShapeError(`${fn}: ${which} of x must be ${numFeatures} (numFeatures), got shape ${formatShape(x.shape)}`)
}

/** x normalized over the axes that `reduced` chooses, given those of the features. */
export const normalizePerExample = (
  fn: string,
  layer: PerExample,
  x: TensorLike,
  mask: TensorLike | undefined,
  reduced: (t: Tensor, features: readonly number[]) => readonly number[],
  centered: boolean,
): Tensor => {
  const checked = numberOperand(fn, x)
  const features = featureAxesOf(fn, checked, layer.featureAxes, layer.numFeatures)
  const axis = reduced(checked, features)
  const [t, scale, bias] = promoted(fn, layer, checked, layer.scale, layer.bias ?? null)
  const over = { axis, mask: maskOperand(fn, mask, t), axisName: layer.axisName }
  const used = centered
    ? statistics(t, { ...over, keepdims: true, fast: layer.useFastVariance })
    : { mean: null, variance: meanSquare(t, over) }
  return normalize(
    t,
    used,
    layer.epsilon,
    perFeature(scale, t, features),
    perFeature(bias, t, features),
    computeDtype([t, scale, bias], { dtype: layer.dtype }),
  )
}
