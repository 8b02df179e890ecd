import { mul, sub, sum, type Tensor, type TensorLike } from '@linum/tensor'
import { toFloating } from './floating.js'

/**
 * The Fenchel-Young loss of a function: `maxFun(scores) - Σ targets scores`, where `maxFun` reduces the last axis, such
 * as logsumexp (Blondel, Martins and Niculae 2020).
 */
export const makeFenchelYoungLoss =
  (maxFun: (scores: Tensor) => Tensor): ((scores: TensorLike, targets: TensorLike) => Tensor) =>
  (scores, targets) => {
    const x = toFloating('fenchelYoungLoss', 'scores', scores)
    return sub(maxFun(x), sum(mul(x, targets), { axis: -1 }))
  }
