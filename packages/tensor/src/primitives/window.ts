import { type Aval, type DType, isFloat, isInteger } from '../core/dtype.js'
import { DtypeError, ShapeError } from '../core/errors.js'
import { formatShape, sameShape } from '../core/shape.js'
import { checkPadding, checkSteps, dilated, type Padding, paddedExtents, places } from './conv.js'
import type { RuleTable } from './primitive.js'

/**
 * How a window moves over an array, per axis: the array is spread apart by `baseDilation` and padded, the window,
 * spread apart by `windowDilation`, moves in `strides`. What is between and around elements takes no part.
 */
export interface Windows {
  readonly window: readonly number[]
  readonly strides: readonly number[]
  readonly padding: readonly Padding[]
  readonly baseDilation: readonly number[]
  readonly windowDilation: readonly number[]
}

export type WindowOp = 'sum' | 'max' | 'min'

export interface WindowParams {
  /** Every window's sum or extreme; of a window without elements 0 or the other end of the dtype's range. */
  reduce_window: Windows & { readonly op: WindowOp }
  /**
   * Operands: x, and one value per window, such as its extreme. Result: the row-major index in x of the window's first
   * element that is that value (NaN is NaN), -1 where there is none; int32.
   */
  window_argument: Windows
}

const resultShape = (x: Aval, w: Windows, name: string): number[] => {
  const ndim = x.shape.length
  checkSteps(name, 'window', w.window, ndim)
  checkSteps(name, 'strides', w.strides, ndim)
  checkSteps(name, 'baseDilation', w.baseDilation, ndim)
  checkSteps(name, 'windowDilation', w.windowDilation, ndim)
  checkPadding(name, w.padding, ndim)
  return paddedExtents(name, x.shape, w.baseDilation, w.padding).map((n, i) =>
    places(n, dilated(w.window[i]!, w.windowDilation[i]!), w.strides[i]!),
  )
}

const accepts = (op: WindowOp, dtype: DType): boolean =>
  isFloat(dtype) || isInteger(dtype) || (op !== 'sum' && dtype === 'bool')

/** The type of windows' sums or extremes. Throws errors that begin with `name` where the operand does not fit. */
export const windowResult = (name: string, x: Aval, params: WindowParams['reduce_window']): Aval => {
  if (!accepts(params.op, x.dtype))
    throw new DtypeError(`${name}: does not accept dtype ${x.dtype}; convert with x.astype(...) first`)
  return { shape: resultShape(x, params, name), dtype: x.dtype, weak: x.weak }
}

export const windowTypes: RuleTable<WindowParams> = {
  reduce_window: ([x], params, name) => [windowResult(name, x!, params)],
  window_argument: ([x, values], params, name) => {
    if (x!.dtype === 'key' || x!.dtype !== values!.dtype)
      throw new DtypeError(`${name}: operands must have one dtype of numbers, got ${x!.dtype} and ${values!.dtype}`)
    const shape = resultShape(x!, params, name)
    if (!sameShape(shape, values!.shape))
      throw new ShapeError(
        `${name}: there must be one value for each window, shape ${formatShape(shape)}, got ${formatShape(values!.shape)}`,
      )
    return [{ shape, dtype: 'int32', weak: false }]
  },
}
