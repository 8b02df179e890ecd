import type { TensorLike } from '../../core/array-ops.js'
import { rangeOf } from '../../core/dtype.js'
import { ShapeError } from '../../core/errors.js'
import type { Tensor } from '../../core/tensor.js'
import { bind1 } from '../../core/trace.js'
import { dilated } from '../../primitives/conv.js'
import type { PrimitiveParams } from '../../primitives/primitive.js'
import { type WindowOp, windowResult } from '../../primitives/window.js'
import { add, maximum, minimum } from '../elementwise/elementwise.js'
import { checkNoKey, literalLike, toTensor } from '../operand.js'
import { perAxis, type WindowPadding, windowPadding } from './window-padding.js'

export interface WindowOptions {
  /** Takes part in every window once; by default nothing does. */
  readonly init?: number
  /** Spreads the operand apart: one number for all axes or one for each. */
  readonly baseDilation?: number | readonly number[]
  /** Spreads the window apart. */
  readonly windowDilation?: number | readonly number[]
}

const combine = { sum: add, max: maximum, min: minimum }

/**
 * The sum, greatest or least element of every window of `x`. `window` has one extent per axis of x (1 for batch and
 * features), `strides` one number or one per axis; 'SAME' counts places as if there were no baseDilation. Padding takes no part; a window without elements gives 0, or
 * the end of the dtype's range that any element beats. The derivative of an extreme goes to the first element that attains it.
 */
export const reduceWindow = (
  x: TensorLike,
  op: WindowOp,
  window: readonly number[],
  strides: number | readonly number[],
  padding: WindowPadding,
  options: WindowOptions = {},
): Tensor => {
  const fn = 'reduceWindow'
  const t = toTensor(fn, x)
  checkNoKey(fn, t)
  if (!Object.hasOwn(combine, op))
    throw new RangeError(`${fn}: unknown operation, got '${String(op)}'; use 'sum', 'max' or 'min'`)
  const [steps, baseDilation, windowDilation] = [strides, options.baseDilation, options.windowDilation].map((v) =>
    perAxis(v, t.ndim),
  ) as [readonly number[], readonly number[], readonly number[]]
  for (const [what, list] of Object.entries({ window, strides: steps, baseDilation, windowDilation }))
    if (list.length !== t.ndim)
      throw new ShapeError(
        `${fn}: ${what} must have one entry for each of ${t.ndim} axes, got [${list.join(', ')}]; use 1 for axes without windows`,
      )
  const reach = window.map((n, i) => dilated(n, windowDilation[i]!))
  const params: PrimitiveParams['reduce_window'] = {
    op,
    window: [...window],
    strides: steps,
    padding: windowPadding(fn, padding, t.shape, reach, steps),
    baseDilation,
    windowDilation,
  }
  // For errors that name the function.
  windowResult(fn, t.aval, params)
  const result = bind1('reduce_window', [t], params)
  const [least, greatest] = rangeOf(t.dtype)
  const neutral = op === 'sum' ? 0 : op === 'max' ? least : greatest
  return options.init === undefined || options.init === neutral
    ? result
    : combine[op](result, literalLike(options.init, t.dtype))
}
