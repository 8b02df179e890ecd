import { abs, logaddexp, minimum, mul, ShapeError, square, sub, type Tensor, type TensorLike } from '@linum/tensor'
import { formatShape, sameShape, toTensor } from '@linum/tensor/core'
import { toFloating } from './floating.js'

const errors = (fn: string, predictions: TensorLike, targets: TensorLike | undefined): Tensor => {
  const p = toFloating(fn, 'predictions', predictions)
  return targets === undefined ? p : sub(p, targets)
}

const squared = (fn: string, predictions: TensorLike, targets: TensorLike | undefined): Tensor => {
  const p = toFloating(fn, 'predictions', predictions)
  if (targets === undefined) return square(p)
  const t = toTensor(fn, targets)
  if (!sameShape(p.shape, t.shape)) {
    throw new ShapeError(
      `${fn}: predictions and targets must have the same shape, got ${formatShape(p.shape)} and ${formatShape(t.shape)}; reshape or broadcast the targets first`,
    )
  }
  return square(sub(p, t))
}

/** (p - t)² for each element; t is 0 if absent. Throws ShapeError where the shapes differ. */
export const squaredError = (predictions: TensorLike, targets?: TensorLike): Tensor =>
  squared('squaredError', predictions, targets)

/** ½ (p - t)² for each element; t is 0 if absent. Throws ShapeError where the shapes differ. */
export const l2Loss = (predictions: TensorLike, targets?: TensorLike): Tensor =>
  mul(squared('l2Loss', predictions, targets), 0.5)

export interface HuberOptions {
  /** Where the square ends and the straight line begins; 1. */
  readonly delta?: number
}

/** ½ e² for |e| ≤ delta and delta (|e| - ½ delta) beyond, where e = p - t, for each element. */
export const huberLoss = (predictions: TensorLike, targets?: TensorLike, { delta = 1 }: HuberOptions = {}): Tensor => {
  const e = abs(errors('huberLoss', predictions, targets))
  const quadratic = minimum(e, delta)
  // The rest by subtraction: max(e - delta, 0) would count the derivative at delta twice.
  return mul(square(quadratic), 0.5).add(mul(sub(e, quadratic), delta))
}

/** log cosh(p - t) for each element, without overflow. */
export const logCosh = (predictions: TensorLike, targets?: TensorLike): Tensor => {
  const e = errors('logCosh', predictions, targets)
  return sub(logaddexp(e, e.neg()), Math.LN2)
}
