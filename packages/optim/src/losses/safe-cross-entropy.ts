import { customJvp } from '@linum/autodiff'
import { logSoftmax, mul, notEqual, softmax, sub, sum, type Tensor, type TensorLike, where } from '@linum/tensor'
import { toTensor } from '@linum/tensor/core'
import { softmaxCrossEntropy, type CrossEntropyOptions } from './classification.js'
import { toFloating } from './floating.js'

const weigh = (x: Tensor, weights: Tensor): Tensor =>
  where(notEqual(weights, 0), mul(weights, logSoftmax(x, { axis: -1 })), 0)

// The rule of `mul` would turn minus infinity times a weight of 0 into NaN.
const weightedLogSoftmax = customJvp(weigh, ([x, weights], [dx, dw]) => [
  weigh(x, weights),
  mul(weights, dx)
    .sub(mul(weights, sum(mul(dx, softmax(x, { axis: -1 })), { axis: -1, keepdims: true })))
    .add(mul(dw, logSoftmax(x, { axis: -1 }))),
])

/** `softmaxCrossEntropy` where logits may be minus infinity for classes of label 0. Throws DtypeError for logits that are not floating point. */
export const safeSoftmaxCrossEntropy = (logits: TensorLike, labels: TensorLike): Tensor => {
  const x = toFloating('safeSoftmaxCrossEntropy', 'logits', logits)
  const y = toTensor('safeSoftmaxCrossEntropy', labels).astype(x.dtype).broadcastTo(x.shape)
  return sum(weightedLogSoftmax(x, y), { axis: -1 }).neg()
}

export interface PolyLossOptions extends CrossEntropyOptions {
  /** Weight of 1 - p of the right class; 2. */
  readonly epsilon?: TensorLike
}

/** `softmaxCrossEntropy` plus epsilon Σ labels (1 - p) (Leng et al. 2022). `where` has the shape of the logits. Throws DtypeError for arguments that are not floating point. */
export const polyLossCrossEntropy = (
  logits: TensorLike,
  labels: TensorLike,
  { epsilon = 2, axis = -1, where: chosen }: PolyLossOptions = {},
): Tensor => {
  const fn = 'polyLossCrossEntropy'
  const x = toFloating(fn, 'logits', logits)
  const y = toFloating(fn, 'labels', labels)
  const options = { axis, ...(chosen === undefined ? {} : { where: chosen }) }
  const rest = sum(mul(y, sub(1, softmax(x, options))), options)
  return softmaxCrossEntropy(x, y, options).add(mul(rest, epsilon))
}
