import type { TensorLike } from '../core/array-ops.js'
import { checkDType, type DType, isInteger, type StoredDType } from '../core/dtype.js'
import { checkAxis, checkShape, sameShape, type Shape, sizeOf } from '../core/shape.js'
import { DtypeError, ShapeError } from '../core/errors.js'
import type { Tensor } from '../core/tensor.js'
import {
  abs,
  add,
  divide,
  equal,
  floor,
  greater,
  greaterEqual,
  isfinite,
  isnan,
  less,
  lessEqual,
  log,
  log1p,
  logicalAnd,
  logicalNot,
  logicalOr,
  multiply,
  negative,
  sqrt,
  stopGradient,
  subtract,
} from '../ops/elementwise/elementwise.js'
import { literalLike, toFloat } from '../ops/operand.js'
import { topK } from '../ops/order/order.js'
import { any, argmax } from '../ops/reduce/reduce.js'
import { moveaxis, reshape } from '../ops/shape/shape.js'
import { where } from '../ops/elementwise/where.js'
import { whileLoop } from '../program/control.js'
import { gammaln } from '../special/gamma.js'
import { gumbel, type GumbelOptions } from './continuous.js'
import { drawShape, drawUnit, filled, parameter, scalarKey, spread } from './draw.js'
import { split } from './key.js'

export interface CategoricalOptions {
  /** The axis of the classes; default -1. */
  readonly axis?: number
  /** Must end in the shape of the logits without the axis, which is the default. */
  readonly shape?: Shape
  /** Whether a class can be drawn again; default true. */
  readonly replace?: boolean
  readonly mode?: NonNullable<GumbelOptions['mode']>
}

/** Classes (int32) with probabilities proportional to exp(logits). */
export const categorical = (key: TensorLike, logits: TensorLike, options: CategoricalOptions = {}): Tensor => {
  const k = scalarKey('categorical', key)
  const t = toFloat('random.categorical', logits)
  if (t.ndim === 0) throw new ShapeError('random.categorical: logits need an axis of classes, got a scalar')
  const axis = checkAxis('random.categorical', options.axis ?? -1, t.ndim)
  const batch = t.shape.filter((_, i) => i !== axis)
  const shape = checkShape('random.categorical', options.shape ?? batch)
  const lead = shape.slice(0, shape.length - batch.length)
  const own = shape.slice(lead.length)
  drawShape('categorical', own, filled(batch, 0, 'bool'))
  const noise = { dtype: t.dtype, mode: options.mode ?? 'low' }
  if (options.replace !== false) {
    const classes = [...own.slice(0, axis), t.shape[axis]!, ...own.slice(axis)]
    const noisy = add(gumbel(k, [...lead, ...classes], noise), t)
    return argmax(noisy, { axis: lead.length + axis })
  }
  const count = sizeOf(lead)
  if (!sameShape(own, batch) || count > t.shape[axis]!)
    throw new RangeError(
      `random.categorical: cannot draw shape [${shape.join(', ')}] of ${t.shape[axis]} classes without replacement`,
    )
  const noisy = add(t, gumbel(k, t.shape, noise))
  return reshape(moveaxis(topK(moveaxis(noisy, axis, -1), count)[1], -1, 0), shape)
}

export interface CountOptions {
  readonly shape?: Shape
  /** An integer dtype; int32 if absent. */
  readonly dtype?: DType
}

const integerType = (fn: string, dtype: DType | undefined): StoredDType => {
  const d = checkDType(`random.${fn}`, dtype ?? 'int32')
  if (!isInteger(d))
    throw new DtypeError(`random.${fn}: dtype must be an integer, got ${d}; convert the sample with astype`)
  return d as StoredDType
}

/** The number of trials up to the first success: 1, 2, 3 ... with probability p each. */
export const geometric = (key: TensorLike, p: TensorLike, options: CountOptions = {}): Tensor => {
  const dtype = integerType('geometric', options.dtype)
  const chance = toFloat('random.geometric', p)
  const shape = drawShape('geometric', options.shape, chance)
  const u = drawUnit(scalarKey('geometric', key), shape, chance.dtype as StoredDType)
  const trials = floor(divide(log(where(equal(u, 0), 1, u)), log1p(negative(chance))))
  return add(trials, 1).astype(dtype)
}

/** Knuth's method: uniform numbers multiplied until their product is below exp(-rate). */
const poissonByProduct = (key: Tensor, rate: Tensor, shape: Shape): Tensor => {
  const { k } = whileLoop(
    ({ product }) => any(greater(product, negative(rate))),
    ({ k: count, key: before, product }) => {
      const keys = split(before)
      const u = drawUnit(keys.slice(1), shape, 'float32')
      return {
        k: where(greater(product, negative(rate)), add(count, 1), count),
        key: keys.slice(0),
        product: add(product, log(u)),
      }
    },
    { k: filled(shape, 0, 'int32'), key, product: filled(shape, 0, 'float32') },
  )
  return subtract(k, 1)
}

/** Hörmann's transformed rejection ("The transformed rejection method for generating Poisson random variables", 1993). */
const poissonByRejection = (key: Tensor, rate: Tensor, shape: Shape): Tensor => {
  const logRate = log(rate)
  const b = add(multiply(sqrt(rate), 2.53), 0.931)
  const a = add(multiply(b, 0.02483), -0.059)
  const inverse = add(divide(1.1328, subtract(b, 3.4)), 1.1239)
  const limit = subtract(0.9277, divide(3.6224, subtract(b, 2)))
  const { k } = whileLoop(
    ({ accepted }) => any(logicalNot(accepted)),
    ({ k: found, accepted, key: before }) => {
      const keys = split(before, 3)
      const u = subtract(drawUnit(keys.slice(1), shape, 'float32'), 0.5)
      const v = drawUnit(keys.slice(2), shape, 'float32')
      const inner = subtract(0.5, abs(u))
      const count = floor(add(add(multiply(add(divide(multiply(a, 2), inner), b), u), rate), 0.43))
      const s = log(divide(multiply(v, inverse), add(divide(a, multiply(inner, inner)), b)))
      const t = subtract(add(negative(rate), multiply(count, logRate)), gammaln(add(count, 1)))
      const inside = logicalAnd(greaterEqual(inner, 0.07), lessEqual(v, limit))
      const reject = logicalOr(less(count, 0), logicalAnd(less(inner, 0.013), greater(v, inner)))
      const accept = logicalOr(inside, logicalAnd(logicalNot(reject), lessEqual(s, t)))
      return { k: where(accept, count, found), accepted: logicalOr(accepted, accept), key: keys.slice(0) }
    },
    // An infinite rate would never be accepted.
    { k: filled(shape, -1, 'float32'), accepted: logicalNot(isfinite(rate)), key },
  )
  return k.astype('int32')
}

/** Poisson of a rate: int32 unless given. -1 where the rate is NaN or infinite. Not differentiable. */
export const poisson = (key: TensorLike, lam: TensorLike, options: CountOptions = {}): Tensor => {
  const dtype = integerType('poisson', options.dtype)
  const given = stopGradient(parameter('poisson', lam, 'float32'))
  const shape = drawShape('poisson', options.shape, given)
  const k = scalarKey('poisson', key)
  const rate = spread(given, shape)
  const few = logicalOr(isnan(rate), less(rate, 10))
  const counts = where(
    few,
    poissonByProduct(k, where(few, rate, 0), shape),
    poissonByRejection(k, where(few, 1e5, rate), shape),
  )
  return where(equal(rate, 0), literalLike(0, 'int32'), counts).astype(dtype)
}
