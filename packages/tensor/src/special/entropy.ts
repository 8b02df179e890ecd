import type { TensorLike } from '../core/array-ops.js'
import type { Tensor } from '../core/tensor.js'
import {
  add,
  divide,
  equal,
  greater,
  greaterEqual,
  less,
  log,
  log1p,
  logicalAnd,
  multiply,
  negative,
  subtract,
} from '../ops/elementwise/elementwise.js'
import { promoteFloats, toFloat } from '../ops/operand.js'
import { where } from '../ops/elementwise/where.js'
import * as kernel from './kernels/entropy.js'
import { pointwise } from './pointwise.js'

/** x log(y), 0 where x is 0; the derivative by x is log(y) everywhere. */
export const xlogy: (x: TensorLike, y: TensorLike) => Tensor = /* @__PURE__ */ pointwise('xlogy', kernel.xlogy, [
  (t, [, y]) => multiply(t, log(y!)),
  (t, [x, y]) => divide(multiply(t, x!), y!),
])

/** x log(1 + y), 0 where x is 0; the derivative by x is log(1 + y) everywhere. */
export const xlog1py: (x: TensorLike, y: TensorLike) => Tensor = /* @__PURE__ */ pointwise('xlog1py', kernel.xlog1py, [
  (t, [, y]) => multiply(t, log1p(y!)),
  (t, [x, y]) => divide(multiply(t, x!), add(y!, 1)),
])

const xlogx: (x: TensorLike) => Tensor = /* @__PURE__ */ pointwise('entr', (x) => kernel.xlogy(x, x), [
  (t, [x]) => multiply(t, add(log(x!), 1)),
])

/** -x log(x): 0 at 0, minus infinity for negative x. */
export const entr = (x: TensorLike): Tensor => {
  const t = toFloat('entr', x)
  return where(less(t, 0), -Infinity, negative(xlogx(t)))
}

/** x log(x / y) for positive numbers, 0 where x is 0 and y is not negative, else infinite. */
export const relEntr = (x: TensorLike, y: TensorLike): Tensor => {
  const [p, q] = promoteFloats('relEntr', [x, y])
  const positive = logicalAnd(greater(p!, 0), greater(q!, 0))
  const none = logicalAnd(equal(p!, 0), greaterEqual(q!, 0))
  const [safeP, safeQ] = [where(positive, p!, 1), where(positive, q!, 1)]
  return where(positive, subtract(xlogx(safeP), xlogy(safeP, safeQ)), where(none, 0, Infinity))
}

/** x log(x / y) - x + y for positive numbers, y where x is 0 and y is not negative, else infinite. */
export const klDiv = (x: TensorLike, y: TensorLike): Tensor => {
  const [p, q] = promoteFloats('klDiv', [x, y])
  return add(subtract(relEntr(p!, q!), p!), q!)
}
