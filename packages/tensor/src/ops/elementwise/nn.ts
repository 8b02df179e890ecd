import type { TensorLike } from '../../core/array-ops.js'
import { type DType, isFloat } from '../../core/dtype.js'
import type { Tensor } from '../../core/tensor.js'
import { bind1 } from '../../core/trace.js'
import { checkAxis } from '../../core/shape.js'
import { divide, equal, exp, logaddexp, log, negative, stopGradient, subtract } from './elementwise.js'
import { literalLike, toFloat, toTensor } from '../operand.js'
import { max, sum } from '../reduce/reduce.js'
import { expandDims } from '../shape/shape.js'
import { where } from './where.js'

/** max(x, 0); the derivative at 0 is 0. */
export const relu = (x: TensorLike): Tensor => {
  const t = toTensor('relu', x)
  const zero = literalLike(0, t.dtype).astype(t.dtype)
  // maximum would split the derivative at 0 between x and the zero; this way round NaN stays NaN.
  return bind1('select', [bind1('le', [t, zero], null), zero, t], null)
}

/** log(1 + exp(x)). */
export const softplus = (x: TensorLike): Tensor => logaddexp(toFloat('softplus', x), 0)
/** log(sigmoid(x)). */
export const logSigmoid = (x: TensorLike): Tensor => negative(softplus(negative(toFloat('logSigmoid', x))))

export interface SoftmaxOptions {
  readonly axis?: number | readonly number[]
  /** Elements that take part; the others get probability 0. */
  readonly where?: TensorLike
}

/** exp(x) over its sum along an axis. */
export const softmax = (x: TensorLike, options: SoftmaxOptions = {}): Tensor => {
  const t = toFloat('softmax', x)
  const axis = options.axis ?? -1
  const selected = options.where === undefined ? t : where(options.where, t, -Infinity)
  const top = stopGradient(max(selected, { axis, keepdims: true, initial: -Infinity }))
  const powers = exp(subtract(selected, top))
  const result = divide(powers, sum(powers, { axis, keepdims: true }))
  return options.where === undefined ? result : where(options.where, result, 0)
}

/** log(softmax(x)) without the rounding of going through softmax. */
export const logSoftmax = (x: TensorLike, options: SoftmaxOptions = {}): Tensor => {
  const t = toFloat('logSoftmax', x)
  const axis = options.axis ?? -1
  const selected = options.where === undefined ? t : where(options.where, t, -Infinity)
  const shifted = subtract(selected, stopGradient(max(selected, { axis, keepdims: true, initial: -Infinity })))
  const result = subtract(shifted, log(sum(exp(shifted), { axis, keepdims: true })))
  return options.where === undefined ? result : where(options.where, result, -Infinity)
}

/** A new axis of `n` classes (last by default) with 1 at the index; all 0 for an index out of range. */
export const oneHot = (
  x: TensorLike,
  n: number,
  options: { readonly dtype?: DType; readonly axis?: number } = {},
): Tensor => {
  const t = toTensor('oneHot', x)
  const axis = checkAxis('oneHot', options.axis ?? -1, t.ndim + 1)
  const classes = bind1('iota', [], {
    shape: Array.from({ length: t.ndim + 1 }, (_, i) => (i === axis ? n : 1)),
    axis,
    dtype: isFloat(t.dtype) ? 'float32' : 'int32',
  })
  return equal(expandDims(t, axis), classes).astype(options.dtype ?? 'float32')
}
