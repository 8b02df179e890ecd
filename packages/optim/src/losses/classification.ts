import {
  any,
  array,
  DtypeError,
  equal,
  expandDims,
  greaterEqual,
  iota,
  less,
  logicalAnd,
  logSigmoid,
  logSoftmax,
  logsumexp,
  mul,
  ShapeError,
  sub,
  sum,
  type Tensor,
  type TensorLike,
  where as select,
} from '@linum/tensor'
import { checkAxes, dtypeCategory, formatShape, sameShape, toTensor } from '@linum/tensor/core'
import { toFloating } from './floating.js'

export interface CrossEntropyOptions {
  /** The axis, or axes, of the classes; the last if absent. */
  readonly axis?: number | readonly number[]
  /** Which elements take part: of the shape of the logits, or of that without the axes of the classes. */
  readonly where?: TensorLike | undefined
}

const spread = (
  fn: string,
  where: TensorLike | undefined,
  logits: Tensor,
  axis: number | readonly number[],
): Tensor | undefined => {
  if (where === undefined) return undefined
  const mask = toTensor(fn, where)
  return mask.ndim === logits.ndim ? mask : expandDims(mask, axis)
}

/**
 * -Σ labels log softmax(logits) over the classes: the cross entropy of distributions. Labels broadcast against the
 * logits. Throws DtypeError for logits that are not floating point.
 */
export const softmaxCrossEntropy = (
  logits: TensorLike,
  labels: TensorLike,
  { axis = -1, where }: CrossEntropyOptions = {},
): Tensor => {
  const x = toFloating('softmaxCrossEntropy', 'logits', logits)
  const mask = spread('softmaxCrossEntropy', where, x, axis)
  if (mask === undefined) return sum(mul(labels, logSoftmax(x, { axis })), { axis }).neg()
  // Where nothing is selected log softmax is minus infinity, which labels of 0 would turn into NaN.
  return sum(mul(labels, select(mask, logSoftmax(x, { axis, where: mask }), 0)), { axis, where: mask }).neg()
}

const toLabels = (fn: string, labels: TensorLike): Tensor => {
  if (typeof labels === 'number' && Number.isInteger(labels)) return array(labels, { dtype: 'int32' })
  const y = toTensor(fn, labels)
  if (dtypeCategory(y.dtype) !== 'integer') {
    throw new DtypeError(
      `${fn}: labels must be integers, got dtype ${y.dtype}; convert with labels.astype('int32'), or use softmaxCrossEntropy for distributions`,
    )
  }
  return y.dtype === 'int32' ? y : y.astype('int32')
}

/** The axes of the classes moved to the end and joined there. */
const lastAxis = (x: Tensor, batch: readonly number[], axes: readonly number[]): Tensor =>
  x
    .transpose([...batch, ...axes])
    .reshape([...batch.map((a) => x.shape[a]!), axes.reduce((n, a) => n * x.shape[a]!, 1)])

/**
 * logsumexp(logits) - logits[label] over the classes: the cross entropy of one class each. For several axes a label
 * counts in row-major order through them. A negative label counts from the end, one out of range gives NaN. Throws
 * DtypeError for labels that are not integers, ShapeError where they have not the shape of the logits without the axes
 * of the classes.
 */
export const softmaxCrossEntropyWithIntegerLabels = (
  logits: TensorLike,
  labels: TensorLike,
  { axis = -1, where }: CrossEntropyOptions = {},
): Tensor => {
  const fn = 'softmaxCrossEntropyWithIntegerLabels'
  const given = toFloating(fn, 'logits', logits)
  const y = toLabels(fn, labels)
  const axes = checkAxes(fn, axis, given.ndim)
  const batch = given.shape.map((_, i) => i).filter((i) => !axes.includes(i))
  const shape = batch.map((i) => given.shape[i]!)
  if (!sameShape(y.shape, shape)) {
    throw new ShapeError(
      `${fn}: labels must have the shape of the logits without the axis of the classes, ${formatShape(shape)}, got ${formatShape(y.shape)}`,
    )
  }
  const last = (t: Tensor): Tensor => lastAxis(t, batch, axes)
  const x = last(given)
  const mask = spread(fn, where, given, axis)
  const chosen = mask === undefined ? undefined : last(mask.broadcastTo(given.shape))
  const n = x.shape.at(-1)!
  const wanted = select(less(y, 0), y.add(n), y)
  const inRange = logicalAnd(greaterEqual(wanted, 0), less(wanted, n))
  // A choice among classes, unlike a gather, fuses with the sum and has a derivative without scatter.
  const picked = sum(select(equal(iota([n], 0), expandDims(wanted, -1)), x, 0), { axis: -1 })
  const loss = sub(
    logsumexp(x, { axis: -1, ...(chosen === undefined ? {} : { where: chosen }) }),
    select(inRange, picked, NaN),
  )
  return chosen === undefined ? loss : select(any(chosen, { axis: -1 }), loss, 0)
}

/**
 * -y log sigmoid(x) - (1 - y) log sigmoid(-x) for each element: the cross entropy of a yes or no with probability y.
 * Throws DtypeError for logits that are not floating point.
 */
export const sigmoidBinaryCrossEntropy = (logits: TensorLike, labels: TensorLike): Tensor => {
  const x = toFloating('sigmoidBinaryCrossEntropy', 'logits', logits)
  const y = toTensor('sigmoidBinaryCrossEntropy', labels).astype(x.dtype)
  return sub(mul(y.neg(), logSigmoid(x)), mul(sub(1, y), logSigmoid(x.neg())))
}
