import type { TensorLike } from '../../core/array-ops.js'
import { isFloat, isInteger } from '../../core/dtype.js'
import { DtypeError, ShapeError } from '../../core/errors.js'
import { formatShape } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import { bind1 } from '../../core/trace.js'
import { add, less, lessEqual, logicalAnd, logicalOr, notEqual, subtract } from '../elementwise/elementwise.js'
import { take } from '../indexing/indexing.js'
import { literalLike, promoteOperands, toTensor } from '../operand.js'
import { where } from '../elementwise/where.js'

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
