import type { TensorLike } from '../../core/array-ops.js'
import { isInteger } from '../../core/dtype.js'
import { DtypeError, ShapeError } from '../../core/errors.js'
import { formatShape, type Shape } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import { bind1 } from '../../core/trace.js'
import { positionsOf } from './index-plan.js'
import { literalLike, toTensor } from '../operand.js'
import { broadcastTo } from '../shape/shape.js'

/** What an index outside the axis gives: the nearest element, NaN or 0 (`fill`), or the one counted around (`wrap`). */
export type TakeMode = 'fill' | 'clip' | 'wrap'

const takeModes: readonly TakeMode[] = ['fill', 'clip', 'wrap']
/** Refuses a mode that does not exist. */
export const checkTakeMode = (fn: string, mode: TakeMode): void => {
  if (!takeModes.includes(mode))
    throw new RangeError(`${fn}: unknown mode, got '${String(mode)}'; use 'fill', 'clip' or 'wrap'`)
}

/** Positions as integers. Throws DtypeError for others. */
export const checkPositions = (fn: string, indices: TensorLike): Tensor => {
  const t =
    typeof indices === 'number' && Number.isInteger(indices) ? literalLike(indices, 'int32') : toTensor(fn, indices)
  if (!isInteger(t.dtype))
    throw new DtypeError(`${fn}: indices must be integers, got ${t.dtype}; make them with { dtype: 'int32' }`)
  return t
}

/** One position tensor per axis: `idx` on its own axis, the place itself on the others, extents of 1 of `shape` broadcast. */
export const alongAxis = (
  fn: string,
  shape: Shape,
  indices: TensorLike,
  axis: number,
  mode: TakeMode,
): readonly Tensor[] => {
  const idx = checkPositions(fn, indices)
  if (idx.ndim !== shape.length)
    throw new ShapeError(
      `${fn}: indices and array must have the same number of dimensions, got ${idx.ndim} and ${shape.length}`,
    )
  const common = shape.map((d, i) => {
    const k = idx.shape[i]!
    if (i !== axis && d !== k && d !== 1 && k !== 1)
      throw new ShapeError(
        `${fn}: Incompatible shapes for broadcasting: shapes=[${formatShape(shape)}, ${formatShape(idx.shape)}]`,
      )
    return i === axis ? k : d === 1 ? k : d
  })
  if (shape[axis] === 0 && idx.size > 0)
    throw new ShapeError(`${fn}: cannot index into axis ${axis} of size 0 of shape ${formatShape(shape)}`)
  return shape.map((d, i) => {
    if (i === axis)
      return broadcastTo(idx.size === 0 ? idx : positionsOf(idx, d, mode === 'wrap' ? 'wrap' : 'none', true), common)
    return d === 1
      ? bind1('full', [], { shape: common, value: 0, dtype: 'int32', weak: false })
      : bind1('iota', [], { shape: common, axis: i, dtype: 'int32' })
  })
}
