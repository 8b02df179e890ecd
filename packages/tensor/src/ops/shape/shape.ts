import type { TensorLike } from '../../core/array-ops.js'
import { ShapeError } from '../../core/errors.js'
import { checkAxes, checkAxis, checkShape, formatShape, sameShape, type Shape } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import { bind1 } from '../../core/trace.js'
import { toTensor } from '../operand.js'

/** The same elements in row-major order; one extent may be -1 and is inferred. */
export const reshape = (x: TensorLike, shape: Shape): Tensor => {
  const t = toTensor('reshape', x)
  const unknown = Array.isArray(shape) ? shape.indexOf(-1) : -1
  let target = shape
  if (unknown >= 0) {
    const rest = shape.filter((_, i) => i !== unknown)
    const known = checkShape('reshape', rest).reduce((a, b) => a * b, 1)
    if (known === 0 || t.size % known !== 0) {
      throw new ShapeError(
        `reshape: cannot reshape array of shape ${formatShape(t.shape)} (size ${t.size}) into shape ${formatShape(shape)}; -1 has no integral value`,
      )
    }
    target = shape.map((d, i) => (i === unknown ? t.size / known : d))
  }
  checkShape('reshape', target)
  return sameShape(target, t.shape) ? t : bind1('reshape', [t], { shape: [...target] })
}

/** All elements in one axis. */
export const ravel = (x: TensorLike): Tensor =>
  reshape(
    x,
    [-1].map((d) => (toTensor('ravel', x).size === 0 ? 0 : d)),
  )

/** Axes in the given order, reversed where none is given. */
export const transpose = (x: TensorLike, axes?: readonly number[]): Tensor => {
  const t = toTensor('transpose', x)
  const perm =
    axes === undefined ? t.shape.map((_, i) => t.ndim - 1 - i) : axes.map((a) => checkAxis('transpose', a, t.ndim))
  return perm.every((p, i) => p === i) && perm.length === t.ndim ? t : bind1('transpose', [t], { perm })
}

export const swapaxes = (x: TensorLike, a: number, b: number): Tensor => {
  const t = toTensor('swapaxes', x)
  const [i, j] = [checkAxis('swapaxes', a, t.ndim), checkAxis('swapaxes', b, t.ndim)]
  return transpose(
    t,
    t.shape.map((_, k) => (k === i ? j : k === j ? i : k)),
  )
}

/** Moves axes to new places; the others keep their order. */
export const moveaxis = (
  x: TensorLike,
  source: number | readonly number[],
  destination: number | readonly number[],
): Tensor => {
  const t = toTensor('moveaxis', x)
  const list = (a: number | readonly number[]): readonly number[] =>
    (typeof a === 'number' ? [a] : a).map((i) => checkAxis('moveaxis', i, t.ndim))
  const [from, to] = [list(source), list(destination)]
  if (from.length !== to.length)
    throw new ShapeError(
      `moveaxis: source and destination must have the same length, got ${from.length} and ${to.length}`,
    )
  const order = t.shape.map((_, i) => i).filter((i) => !from.includes(i))
  to.map((d, k) => [d, from[k]!] as const)
    .sort(([a], [b]) => a - b)
    .forEach(([d, s]) => order.splice(d, 0, s))
  return transpose(t, order)
}

/** A new axis of extent 1 at each given place of the result. */
export const expandDims = (x: TensorLike, axis: number | readonly number[]): Tensor => {
  const t = toTensor('expandDims', x)
  const axes = typeof axis === 'number' ? [axis] : axis
  const ndim = t.ndim + axes.length
  const places = new Set(checkAxes('expandDims', axes, ndim))
  let next = 0
  return reshape(
    t,
    Array.from({ length: ndim }, (_, i) => (places.has(i) ? 1 : t.shape[next++]!)),
  )
}

/** Without the axes of extent 1, or without the given ones, which must have it. */
export const squeeze = (x: TensorLike, options: { readonly axis?: number | readonly number[] | null } = {}): Tensor => {
  const t = toTensor('squeeze', x)
  const axes =
    options.axis === undefined || options.axis === null
      ? t.shape.flatMap((d, i) => (d === 1 ? [i] : []))
      : checkAxes('squeeze', options.axis, t.ndim)
  const wide = axes.find((a) => t.shape[a] !== 1)
  if (wide !== undefined)
    throw new ShapeError(`squeeze: cannot squeeze axis ${wide} of shape ${formatShape(t.shape)}; its size is not one`)
  return reshape(
    t,
    t.shape.filter((_, i) => !axes.includes(i)),
  )
}

/** Repeated along new leading axes and axes of extent 1, as NumPy broadcasts. */
export const broadcastTo = (x: TensorLike, shape: Shape): Tensor => {
  const t = toTensor('broadcastTo', x)
  checkShape('broadcastTo', shape)
  if (sameShape(t.shape, shape)) return t
  const skip = shape.length - t.ndim
  if (skip < 0 || t.shape.some((d, i) => d !== 1 && d !== shape[skip + i])) {
    throw new ShapeError(
      `broadcastTo: Incompatible shapes for broadcasting: ${formatShape(t.shape)} and requested shape ${formatShape(shape)}`,
    )
  }
  return bind1('broadcast_in_dim', [t], { shape: [...shape], dims: t.shape.map((_, i) => skip + i) })
}

/** Reversed along the given axes, or all. */
export const flip = (x: TensorLike, options: { readonly axis?: number | readonly number[] | null } = {}): Tensor => {
  const t = toTensor('flip', x)
  const axes = checkAxes('flip', options.axis, t.ndim)
  return axes.length === 0 ? t : bind1('rev', [t], { axes })
}
