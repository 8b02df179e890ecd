import { max, maximum, mul, neg, oneHot, sub, sum, type Tensor, type TensorLike } from '@linum/tensor'
import { toTensor } from '@linum/tensor/core'
import { toFloating } from './floating.js'
import { requireSameShape } from './same-shape.js'

/** max(0, 1 - p t) for each element, with targets of -1 and 1. */
export const hingeLoss = (predictorOutputs: TensorLike, targets: TensorLike): Tensor =>
  maximum(sub(1, mul(toTensor('hingeLoss', predictorOutputs), targets)), 0)

/** max(0, -p t) for each element, with targets of -1 and 1. Throws ShapeError where the shapes differ. */
export const perceptronLoss = (predictorOutputs: TensorLike, targets: TensorLike): Tensor => {
  const [p, t] = [toTensor('perceptronLoss', predictorOutputs), toTensor('perceptronLoss', targets)]
  requireSameShape('perceptronLoss', ['predictorOutputs', 'targets'], p, t)
  return maximum(mul(neg(p), t), 0)
}

const spread = (fn: string, scores: TensorLike, labels: TensorLike): readonly [scores: Tensor, labels: Tensor] => {
  const x = toFloating(fn, 'scores', scores)
  return [x, oneHot(labels, x.shape.at(-1)!).astype(x.dtype)]
}

/** max(scores + 1 - onehot) - scores[label] over the last axis (Crammer and Singer 2001). */
export const multiclassHingeLoss = (scores: TensorLike, labels: TensorLike): Tensor => {
  const [x, y] = spread('multiclassHingeLoss', scores, labels)
  return sub(max(x.add(1).sub(y), { axis: -1 }), sum(mul(x, y), { axis: -1 }))
}

/** max(scores) - scores[label] over the last axis. */
export const multiclassPerceptronLoss = (scores: TensorLike, labels: TensorLike): Tensor => {
  const [x, y] = spread('multiclassPerceptronLoss', scores, labels)
  return sub(max(x, { axis: -1 }), sum(mul(x, y), { axis: -1 }))
}

export interface TripletOptions {
  /** The axis of the embeddings; the last if absent. */
  readonly axis?: number
  /** Power of the distance; 2. */
  readonly normDegree?: number
  /** By how much the negative must be farther than the positive; 1. */
  readonly margin?: TensorLike
  /** Added to the powers before the root is taken; 1e-6. */
  readonly eps?: TensorLike
}

/** max(0, d(anchor, positive) - d(anchor, negative) + margin) (Schroff, Kalenichenko and Philbin 2015). Throws DtypeError for arguments that are not floating point. */
export const tripletMarginLoss = (
  anchors: TensorLike,
  positives: TensorLike,
  negatives: TensorLike,
  { axis = -1, normDegree = 2, margin = 1, eps = 1e-6 }: TripletOptions = {},
): Tensor => {
  const fn = 'tripletMarginLoss'
  const a = toFloating(fn, 'anchors', anchors)
  const distance = (x: Tensor): Tensor =>
    sum(sub(a, x).pow(normDegree), { axis })
      .add(eps)
      .pow(1 / normDegree)
  const near = distance(toFloating(fn, 'positives', positives))
  const far = distance(toFloating(fn, 'negatives', negatives))
  return maximum(near.sub(far).add(margin), 0)
}
