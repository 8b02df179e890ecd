import {
  arange,
  concatenate,
  cos,
  divide,
  expandDims,
  multiply,
  power,
  ShapeError,
  sin,
  split,
  subtract,
  add,
  type Tensor,
  type TensorLike,
} from '@linum/tensor'
import { formatShape, toTensor } from '@linum/tensor/core'
import { floatOperand } from '../operand.js'

export interface RotaryEmbeddingOptions {
  /** The position of every element of the sequence, [...batch, length]; 0, 1, 2 ... by default. */
  readonly positions?: TensorLike
  /** The longest wavelength, in positions times 2π; 10,000 by default. */
  readonly base?: number
}

/**
 * Turns queries or keys [...batch, length, heads, depth] by angles that grow with their positions, so that their products
 * depend on distances alone. Element i and element i + depth/2 are one plane, turned by position / base^(2i/depth); the
 * angles are computed in float32. Throws ShapeError where the depth is odd. Su et al. 2021.
 */
export const rotaryEmbedding = (x: TensorLike, { positions, base = 10_000 }: RotaryEmbeddingOptions = {}): Tensor => {
  const t = floatOperand('rotaryEmbedding', x)
  const [length, , depth] = t.shape.slice(-3) as [number, number, number]
  if (t.ndim < 3 || depth % 2 !== 0)
    throw new ShapeError(
      `rotaryEmbedding: x must have shape [...batch, length, heads, depth] with an even depth, got shape ${formatShape(t.shape)}`,
    )
  if (!(base > 0)) throw new RangeError(`rotaryEmbedding: base must be a positive number, got ${base}`)
  const places = positions === undefined ? arange(length) : toTensor('rotaryEmbedding', positions)
  const skip = t.ndim - 2 - places.ndim
  if (skip < 0 || places.shape.some((extent, axis) => extent !== 1 && extent !== t.shape[skip + axis]))
    throw new ShapeError(
      `rotaryEmbedding: positions must broadcast to ${formatShape(t.shape.slice(0, -2))}, the leading axes of x, got shape ${formatShape(places.shape)}`,
    )
  const wavelengths = power(base, divide(arange(0, depth, 2).astype('float32'), depth))
  const angles = expandDims(divide(expandDims(places.astype('float32'), -1), wavelengths), -2)
  const [cosine, sine] = [cos(angles).astype(t.dtype), sin(angles).astype(t.dtype)]
  const [a, b] = split(t, 2, { axis: -1 }) as [Tensor, Tensor]
  return concatenate([subtract(multiply(a, cosine), multiply(b, sine)), add(multiply(b, cosine), multiply(a, sine))], {
    axis: -1,
  })
}
