import {
  arange,
  expandDims,
  flip,
  mod,
  ShapeError,
  subtract,
  takeAlongAxis,
  type Tensor,
  type TensorLike,
  tree,
} from '@linum/tensor'
import { formatShape, sameShape, toTensor } from '@linum/tensor/core'

/** The extents of a batch, and the axis of time among them. */
export interface SequenceLayout {
  readonly batch: readonly number[]
  readonly timeAxis: number
}

/** The lengths of sequences, one per element of the batch. Throws ShapeError where they are not. */
export const lengthsOperand = (fn: string, seqLengths: TensorLike, { batch }: SequenceLayout): Tensor => {
  const lengths = toTensor(fn, seqLengths)
  if (!sameShape(lengths.shape, batch))
    throw new ShapeError(
      `${fn}: seqLengths must have the shape of the batch, ${formatShape(batch)}, got shape ${formatShape(lengths.shape)}`,
    )
  return lengths.astype('int32')
}

const ones = (n: number): readonly number[] => Array<number>(n).fill(1)

/**
 * Sequences in reverse. With lengths, what is within comes in reverse and what pads it stays behind, so that a backward
 * pass begins with the last element instead of padding.
 */
export const flipSequences = (x: Tensor, lengths: Tensor | null, { batch, timeAxis }: SequenceLayout): Tensor => {
  if (lengths === null) return flip(x, { axis: timeAxis })
  const steps = x.shape[timeAxis]!
  const backwards = arange(steps - 1, -1, -1).reshape([steps, ...ones(batch.length - timeAxis)])
  const places = mod(backwards.add(expandDims(lengths, timeAxis)), steps)
  return takeAlongAxis(x, places.reshape([...places.shape, ...ones(x.ndim - places.ndim)]), { axis: timeAxis })
}

/** Of carries stacked over time [steps, ...batch, ...], those at the end of each sequence. */
export const lastCarries = <C>(carries: C, lengths: Tensor): C =>
  tree.map((x: Tensor) => {
    const ends = expandDims(subtract(lengths, 1), 0)
    return takeAlongAxis(x, ends.reshape([...ends.shape, ...ones(x.ndim - ends.ndim)]), { axis: 0 }).reshape(
      x.shape.slice(1),
    )
  }, carries as never) as C
