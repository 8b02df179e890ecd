import { moveaxis, multiply, pad, random, reshape, ShapeError, zeros } from '@linum/tensor'
import { checkAxis, formatShape, sizeOf } from '@linum/tensor/core'
import type { Initializer, InitializerOptions } from './initializer.js'

export interface OrthogonalOptions extends InitializerOptions {
  /** What the matrix is multiplied by; 1 by default. */
  readonly scale?: number
  /** The axis of the columns; the last by default. */
  readonly columnAxis?: number
}

const optionsOf = (options: number | OrthogonalOptions): OrthogonalOptions =>
  typeof options === 'number' ? { scale: options } : options

/**
 * A random orthogonal matrix, uniformly distributed: rows or columns, whichever are fewer, are orthonormal. Axes of the
 * weights other than `columnAxis` are the rows together. A number stands for `{ scale }`. Saxe et al. 2013.
 */
export const orthogonal = (options: number | OrthogonalOptions = {}): Initializer => {
  const { scale = 1, columnAxis = -1, dtype = 'float32' } = optionsOf(options)
  return (key, shape, call) => {
    if (shape.length < 2)
      throw new ShapeError(`orthogonal: weights must have two axes or more, got shape ${formatShape(shape)}`)
    const settings = { dtype, ...call }
    if (sizeOf(shape) === 0) return zeros(shape, settings)
    const axis = checkAxis('orthogonal', columnAxis, shape.length)
    const columns = shape[axis]!
    const matrix = random.orthogonal(key, sizeOf(shape) / columns, [], { m: columns, ...settings })
    return multiply(moveaxis(reshape(matrix, [...shape.filter((_, i) => i !== axis), columns]), -1, axis), scale)
  }
}

/**
 * For convolutions: an orthogonal matrix at the middle of the window, 0 elsewhere, so that norms are kept at any depth.
 * A number stands for `{ scale }`. Xiao et al. 2018.
 */
export const deltaOrthogonal = (options: number | OrthogonalOptions = {}): Initializer => {
  const init = orthogonal(options)
  return (key, shape, call) => {
    const window = shape.slice(0, -2)
    const [fanIn, fanOut] = shape.slice(-2) as [number, number]
    if (window.length < 1 || window.length > 3)
      throw new ShapeError(
        `deltaOrthogonal: weights must have one to three axes of a window before the features, got shape ${formatShape(shape)}`,
      )
    if (fanOut < fanIn)
      throw new ShapeError(
        `deltaOrthogonal: there must not be more features in than out, got shape ${formatShape(shape)}`,
      )
    if (sizeOf(window) === 0) return zeros(shape, { dtype: 'float32', ...call })
    const middle = reshape(init(key, [fanIn, fanOut], call), [...window.map(() => 1), fanIn, fanOut])
    return pad(middle, [...window.map((n): [number, number] => [(n - 1) >> 1, n >> 1]), [0, 0], [0, 0]])
  }
}
