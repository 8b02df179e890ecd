import type { TensorLike } from '../core/array-ops.js'
import type { StoredDType } from '../core/dtype.js'
import { ShapeError } from '../core/errors.js'
import { checkAxis, checkShape, formatShape, type Shape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { bind1 } from '../core/trace.js'
import { dotGeneral } from '../ops/products/contract.js'
import {
  abs,
  add,
  divide,
  floor,
  greater,
  greaterEqual,
  lessEqual,
  logicalAnd,
  maximum,
  multiply,
  notEqual,
  subtract,
} from '../ops/elementwise/elementwise.js'
import { slice, take } from '../ops/indexing/indexing.js'
import { promoteFloats, toFloat, toTensor } from '../ops/operand.js'
import { sum } from '../ops/reduce/reduce.js'
import { expandDims, moveaxis } from '../ops/shape/shape.js'
import { where } from '../ops/elementwise/where.js'
import { type Kernel, kernels, type ResizeMethod } from './kernels.js'

const checkMethod = (fn: string, method: ResizeMethod, all: readonly string[]): void => {
  if (!all.includes(method))
    throw new RangeError(`${fn}: unknown method, got '${String(method)}'; use one of ${all.join(', ')}`)
}

const checkTarget = (fn: string, t: Tensor, shape: Shape): void => {
  checkShape(fn, shape)
  if (shape.length !== t.ndim)
    throw new ShapeError(
      `${fn}: the shape must have as many axes as the image, got ${formatShape(shape)} for ${formatShape(t.shape)}`,
    )
}

const count = (n: number, like: Tensor): Tensor =>
  bind1('iota', [], { shape: [n], axis: 0, dtype: like.dtype as StoredDType })

/** How much each of m pixels (rows) gives to each of n new ones (columns). */
const weights = (m: number, n: number, scale: Tensor, shift: Tensor, kernel: Kernel, antialias: boolean): Tensor => {
  const inverse = divide(1, scale)
  // Shrinking averages over as many pixels as become one.
  const spread = antialias ? maximum(inverse, 1) : null
  const centers = subtract(subtract(multiply(add(count(n, scale), 0.5), inverse), multiply(shift, inverse)), 0.5)
  const distance = abs(subtract(expandDims(centers, 0), expandDims(count(m, scale), 1)))
  const raw = kernel(spread === null ? distance : divide(distance, spread))
  const total = sum(raw, { axis: 0, keepdims: true })
  const normal = where(greater(abs(total), 1000 * 2 ** -23), divide(raw, where(notEqual(total, 0), total, 1)), 0)
  const inside = logicalAnd(greaterEqual(centers, -0.5), lessEqual(centers, m - 0.5))
  return where(expandDims(inside, 0), normal, 0)
}

const along = (t: Tensor, axis: number, matrix: Tensor): Tensor =>
  moveaxis(dotGeneral(t, matrix.astype(t.dtype), { contract: [[axis], [0]] }), -1, axis)

export interface ResizeOptions {
  /** Average over all pixels that become one where the image shrinks; default true. */
  readonly antialias?: boolean
}

/** An image (with any axes beside) in another shape; axes that keep their extent are left alone. 'nearest' keeps the dtype, the others give floating point. */
export const resize = (image: TensorLike, shape: Shape, method: ResizeMethod, options: ResizeOptions = {}): Tensor => {
  checkMethod('image.resize', method, ['nearest', ...Object.keys(kernels)])
  const given = toTensor('image.resize', image)
  checkTarget('image.resize', given, shape)
  const axes = shape.flatMap((n, i) => (n === given.shape[i] ? [] : [i]))
  const float32 = toFloat('image.resize', 1)
  if (method === 'nearest')
    return axes.reduce((t, axis) => {
      const [m, n] = [given.shape[axis]!, shape[axis]!]
      const centers = multiply(add(count(n, float32), 0.5), m)
      return take(t, floor(divide(centers, n)).astype('int32'), { axis, mode: 'clip' })
    }, given)
  const t = toFloat('image.resize', given)
  return axes.reduce((x, axis) => {
    const [m, n] = [t.shape[axis]!, shape[axis]!]
    const scale = multiply(float32, n === 0 ? 1 : n / m)
    return along(x, axis, weights(m, n, scale, multiply(float32, 0), kernels[method], options.antialias !== false))
  }, t)
}

/**
 * An image scaled by `scale` and then moved by `translation` along each of `spatialDims`, in the given shape: the pixel
 * at i goes to scale i + translation. Outside the image is 0. Differentiable also in scale and translation.
 */
export const scaleAndTranslate = (
  image: TensorLike,
  shape: Shape,
  spatialDims: readonly number[],
  scale: TensorLike,
  translation: TensorLike,
  method: Exclude<ResizeMethod, 'nearest'>,
  options: ResizeOptions = {},
): Tensor => {
  checkMethod('image.scaleAndTranslate', method, Object.keys(kernels))
  const t = toFloat('image.scaleAndTranslate', image)
  checkTarget('image.scaleAndTranslate', t, shape)
  const [scales, shifts] = promoteFloats('image.scaleAndTranslate', [scale, translation]) as readonly [Tensor, Tensor]
  for (const x of [scales, shifts])
    if (x.ndim !== 1 || x.size !== spatialDims.length)
      throw new ShapeError(
        `image.scaleAndTranslate: scale and translation need one number for each of ${spatialDims.length} axes, got shape ${formatShape(x.shape)}`,
      )
  return spatialDims.reduce((x, dim, i) => {
    const axis = checkAxis('image.scaleAndTranslate', dim, t.ndim)
    const matrix = weights(
      t.shape[axis]!,
      shape[axis]!,
      slice(scales, i),
      slice(shifts, i),
      kernels[method],
      options.antialias !== false,
    )
    return along(x, axis, matrix)
  }, t)
}
