import type { TensorLike } from '../../core/array-ops.js'
import { isFloat } from '../../core/dtype.js'
import { sameShape } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import {
  abs,
  add,
  equal,
  isfinite,
  isnan,
  lessEqual,
  logicalAnd,
  logicalOr,
  multiply,
  subtract,
} from './elementwise.js'
import { promoteFloats, promoteOperands, toTensor } from '../operand.js'
import { all } from '../reduce/reduce.js'

export interface CloseOptions {
  /** Relative to the second operand; default 1e-5. */
  readonly rtol?: number
  /** Default 1e-8. */
  readonly atol?: number
  /** Whether NaN is close to NaN; default false. */
  readonly equalNan?: boolean
}

const bothNan = (a: Tensor, b: Tensor): Tensor => logicalAnd(isnan(a), isnan(b))

/** Whether |x - y| <= atol + rtol |y|, element by element; equal infinities are close. */
export const isclose = (x: TensorLike, y: TensorLike, options: CloseOptions = {}): Tensor => {
  const [a, b] = promoteFloats('isclose', [x, y]) as readonly [Tensor, Tensor]
  const near = lessEqual(abs(subtract(a, b)), add(options.atol ?? 1e-8, multiply(options.rtol ?? 1e-5, abs(b))))
  const close = logicalOr(equal(a, b), logicalAnd(isfinite(b), near))
  return options.equalNan === true ? logicalOr(close, bothNan(a, b)) : close
}

/** Whether all elements are close: a bool scalar. */
export const allclose = (x: TensorLike, y: TensorLike, options: CloseOptions = {}): Tensor =>
  all(isclose(x, y, options))

/** Whether shapes and all elements are equal: a bool scalar. */
export const arrayEqual = (x: TensorLike, y: TensorLike, options: Pick<CloseOptions, 'equalNan'> = {}): Tensor => {
  const [a, b] = [toTensor('arrayEqual', x), toTensor('arrayEqual', y)]
  if (!sameShape(a.shape, b.shape)) return toTensor('arrayEqual', false)
  const same = equal(a, b)
  if (options.equalNan !== true) return all(same)
  const [p, q] = promoteOperands('arrayEqual', [a, b]) as readonly [Tensor, Tensor]
  return all(isFloat(p.dtype) ? logicalOr(same, bothNan(p, q)) : same)
}
