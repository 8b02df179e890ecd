import type { TensorLike } from '../../core/array-ops.js'
import { type DType, promote, type StoredDType } from '../../core/dtype.js'
import { ShapeError } from '../../core/errors.js'
import { broadcastShapes, checkAxis, formatShape, sameShape, type Shape } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import { bind1 } from '../../core/trace.js'
import { convert, toTensor } from '../operand.js'
import { broadcastTo, expandDims } from './shape.js'

interface AxisOption {
  readonly axis?: number
}

const common = (fn: string, arrays: readonly TensorLike[]): readonly Tensor[] => {
  if (!Array.isArray(arrays) || arrays.length === 0) throw new TypeError(`${fn}: needs an array of at least one tensor`)
  const tensors = (arrays as readonly TensorLike[]).map((x) => toTensor(fn, x))
  if (tensors.every((t) => t.dtype === tensors[0]!.dtype)) return tensors
  const type = tensors.map((t): { readonly dtype: DType; readonly weak: boolean } => t).reduce(promote)
  return tensors.map((t) => (t.dtype === type.dtype ? t : convert(t, type.dtype as StoredDType, type.weak)))
}

/** Arrays one after the other along an existing axis. */
export const concatenate = (arrays: readonly TensorLike[], options: AxisOption = {}): Tensor => {
  const tensors = common('concatenate', arrays)
  if (tensors[0]!.ndim === 0)
    throw new ShapeError('concatenate: zero-dimensional arrays cannot be concatenated; use stack')
  const axis = checkAxis('concatenate', options.axis ?? 0, tensors[0]!.ndim)
  return tensors.length === 1 ? tensors[0]! : bind1('concatenate', tensors, { axis })
}

/** Arrays of one shape along a new axis. */
export const stack = (arrays: readonly TensorLike[], options: AxisOption = {}): Tensor => {
  const tensors = common('stack', arrays)
  const shape = tensors[0]!.shape
  const odd = tensors.find((t) => !sameShape(t.shape, shape))
  if (odd !== undefined)
    throw new ShapeError(
      `stack: all arrays must have the same shape, got ${formatShape(shape)} and ${formatShape(odd.shape)}`,
    )
  const axis = checkAxis('stack', options.axis ?? 0, tensors[0]!.ndim + 1)
  return concatenate(
    tensors.map((t) => expandDims(t, axis)),
    { axis },
  )
}

/** Cuts an axis into `parts` equal pieces, or before each given index. */
export const split = (x: TensorLike, parts: number | readonly number[], options: AxisOption = {}): Tensor[] => {
  const t = toTensor('split', x)
  const axis = checkAxis('split', options.axis ?? 0, t.ndim)
  const n = t.shape[axis]!
  if (typeof parts === 'number' && (!Number.isInteger(parts) || parts < 1 || n % parts !== 0)) {
    throw new ShapeError(
      `split: array split does not result in an equal division, got axis of size ${n} into ${parts} parts`,
    )
  }
  if (typeof parts !== 'number' && !parts.every(Number.isInteger))
    throw new TypeError(`split: indices must be integers, got [${parts.join(', ')}]`)
  const cuts = typeof parts === 'number' ? Array.from({ length: parts - 1 }, (_, i) => ((i + 1) * n) / parts) : parts
  const edges = [0, ...cuts.map((c) => Math.min(Math.max(c < 0 ? c + n : c, 0), n)), n]
  return edges.slice(1).map((end, i) => {
    const start = Math.min(edges[i]!, end)
    const limits = t.shape.map((d, k) => (k === axis ? end : d))
    return bind1('slice', [t], {
      start: t.shape.map((_, k) => (k === axis ? start : 0)),
      limit: limits,
      stride: t.shape.map(() => 1),
    })
  })
}

/** Arrays broadcast to their common shape. */
export const broadcastArrays = (...arrays: readonly TensorLike[]): Tensor[] => {
  const tensors = arrays.map((x) => toTensor('broadcastArrays', x))
  const shape: Shape = broadcastShapes(
    'broadcastArrays',
    tensors.map((t) => t.shape),
  )
  return tensors.map((t) => broadcastTo(t, shape))
}
