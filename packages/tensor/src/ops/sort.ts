import type { TensorLike } from '../core/array-ops.js'
import { isFloat, isInteger } from '../core/dtype.js'
import { DtypeError, ShapeError } from '../core/errors.js'
import { checkAxis, formatShape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { bind, bind1 } from '../core/trace.js'
import { add, less, lessEqual, logicalAnd, logicalOr, notEqual, subtract } from './elementwise.js'
import { slice, take } from './indexing.js'
import { concatenate } from './join.js'
import { literalLike, promoteOperands, toTensor } from './operand.js'
import { flip, reshape } from './shape.js'
import { where } from './where.js'

export interface SortOptions {
  /** Default -1; null sorts all elements in a row. */
  readonly axis?: number | null
  readonly descending?: boolean
  /** Accepted for NumPy's sake: every sort here is stable. */
  readonly stable?: boolean
}

const prepare = (
  fn: string,
  x: TensorLike,
  options: { readonly axis?: number | null },
): readonly [t: Tensor, axis: number] => {
  const t = toTensor(fn, x)
  return options.axis === null ? [reshape(t, [t.size]), 0] : [t, checkAxis(fn, options.axis ?? -1, t.ndim)]
}

const positionsOf = (t: Tensor, axis: number): Tensor =>
  bind1('iota', [], { shape: [...t.shape], axis, dtype: 'int32' })

/** Ascending, NaN last; descending is its reverse, NaN first. */
export const sort = (x: TensorLike, options: SortOptions = {}): Tensor => {
  const [t, axis] = prepare('sort', x, options)
  const sorted = bind1('sort', [t], { axis })
  return options.descending === true ? flip(sorted, { axis }) : sorted
}

/** The positions (int32) whose elements are in order; equal elements keep theirs, also descending. */
export const argsort = (x: TensorLike, options: SortOptions = {}): Tensor => {
  const [t, axis] = prepare('argsort', x, options)
  const positions = positionsOf(t, axis)
  if (options.descending !== true) return bind('sort', [t, positions], { axis })[1]!
  // Sorting the mirror image keeps equal elements in their order when it is mirrored back.
  const mirrored = bind('sort', [flip(t, { axis }), flip(positions, { axis })], { axis })[1]!
  return flip(mirrored, { axis })
}

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
  const [t, axis] = prepare('partition', x, options)
  const [low, high] = halves('partition', bind1('sort', [t], { axis }), kth, axis)
  return concatenate([low, flip(high, { axis })], { axis })
}

/** The positions (int32) that `partition` takes elements from. */
export const argpartition = (x: TensorLike, kth: number, options: PartitionOptions = {}): Tensor => {
  const [t, axis] = prepare('argpartition', x, options)
  const order = bind('sort', [t, positionsOf(t, axis)], { axis })[1]!
  const [low, high] = halves('argpartition', order, kth, axis)
  return concatenate([low, bind1('sort', [high], { axis })], { axis })
}

export interface SearchsortedOptions {
  /** Whether equal elements stay after the place found ('left', the default) or before it ('right'). */
  readonly side?: 'left' | 'right'
  /** Positions that put the array in order, as from `argsort`. */
  readonly sorter?: TensorLike
}

/** Where (int32) elements of any shape would go into a sorted array of one axis to keep it sorted; NaN counts as greatest. */
export const searchsorted = (a: TensorLike, v: TensorLike, options: SearchsortedOptions = {}): Tensor => {
  const side = options.side ?? 'left'
  if (side !== 'left' && side !== 'right')
    throw new RangeError(`searchsorted: side must be 'left' or 'right', got '${String(side)}'`)
  const [given, values] = promoteOperands('searchsorted', [a, v]) as readonly [Tensor, Tensor]
  if (given.ndim !== 1)
    throw new ShapeError(`searchsorted: the array must have one axis, got shape ${formatShape(given.shape)}`)
  const sorted = options.sorter === undefined ? given : inOrder(given, toTensor('searchsorted', options.sorter))
  const n = sorted.size
  const isNaN = (x: Tensor): Tensor => notEqual(x, x)
  const precedes = (x: Tensor): Tensor => {
    const plain = side === 'left' ? less(x, values) : lessEqual(x, values)
    if (!isFloat(values.dtype)) return plain
    return logicalOr(plain, side === 'left' ? logicalAnd(isNaN(values), lessEqual(x, x)) : isNaN(values))
  }
  let found = bind1('full', [], { shape: [...values.shape], value: 0, dtype: 'int32', weak: false })
  // Bit by bit: a larger step is taken where all elements up to it precede.
  for (let step = 2 ** Math.floor(Math.log2(n)); n > 0 && step >= 1; step /= 2) {
    const next = add(found, literalLike(step, 'int32'))
    const probe = bind1('gather', [sorted, subtract(next, literalLike(1, 'int32'))], {
      axes: [0],
      mode: 'clip',
      fill: 0,
    })
    found = where(logicalAnd(lessEqual(next, n), precedes(probe)), next, found)
  }
  return found
}

const inOrder = (x: Tensor, sorter: Tensor): Tensor => {
  if (!isInteger(sorter.dtype))
    throw new DtypeError(`searchsorted: sorter must hold integers, got ${sorter.dtype}; make it with argsort(a)`)
  if (sorter.ndim !== 1 || sorter.size !== x.size)
    throw new ShapeError(
      `searchsorted: sorter must have shape ${formatShape(x.shape)} of the array, got ${formatShape(sorter.shape)}`,
    )
  return take(x, sorter, { mode: 'clip' })
}
