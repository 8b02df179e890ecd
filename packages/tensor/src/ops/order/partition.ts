import type { TensorLike } from '../../core/array-ops.js'
import type { Tensor } from '../../core/tensor.js'
import { bind, bind1 } from '../../core/trace.js'
import { slice } from '../indexing/indexing.js'
import { concatenate } from '../shape/join.js'
import { flip } from '../shape/shape.js'
import { alongAxis, positionsOf } from './sort.js'

export interface PartitionOptions {
  /** Default -1; null partitions all elements in a row. */
  readonly axis?: number | null
}

/** The first `kth` + 1 positions along the axis, and the rest. */
const halves = (fn: string, sorted: Tensor, kth: number, axis: number): readonly [Tensor, Tensor] => {
  const n = sorted.shape[axis]!
  if (!Number.isInteger(kth) || kth < -n || kth >= n)
    throw new RangeError(`${fn}: kth must be an integer within the axis of size ${n}, got ${kth}`)
  const end = (kth < 0 ? kth + n : kth) + 1
  const before = sorted.shape.slice(0, axis).map(() => ':')
  return [slice(sorted, ...before, [0, end]), slice(sorted, ...before, [end, null])]
}

/**
 * The elements with the `kth` smallest in its sorted place, none greater before it and none smaller after it. The
 * order within both parts is left open.
 */
export const partition = (x: TensorLike, kth: number, options: PartitionOptions = {}): Tensor => {
  const [t, axis] = alongAxis('partition', x, options)
  const [low, high] = halves('partition', bind1('sort', [t], { axis }), kth, axis)
  return concatenate([low, flip(high, { axis })], { axis })
}

/** The positions (int32) that `partition` takes elements from. */
export const argpartition = (x: TensorLike, kth: number, options: PartitionOptions = {}): Tensor => {
  const [t, axis] = alongAxis('argpartition', x, options)
  const order = bind('sort', [t, positionsOf(t, axis)], { axis })[1]!
  const [low, high] = halves('argpartition', order, kth, axis)
  return concatenate([low, bind1('sort', [high], { axis })], { axis })
}
