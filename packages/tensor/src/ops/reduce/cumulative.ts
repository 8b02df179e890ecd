import type { TensorLike } from '../../core/array-ops.js'
import { checkDType, type DType, type StoredDType } from '../../core/dtype.js'
import { checkAxis } from '../../core/shape.js'
import { DtypeError } from '../../core/errors.js'
import type { Tensor } from '../../core/tensor.js'
import { associativeScan } from '../../program/associative-scan.js'
import { logaddexp, maximum, minimum, multiply } from '../elementwise/elementwise.js'
import { checkNoKey, convert, toFloat, toTensor } from '../operand.js'
import { reshape } from '../shape/shape.js'

export interface RunningOptions {
  /** Default 0. */
  readonly axis?: number
  /** From the last to the first. */
  readonly reverse?: boolean
}

export interface RunningProductOptions {
  /** Null or absent: over all elements in row-major order. */
  readonly axis?: number | null
  /** Convert to this dtype before multiplying. */
  readonly dtype?: DType
}

/** Running products; bool counts in int32. */
export const cumprod = (x: TensorLike, options: RunningProductOptions = {}): Tensor => {
  const t = toTensor('cumprod', x)
  checkNoKey('cumprod', t)
  const dtype =
    options.dtype === undefined ? (t.dtype === 'bool' ? 'int32' : t.dtype) : checkDType('cumprod', options.dtype)
  const flat = options.axis === undefined || options.axis === null
  const values = convert(flat ? reshape(t, [t.size]) : t, dtype as StoredDType, t.weak && dtype === t.dtype)
  return associativeScan(multiply as (a: Tensor, b: Tensor) => Tensor, values, {
    axis: flat ? 0 : checkAxis('cumprod', options.axis as number, t.ndim),
  })
}

const running =
  (fn: string, combine: (a: Tensor, b: Tensor) => Tensor, prepare: (x: TensorLike) => Tensor) =>
  (x: TensorLike, options: RunningOptions = {}): Tensor => {
    const t = prepare(x)
    return associativeScan(combine, t, { ...options, axis: checkAxis(fn, options.axis ?? 0, t.ndim) })
  }

const ordered =
  (fn: string) =>
  (x: TensorLike): Tensor => {
    const t = toTensor(fn, x)
    if (t.dtype === 'bool' || t.dtype === 'key')
      throw new DtypeError(`${fn}: does not accept dtype ${t.dtype}; convert with x.astype('int32') first`)
    return t
  }

/** The greatest element so far, NaN from the first NaN on. */
export const cummax: (x: TensorLike, options?: RunningOptions) => Tensor = /* @__PURE__ */ running(
  'cummax',
  maximum,
  ordered('cummax'),
)
/** The least element so far, NaN from the first NaN on. */
export const cummin: (x: TensorLike, options?: RunningOptions) => Tensor = /* @__PURE__ */ running(
  'cummin',
  minimum,
  ordered('cummin'),
)
/** log of the sum of exp(x) so far, without overflow. */
export const cumlogsumexp: (x: TensorLike, options?: RunningOptions) => Tensor = /* @__PURE__ */ running(
  'cumlogsumexp',
  logaddexp,
  (x) => toFloat('cumlogsumexp', x),
)
