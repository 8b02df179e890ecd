import {
  argmax,
  DtypeError,
  equal,
  greater,
  greaterEqual,
  isdtype,
  ShapeError,
  type Tensor,
  type TensorLike,
} from '@linum/tensor'
import { formatShape, toTensor } from '@linum/tensor/core'
import { Average } from './average.js'
import type { MetricArguments } from './metric.js'

export interface AccuracyOptions {
  /** For two classes: logits from here on are positive. */
  readonly threshold?: number | null
}

export interface AccuracyArguments extends MetricArguments {
  /** [..., classes], or with a threshold in the shape of the labels. */
  readonly logits: TensorLike
  /** The classes, integers. */
  readonly labels: TensorLike
  /** Which labels count; broadcasts to their shape. */
  readonly mask?: TensorLike | null
}

const fn = 'Accuracy.update'

const operand = (name: string, x: unknown): Tensor => {
  if (x === undefined || x === null)
    throw new TypeError(`${fn}: ${name} must be a tensor, got ${x}; call update({ logits, labels })`)
  return toTensor(fn, x as TensorLike)
}

/** The share of labels that the logits get right: the class of the greatest, or with a threshold whether they reach it. */
export class Accuracy extends Average {
  readonly threshold: number | null

  constructor({ threshold = null }: AccuracyOptions = {}) {
    super()
    if (threshold !== null && typeof threshold !== 'number')
      throw new TypeError(`Accuracy: threshold must be a number, got ${typeof threshold}; pass { threshold: 0.5 }`)
    this.threshold = threshold
  }

  /** Throws ShapeError where logits and labels do not fit, DtypeError for labels that are no integers. */
  override update(args: AccuracyArguments): void {
    const [logits, labels] = [operand('logits', args?.logits), operand('labels', args?.labels)]
    const shapes = `got shapes ${formatShape(logits.shape)} and ${formatShape(labels.shape)}`
    const { threshold } = this
    if (threshold === null && logits.ndim !== labels.ndim + 1)
      throw new ShapeError(
        `${fn}: logits must have one axis more than labels, for the classes, ${shapes}; with two classes pass a threshold to Accuracy`,
      )
    if (threshold !== null && logits.ndim !== labels.ndim)
      throw new ShapeError(`${fn}: with a threshold logits must have as many axes as labels, ${shapes}`)
    if (!isdtype(labels.dtype, 'integral'))
      throw new DtypeError(`${fn}: labels must be integers, got ${labels.dtype}; make them with { dtype: 'int32' }`)
    const right =
      threshold === null
        ? equal(argmax(logits, { axis: -1 }), labels.astype('int32'))
        : equal(greaterEqual(logits, threshold), greater(labels, 0))
    this.take(fn, right, args.mask)
  }
}
