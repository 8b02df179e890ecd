import type { TensorLike } from '../../core/array-ops.js'
import { isInteger } from '../../core/dtype.js'
import { DtypeError, ShapeError } from '../../core/errors.js'
import { checkAxis, formatShape, type Shape } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import { bind1 } from '../../core/trace.js'
import { add, less } from '../elementwise/elementwise.js'
import { convert, literalLike, toTensor } from '../operand.js'
import { expandDims, reshape, squeeze } from '../shape/shape.js'
import { where } from '../elementwise/where.js'

/** Where a window starts: one integer per axis, as scalars or in one tensor; negative ones count from the end. */
export type Starts = readonly TensorLike[] | TensorLike

const checkStart = (fn: string, start: TensorLike): Tensor => {
  if (typeof start === 'number' && Number.isInteger(start)) return literalLike(start, 'int32')
  const s = toTensor(fn, start)
  if (!isInteger(s.dtype))
    throw new DtypeError(`${fn}: starts must be integers, got ${s.dtype}; make them with { dtype: 'int32' }`)
  if (s.ndim !== 0) throw new ShapeError(`${fn}: a start must be a scalar, got shape ${formatShape(s.shape)}`)
  return convert(s, 'int32')
}

/** The scalars of a tensor of one axis. */
const elementsOf = (fn: string, starts: Tensor): readonly Tensor[] => {
  if (starts.ndim !== 1)
    throw new ShapeError(
      `${fn}: starts must be an array of scalars or a tensor of one axis, got shape ${formatShape(starts.shape)}; write [0, i, 0]`,
    )
  return Array.from({ length: starts.size }, (_, i) =>
    reshape(bind1('slice', [starts], { start: [i], limit: [i + 1], stride: [1] }), []),
  )
}

const startsOf = (fn: string, starts: Starts, shape: Shape): readonly Tensor[] => {
  const list = Array.isArray(starts)
    ? (starts as readonly TensorLike[])
    : elementsOf(fn, toTensor(fn, starts as TensorLike))
  if (list.length !== shape.length)
    throw new ShapeError(`${fn}: needs one start per axis of shape ${formatShape(shape)}, got ${list.length}`)
  return list.map((start, i) => {
    if (typeof start === 'number') return checkStart(fn, start < 0 ? start + shape[i]! : start)
    const s = checkStart(fn, start)
    return where(less(s, 0), add(s, shape[i]!), s)
  })
}

/**
 * The window of `sizes` that begins at `starts`, which may be traced. A start is moved so that the window fits; a
 * negative one counts from the end.
 */
export const dynamicSlice = (x: TensorLike, starts: Starts, sizes: Shape): Tensor => {
  const t = toTensor('dynamicSlice', x)
  return bind1('dynamic_slice', [t, ...startsOf('dynamicSlice', starts, t.shape)], { sizes: [...sizes] })
}

/** `x` with `update`, of its rank and dtype, in the window that begins at `starts`, which are moved so that it fits. */
export const dynamicUpdateSlice = (x: TensorLike, update: TensorLike, starts: Starts): Tensor => {
  const [t, u] = [toTensor('dynamicUpdateSlice', x), toTensor('dynamicUpdateSlice', update)]
  const typed = typeof update === 'number' ? literalLike(update, t.dtype).astype(t.dtype) : u
  return bind1('dynamic_update_slice', [t, typed, ...startsOf('dynamicUpdateSlice', starts, t.shape)], null)
}

interface AxisOption {
  /** Default 0. */
  readonly axis?: number
}

const alone = (axis: number, start: TensorLike, ndim: number): TensorLike[] =>
  Array.from({ length: ndim }, (_, i) => (i === axis ? start : 0))

/** `size` elements of an axis from `start`, which may be traced and is moved so that they fit. */
export const dynamicSliceInDim = (x: TensorLike, start: TensorLike, size: number, options: AxisOption = {}): Tensor => {
  const t = toTensor('dynamicSliceInDim', x)
  const axis = checkAxis('dynamicSliceInDim', options.axis ?? 0, t.ndim)
  return dynamicSlice(
    t,
    alone(axis, start, t.ndim),
    t.shape.map((d, i) => (i === axis ? size : d)),
  )
}

/** `x` with `update` along an axis from `start`; on the other axes the update has the array's extents, or starts at 0. */
export const dynamicUpdateSliceInDim = (
  x: TensorLike,
  update: TensorLike,
  start: TensorLike,
  options: AxisOption = {},
): Tensor => {
  const t = toTensor('dynamicUpdateSliceInDim', x)
  const axis = checkAxis('dynamicUpdateSliceInDim', options.axis ?? 0, t.ndim)
  return dynamicUpdateSlice(t, update, alone(axis, start, t.ndim))
}

/** The entry of an axis at an index that may be traced; the axis stays with extent 1 unless `keepdims` is false. */
export const dynamicIndexInDim = (
  x: TensorLike,
  index: TensorLike,
  options: AxisOption & { readonly keepdims?: boolean } = {},
): Tensor => {
  const axis = checkAxis('dynamicIndexInDim', options.axis ?? 0, toTensor('dynamicIndexInDim', x).ndim)
  const entry = dynamicSliceInDim(x, index, 1, { axis })
  return options.keepdims === false ? squeeze(entry, { axis }) : entry
}

/** `x` with one entry of an axis replaced; `update` has the axis with extent 1, or not at all. */
export const dynamicUpdateIndexInDim = (
  x: TensorLike,
  update: TensorLike,
  index: TensorLike,
  options: AxisOption = {},
): Tensor => {
  const t = toTensor('dynamicUpdateIndexInDim', x)
  const u = toTensor('dynamicUpdateIndexInDim', update)
  const axis = checkAxis('dynamicUpdateIndexInDim', options.axis ?? 0, t.ndim)
  return dynamicUpdateSliceInDim(t, u.ndim === t.ndim ? u : expandDims(u, axis), index, { axis })
}

/** A static range of one axis: from `start` to `limit` (negative ones count from the end, null is the end) in steps of `stride`. */
export const sliceInDim = (
  x: TensorLike,
  start: number | null,
  limit: number | null,
  options: AxisOption & { readonly stride?: number } = {},
): Tensor => {
  const t = toTensor('sliceInDim', x)
  const axis = checkAxis('sliceInDim', options.axis ?? 0, t.ndim)
  const n = t.shape[axis]!
  const bound = (v: number): number => (v < 0 ? v + n : v)
  const from = { start: bound(start ?? 0), limit: bound(limit ?? n), stride: options.stride ?? 1 }
  return bind1('slice', [t], {
    start: t.shape.map((_, i) => (i === axis ? from.start : 0)),
    limit: t.shape.map((d, i) => (i === axis ? from.limit : d)),
    stride: t.shape.map((_, i) => (i === axis ? from.stride : 1)),
  })
}
