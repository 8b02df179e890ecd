import {
  expandDims,
  mean,
  mul,
  ShapeError,
  sigmoid,
  softmax,
  square,
  sub,
  sum,
  type Tensor,
  type TensorLike,
} from '@linum/tensor'
import { formatShape, toTensor } from '@linum/tensor/core'
import { toFloating } from './floating.js'
import { requireSameShape } from './same-shape.js'

export interface DiceOptions {
  /** A weight for each class. */
  readonly classWeights?: TensorLike | undefined
  /** Added above and below the line; 1. */
  readonly smooth?: TensorLike
  /** Weight of false positives; 0.5. */
  readonly alpha?: TensorLike
  /** Weight of false negatives; 0.5. */
  readonly beta?: TensorLike
  /** Whether predictions are logits, of which softmax is taken (of one class the sigmoid); true. If false they must be probabilities. */
  readonly applySoftmax?: boolean
  /** How classes are put together; 'mean'. */
  readonly reduction?: 'mean' | 'sum' | 'none'
  /** Whether the first class is left out. */
  readonly ignoreBackground?: boolean
  /** The axes of the image; all but the first and the last if absent. */
  readonly axis?: number | readonly number[] | undefined
}

const reduceLoss = (loss: Tensor, reduction: string): Tensor => {
  if (reduction === 'mean') return mean(loss, { axis: -1 })
  if (reduction === 'sum') return sum(loss, { axis: -1 })
  if (reduction === 'none') return loss
  throw new TypeError(`diceLoss: Unsupported reduction, got ${reduction}; give 'mean', 'sum' or 'none'`)
}

/**
 * 1 - (I + s) / (I + alpha (P - I) + beta (T - I) + s) for each class, where I, P and T are the sums over the image of
 * predictions times targets, predictions and targets: the Tversky loss (Salehi, Erdogmus and Gholipour 2017), and for
 * weights of ½ the Dice loss (Milletari, Navab and Ahmadi 2016). Shapes [batch, ..., classes]. Probabilities are not
 * checked. Throws ShapeError where the shapes differ.
 */
export const diceLoss = (
  predictions: TensorLike,
  targets: TensorLike,
  {
    classWeights,
    smooth = 1,
    alpha = 0.5,
    beta = 0.5,
    applySoftmax = true,
    reduction = 'mean',
    ignoreBackground = false,
    axis,
  }: DiceOptions = {},
): Tensor => {
  const fn = 'diceLoss'
  const given = toFloating(fn, 'predictions', predictions)
  const wanted = toTensor(fn, targets)
  const x = given.ndim === wanted.ndim - 1 ? expandDims(given, -1) : given
  const y = wanted.ndim === x.ndim - 1 ? expandDims(wanted, -1) : wanted
  requireSameShape(fn, ['predictions', 'targets'], x, y)
  const p = !applySoftmax ? x : x.shape.at(-1) === 1 ? sigmoid(x) : softmax(x, { axis: -1 })
  const image = { axis: axis ?? Array.from({ length: Math.max(x.ndim - 2, 0) }, (_, i) => i + 1) }
  const both = sum(mul(p, y), image)
  const [falsePositives, falseNegatives] = [sub(sum(p, image), both), sub(sum(y, image), both)]
  const below = both.add(mul(falsePositives, alpha)).add(mul(falseNegatives, beta)).add(smooth)
  const loss = sub(1, both.add(smooth).div(below))
  const weights = classWeights === undefined ? undefined : toTensor(fn, classWeights)
  if (weights !== undefined && weights.ndim !== 1)
    throw new ShapeError(
      `${fn}: classWeights must be a vector, got shape ${formatShape(weights.shape)}; give one for each class`,
    )
  const weighted = weights === undefined ? loss : mul(loss, weights)
  return reduceLoss(ignoreBackground && p.shape.at(-1)! > 1 ? weighted.slice('...', '1:') : weighted, reduction)
}

export interface GeneralizedDiceOptions extends Pick<DiceOptions, 'smooth' | 'applySoftmax' | 'ignoreBackground'> {}

/** The mean of `diceLoss` with classes weighted by the inverse square of how often they occur (Sudre et al. 2017). One number. */
export const multiclassGeneralizedDiceLoss = (
  predictions: TensorLike,
  targets: TensorLike,
  options: GeneralizedDiceOptions = {},
): Tensor => {
  const fn = 'multiclassGeneralizedDiceLoss'
  const y = toTensor(fn, targets)
  requireSameShape(fn, ['predictions', 'targets'], toTensor(fn, predictions), y)
  const counts = sum(y, { axis: Array.from({ length: y.ndim - 1 }, (_, i) => i) })
  const inverse = square(counts).add(1e-7).reciprocal()
  const classWeights = inverse.div(sum(inverse)).mul(y.shape.at(-1)!)
  return mean(diceLoss(predictions, y, { ...options, classWeights, reduction: 'none' }))
}

export interface BinaryDiceOptions extends Pick<DiceOptions, 'smooth'> {
  /** Whether predictions are logits; true. */
  readonly applySigmoid?: boolean
}

/** `diceLoss` of one class: shapes [batch, ...], with or without a last axis of 1. */
export const binaryDiceLoss = (
  predictions: TensorLike,
  targets: TensorLike,
  { smooth = 1, applySigmoid = true }: BinaryDiceOptions = {},
): Tensor => {
  const [x, y] = [toFloating('binaryDiceLoss', 'predictions', predictions), toTensor('binaryDiceLoss', targets)]
  const bare = x.ndim === y.ndim && x.shape.at(-1) !== 1
  return diceLoss(bare ? expandDims(x, -1) : x, bare ? expandDims(y, -1) : y, { smooth, applySoftmax: applySigmoid })
}
