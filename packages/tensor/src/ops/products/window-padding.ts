import { ShapeError } from '../../core/errors.js'
import type { Padding } from '../../primitives/conv.js'

/**
 * How windows reach over the edges: not at all (`'VALID'`), so far that there are ceil(extent / stride) of them, an
 * odd element after (`'SAME'`) or before (`'SAME_LOWER'`), or by pairs of numbers per axis, negative ones cutting.
 */
export type WindowPadding = 'SAME' | 'SAME_LOWER' | 'VALID' | readonly Padding[]

/** One number per axis from one for all. */
export const perAxis = (value: number | readonly number[] | undefined, ndim: number): readonly number[] =>
  typeof value === 'object' ? value : Array.from({ length: ndim }, () => value ?? 1)

/** Pairs of padding for windows, dilation included, over axes of the given extents. */
export const windowPadding = (
  fn: string,
  padding: WindowPadding,
  extents: readonly number[],
  window: readonly number[],
  strides: readonly number[],
): readonly Padding[] => {
  if (typeof padding !== 'string') return padding
  if (padding === 'VALID') return extents.map(() => [0, 0])
  if (padding !== 'SAME' && padding !== 'SAME_LOWER')
    throw new ShapeError(
      `${fn}: unknown padding, got '${String(padding)}'; use 'SAME', 'SAME_LOWER', 'VALID' or pairs of numbers`,
    )
  return extents.map((n, i): Padding => {
    const total = Math.max(0, (Math.ceil(n / strides[i]!) - 1) * strides[i]! + window[i]! - n)
    const less = total >> 1
    return padding === 'SAME' ? [less, total - less] : [total - less, less]
  })
}
