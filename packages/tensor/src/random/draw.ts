import type { TensorLike } from '../core/array-ops.js'
import { checkDType, type DType, dtypeBytes, isFloat, isHalf, type StoredDType } from '../core/dtype.js'
import { DtypeError, ShapeError } from '../core/errors.js'
import { finfo } from '../core/limits.js'
import { broadcastShapes, checkShape, formatShape, sameShape, type Shape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { bind1 } from '../core/trace.js'
import {
  add,
  bitwiseOr,
  erfinv,
  maximum,
  multiply,
  rightShift,
  subtract,
  view,
} from '../ops/elementwise/elementwise.js'
import { convert, literalLike, toTensor } from '../ops/operand.js'
import { broadcastTo } from '../ops/shape/shape.js'
import { checkKey } from './key.js'

export interface SampleOptions {
  /** A floating-point dtype; float32 if absent. */
  readonly dtype?: DType
}

export interface ShapedOptions extends SampleOptions {
  /** Must be one that the parameters' shapes broadcast to; their common shape if absent. */
  readonly shape?: Shape
}

/** The dtype asked for, which must be a float. */
export const floatType = (fn: string, dtype: DType | undefined): StoredDType => {
  const d = checkDType(`random.${fn}`, dtype ?? 'float32')
  if (!isFloat(d))
    throw new DtypeError(`random.${fn}: dtype must be a float, got ${d}; convert the sample with x.astype('${d}')`)
  return d as StoredDType
}

/** `key`, checked to be a single one. */
export const scalarKey = (fn: string, key: TensorLike): Tensor => {
  const k = checkKey(fn, key)
  if (k.ndim !== 0)
    throw new ShapeError(
      `random.${fn}: takes one key, got an array of keys of shape ${formatShape(k.shape)}; use vmap for one draw per key`,
    )
  return k
}

/** The shape to draw: the one given, to which parameters must broadcast, or theirs. */
export const drawShape = (fn: string, shape: Shape | undefined, ...parameters: readonly Tensor[]): Shape => {
  const shapes = parameters.map((p) => p.shape)
  if (shape === undefined) return broadcastShapes(`random.${fn}`, shapes)
  checkShape(`random.${fn}`, shape)
  if (!sameShape(broadcastShapes(`random.${fn}`, [shape, ...shapes]), shape))
    throw new ShapeError(
      `random.${fn}: the parameters must broadcast to the shape ${formatShape(shape)}, got shapes ${shapes.map(formatShape).join(' and ')}`,
    )
  return shape
}

/** A parameter of a distribution in the sample's dtype. */
export const parameter = (fn: string, x: TensorLike, dtype: StoredDType): Tensor =>
  convert(toTensor(`random.${fn}`, x), dtype)

/** 32 random bits for each element, in front of them an axis for each of the keys'. */
export const drawBits = (keys: Tensor, shape: Shape): Tensor => bind1('random_bits', [keys], { shape: [...shape] })

/** In [0, 1): as many random bits as the dtype has fraction bits. */
export const drawUnit = (keys: Tensor, shape: Shape, dtype: StoredDType): Tensor => {
  if (dtype === 'float32')
    return subtract(view(bitwiseOr(rightShift(drawBits(keys, shape), 9), 0x3f800000), 'float32'), 1)
  const { nmant } = finfo(dtype)
  const scaled = (bits: Tensor, shift: number, power: number): Tensor =>
    multiply(convert(rightShift(bits, shift), dtype), 2 ** power)
  if (dtypeBytes(dtype) === 8) {
    // Both words of a split are the 64 bits that a double takes.
    const words = bind1('random_unwrap', [bind1('random_split', [keys], { shape: [...shape] })], null)
    const [high, low] = [0, 1].map((i) => words.slice('...', i))
    return add(scaled(high!, 0, -32), scaled(low!, 12, -52))
  }
  // The low 16 bits, or 8 where those are more than the fraction.
  const width = nmant < 8 ? 8 : 16
  const word = drawBits(keys, shape).bitwiseAnd(2 ** width - 1)
  return scaled(word, width - nmant, -nmant)
}

/** In [low, high): the unit interval scaled, with one rounding where the reference has one. */
export const drawUniform = (
  keys: Tensor,
  shape: Shape,
  dtype: StoredDType,
  low: TensorLike = 0,
  high: TensorLike = 1,
): Tensor => {
  const unit = drawUnit(keys, shape, dtype)
  if (low === 0 && high === 1) return unit
  const at = (x: TensorLike): Tensor =>
    typeof x === 'number' ? literalLike(x, dtype) : convert(toTensor('random.uniform', x), dtype)
  const [from, to] = [at(low), at(high)]
  const span = subtract(to, from)
  const scaled = isHalf(dtype) ? add(multiply(unit, span), from) : bind1('fma', [unit, span, from], null)
  return maximum(scaled, from)
}

/** Standard normal, from the inverse of its distribution function. */
export const drawNormal = (keys: Tensor, shape: Shape, dtype: StoredDType): Tensor => {
  // The number next to -1 keeps erfinv finite.
  const u = drawUniform(keys, shape, dtype, -1 + finfo(dtype).epsneg, 1)
  return multiply(erfinv(u), literalLike(Math.SQRT2, dtype))
}

/** Rate 1. */
export const drawExponential = (keys: Tensor, shape: Shape, dtype: StoredDType): Tensor =>
  drawUnit(keys, shape, dtype).neg().log1p().neg()

export const filled = (shape: Shape, value: number, dtype: StoredDType): Tensor =>
  bind1('full', [], { shape: [...shape], value, dtype, weak: false })

/** `x` in every element of a shape. */
export const spread = (x: Tensor, shape: Shape): Tensor => broadcastTo(x, shape)
