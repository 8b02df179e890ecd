import {
  clip,
  mul,
  neg,
  oneHot,
  sub,
  sum,
  type Tensor,
  type TensorLike,
  where,
  notEqual,
  greater,
  lessEqual,
  square,
} from '@linum/tensor'
import { toTensor } from '@linum/tensor/core'
import { simplexRows } from '../projections/simplex.js'
import { toFloating } from './floating.js'

/** 0 below -1, x above 1, (x + 1)² / 4 between: what the sparse sigmoid is the derivative of. */
const sparsePlus = (x: Tensor): Tensor =>
  where(lessEqual(x, -1), 0, where(greater(x, 1), x, square(clip(x, -1, 1).add(1)).div(4)))

/** The loss of the sparse sigmoid, which is 0 for sure answers, for each element; labels are 0 and 1 (Martins and Astudillo 2016). */
export const sparsemaxLoss = (logits: TensorLike, labels: TensorLike): Tensor => {
  const x = toFloating('sparsemaxLoss', 'logits', logits)
  return sparsePlus(where(notEqual(toTensor('sparsemaxLoss', labels), 0), neg(x), x))
}

/** The loss of sparsemax, which gives most classes probability 0: scores [batch, classes], one label each. */
export const multiclassSparsemaxLoss = (scores: TensorLike, labels: TensorLike): Tensor => {
  const x = toFloating('multiclassSparsemaxLoss', 'scores', scores)
  const y = oneHot(labels, x.shape.at(-1)!).astype(x.dtype)
  const p = simplexRows(x)
  const above = sub(x, sum(mul(x, y), { axis: -1, keepdims: true }))
  const linear = sum(mul(p, where(notEqual(p, 0), above, 0)), { axis: -1 })
  return linear.add(mul(sub(1, sum(square(p), { axis: -1 })), 0.5))
}
