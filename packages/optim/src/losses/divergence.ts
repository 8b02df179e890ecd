import { equal, exp, log, mul, sub, sum, type Tensor, type TensorLike, where as select } from '@linum/tensor'
import { toFloating } from './floating.js'

export interface DivergenceOptions {
  /** The axis, or axes, of the distributions; the last if absent. */
  readonly axis?: number | readonly number[] | null
  /** Which elements take part, of the shape of the predictions. */
  readonly where?: TensorLike | undefined
}

const total = (x: Tensor, { axis = -1, where }: DivergenceOptions): Tensor =>
  sum(x, { axis, ...(where === undefined ? {} : { where }) })

/** Σ t (log t - log p), with 0 log 0 = 0: by how much distributions p, given as logarithms, miss the targets t. Throws DtypeError for arguments that are not floating point. */
export const klDivergence = (
  logPredictions: TensorLike,
  targets: TensorLike,
  options: DivergenceOptions = {},
): Tensor => {
  const p = toFloating('klDivergence', 'logPredictions', logPredictions)
  const t = toFloating('klDivergence', 'targets', targets)
  const none = equal(t, 0)
  // The inner choice keeps the derivative at 0 from being NaN.
  const logTargets = select(none, 0, log(select(none, 1, t)))
  return total(mul(t, sub(logTargets, p)), options)
}

/** `klDivergence` of targets that are given as logarithms too. */
export const klDivergenceWithLogTargets = (
  logPredictions: TensorLike,
  logTargets: TensorLike,
  options: DivergenceOptions = {},
): Tensor => {
  const fn = 'klDivergenceWithLogTargets'
  const p = toFloating(fn, 'logPredictions', logPredictions)
  const t = toFloating(fn, 'logTargets', logTargets)
  return total(mul(exp(t), sub(t, p)), options)
}

/** `klDivergence` plus Σ (p - t), for measures whose sum is not 1. */
export const generalizedKlDivergence = (
  logPredictions: TensorLike,
  targets: TensorLike,
  options: DivergenceOptions = {},
): Tensor => {
  const p = toFloating('generalizedKlDivergence', 'logPredictions', logPredictions)
  return klDivergence(p, targets, options).add(total(sub(exp(p), targets), options))
}

/** Optax's older name of `generalizedKlDivergence`. */
export const convexKlDivergence: typeof generalizedKlDivergence = generalizedKlDivergence
