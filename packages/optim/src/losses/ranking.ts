import {
  any,
  isnan,
  logicalAnd,
  logicalNot,
  logSoftmax,
  mean,
  mul,
  sum,
  type Tensor,
  type TensorLike,
  where as select,
} from '@linum/tensor'
import { toTensor } from '@linum/tensor/core'
import { toFloating } from './floating.js'

export interface RankingOptions {
  /** Which items take part, of the shape of the logits. */
  readonly where?: TensorLike | undefined
  /** Weights of the items. */
  readonly weights?: TensorLike | undefined
  /** How lists are put together: their mean, their sum, or not at all with null; the mean if absent. */
  readonly reduceFn?: 'mean' | 'sum' | null
}

const reduced = (loss: Tensor, chosen: Tensor | undefined, reduceFn: RankingOptions['reduceFn']): Tensor => {
  const options = chosen === undefined ? {} : { where: chosen }
  if (reduceFn === null) return chosen === undefined ? loss : select(chosen, loss, 0)
  if (reduceFn === 'sum') return sum(loss, options)
  const average = mean(loss, options)
  // The mean of no lists is 0.
  return select(logicalAnd(isnan(average), logicalNot(any(isnan(loss)))), 0, average)
}

/** -Σ labels log softmax(logits) over the items of a list, the last axis (Cao et al. 2007). Throws DtypeError for logits that are not floating point. */
export const rankingSoftmaxLoss = (
  logits: TensorLike,
  labels: TensorLike,
  { where, weights, reduceFn = 'mean' }: RankingOptions = {},
): Tensor => {
  const fn = 'rankingSoftmaxLoss'
  const x = toFloating(fn, 'logits', logits)
  const y = toTensor(fn, labels).astype(x.dtype)
  const chosen = where === undefined ? undefined : toTensor(fn, where)
  const relevance = chosen === undefined ? y : select(chosen, y, 0)
  const weighted = weights === undefined ? relevance : mul(relevance, weights)
  const options = { axis: -1, ...(chosen === undefined ? {} : { where: chosen }) }
  const logits0 = chosen === undefined ? x : select(chosen, x, -Infinity)
  const scores = logSoftmax(logits0, { axis: -1 })
  // Where nothing takes part log softmax is not finite, and 0 times that NaN.
  const terms = mul(weighted, chosen === undefined ? scores : select(chosen, scores, 0))
  const loss = sum(terms, options).neg()
  return reduced(loss, chosen === undefined ? undefined : any(chosen, { axis: -1 }), reduceFn)
}
