import {
  add,
  concatenate,
  equal,
  full,
  logaddexp,
  logSoftmax,
  matmul,
  mul,
  oneHot,
  pad,
  scan,
  ShapeError,
  sub,
  sum,
  type Tensor,
  type TensorLike,
  transpose,
} from '@linum/tensor'
import { formatShape, sameShape, toTensor } from '@linum/tensor/core'
import { toFloating } from './floating.js'

export interface CtcOptions {
  /** The class that stands for no label; 0. */
  readonly blankId?: number
  /** What stands for the logarithm of 0; -1e5. */
  readonly logEpsilon?: number
}

const checkShapes = (
  fn: string,
  logits: Tensor,
  logitPaddings: Tensor,
  labels: Tensor,
  labelPaddings: Tensor,
): void => {
  const wrong =
    logits.ndim !== 3
      ? `logits must have shape (batch, time, classes), got ${formatShape(logits.shape)}`
      : labels.ndim !== 2 || labels.shape[0] !== logits.shape[0]
        ? `labels must have shape (batch, length) with a batch of ${logits.shape[0]}, got ${formatShape(labels.shape)}`
        : !sameShape(labels.shape, labelPaddings.shape)
          ? `labels and labelPaddings must have the same shape, got ${formatShape(labels.shape)} and ${formatShape(labelPaddings.shape)}`
          : !sameShape(logits.shape.slice(0, 2), logitPaddings.shape)
            ? `logitPaddings must have the shape of the logits without classes, ${formatShape(logits.shape.slice(0, 2))}, got ${formatShape(logitPaddings.shape)}`
            : null
  if (wrong !== null) throw new ShapeError(`${fn}: ${wrong}; reshape it`)
}

const timeFirst = (x: Tensor): Tensor => transpose(x, [1, 0, ...x.shape.slice(2).map((_, i) => i + 2)])

/** What ends in a blank, plus what has just emitted a label. */
const withBlank = (phi: Tensor, added: Tensor): Tensor =>
  concatenate([phi.slice(':', ':1'), logaddexp(phi.slice(':', '1:'), added)], { axis: -1 })

interface Alphas {
  readonly phi: Tensor
  readonly emit: Tensor
}

/**
 * `ctcLoss`, and the logarithms of the probabilities of having read each beginning of the labels by each time: ending
 * in a blank [time, batch, length + 1], and in the label [time, batch, length].
 */
export const ctcLossWithForwardProbs = (
  logits: TensorLike,
  logitPaddings: TensorLike,
  labels: TensorLike,
  labelPaddings: TensorLike,
  { blankId = 0, logEpsilon = -1e5 }: CtcOptions = {},
): readonly [loss: Tensor, logalphaPhi: Tensor, logalphaEmit: Tensor] => {
  const fn = 'ctcLoss'
  const x = toFloating(fn, 'logits', logits)
  const [padding, y] = [toTensor(fn, logitPaddings).astype(x.dtype), toTensor(fn, labels)]
  const labelPadding = toTensor(fn, labelPaddings).astype(x.dtype)
  checkShapes(fn, x, padding, y, labelPadding)
  const [batch, n] = [x.shape[0]!, y.shape[1]!]
  const logprobs = logSoftmax(x, { axis: -1 })
  const blank = timeFirst(logprobs.slice(':', ':', [blankId, blankId + 1]))
  const emitted = timeFirst(matmul(logprobs, oneHot(y, x.shape[2]!).astype(x.dtype).mT))
  const repeated = pad(equal(y.slice(':', ':-1'), y.slice(':', '1:')).astype(x.dtype), [
    [0, 0],
    [0, 1],
  ])
  const impossible = (length: number): Tensor => full([batch, length], logEpsilon, { dtype: x.dtype })
  const start: Alphas = {
    phi: concatenate([full([batch, 1], 0, { dtype: x.dtype }), impossible(n)], { axis: 1 }),
    emit: impossible(n),
  }
  const penalty = mul(repeated, logEpsilon)
  const otherPenalty = mul(sub(1, repeated), logEpsilon)
  const [, { phi, emit }] = scan(
    (before: Alphas, [emission, pause, isPadding]: readonly [Tensor, Tensor, Tensor]) => {
      const ready = withBlank(before.phi, add(before.emit, penalty))
      const emitNow = logaddexp(add(ready.slice(':', ':-1'), emission), add(before.emit, emission))
      const phiNow = withBlank(add(ready, pause), add(add(before.emit, pause), otherPenalty))
      const past = isPadding.reshape([batch, 1])
      const keep = (old: Tensor, now: Tensor): Tensor => mul(past, old).add(mul(sub(1, past), now))
      const next: Alphas = { phi: keep(before.phi, phiNow), emit: keep(before.emit, emitNow) }
      return [next, next] as const
    },
    start,
    [emitted, blank, timeFirst(padding)] as const,
  )
  const last = withBlank(phi.slice(-1), emit.slice(-1))
  const length = sub(n, sum(labelPadding, { axis: 1 })).astype('int32')
  const loss = sum(mul(last, oneHot(length, n + 1).astype(x.dtype)), { axis: -1 }).neg()
  return [loss, concatenate([phi.slice(':-1'), last.reshape([1, batch, n + 1])], { axis: 0 }), emit]
}

/**
 * Connectionist temporal classification (Graves et al. 2006): minus the logarithm of the probability of the labels
 * [batch, length], in order, with blanks and repetitions anywhere, one number for each of the logits [batch, time,
 * classes]. Paddings are 1 where there is nothing, at the end. Throws ShapeError where the shapes do not go together.
 */
export const ctcLoss = (
  logits: TensorLike,
  logitPaddings: TensorLike,
  labels: TensorLike,
  labelPaddings: TensorLike,
  options: CtcOptions = {},
): Tensor => ctcLossWithForwardProbs(logits, logitPaddings, labels, labelPaddings, options)[0]
