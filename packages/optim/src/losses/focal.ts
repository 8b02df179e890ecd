import { add, exp, log, logSigmoid, logaddexp, mul, sub, type Tensor, type TensorLike } from '@linum/tensor'
import { toTensor } from '@linum/tensor/core'
import { sigmoidBinaryCrossEntropy } from './classification.js'
import { toFloating } from './floating.js'

export interface FocalOptions {
  /** Weight of the positives, 1 - alpha that of the negatives; none if absent. */
  readonly alpha?: TensorLike | null | undefined
  /** How much less what is already right counts; 2. */
  readonly gamma?: TensorLike
}

/** (1 - p_t)^gamma times the sigmoid cross entropy, for each element (Lin et al. 2017). Throws DtypeError for logits that are not floating point. */
export const sigmoidFocalLoss = (
  logits: TensorLike,
  labels: TensorLike,
  { alpha, gamma = 2 }: FocalOptions = {},
): Tensor => {
  const fn = 'sigmoidFocalLoss'
  const x = toFloating(fn, 'logits', logits)
  const y = toTensor(fn, labels).astype(x.dtype)
  // log((1 - y) p + y (1 - p)), by logarithms.
  const logMiss = logaddexp(add(logSigmoid(x), log(sub(1, y))), add(logSigmoid(x.neg()), log(y)))
  const loss = mul(sigmoidBinaryCrossEntropy(x, y), exp(mul(logMiss, gamma)))
  if (alpha === undefined || alpha === null) return loss
  return mul(add(mul(y, alpha), mul(sub(1, y), sub(1, alpha))), loss)
}
