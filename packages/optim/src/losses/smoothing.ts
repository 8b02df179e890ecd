import { sum, type Tensor, type TensorLike } from '@linum/tensor'
import { checkAxes, toTensor } from '@linum/tensor/core'
import { toFloating } from './floating.js'

export interface SmoothingOptions {
  /** The axis, or axes, of the classes; the last if absent. */
  readonly axis?: number | readonly number[]
  /** Which classes take part, of the shape of the labels. */
  readonly where?: TensorLike | undefined
}

/** (1 - alpha) labels + alpha / classes: distributions moved towards the uniform one (Müller et al. 2019). */
export const smoothLabels = (
  labels: TensorLike,
  alpha: number,
  { axis = -1, where }: SmoothingOptions = {},
): Tensor => {
  const y = toFloating('smoothLabels', 'labels', labels)
  const classes = checkAxes('smoothLabels', axis, y.ndim).reduce((n, a) => n * y.shape[a]!, 1)
  const share =
    where === undefined
      ? alpha / classes
      : sum(toTensor('smoothLabels', where).astype('float32'), { axis, keepdims: true }).reciprocal().mul(alpha)
  return y.mul(1 - alpha).add(share)
}
