import type { TensorLike } from '../../core/array-ops.js'
import { isFloat } from '../../core/dtype.js'
import type { Tensor } from '../../core/tensor.js'
import { divide, isnan, lessEqual, logicalNot, sqrt, square, subtract } from '../elementwise/elementwise.js'
import { toTensor } from '../operand.js'
import {
  all,
  type ArgOptions,
  argmax,
  argmin,
  type FoldOptions,
  max,
  mean,
  type MeanOptions,
  min,
  prod,
  type ReduceOptions,
  std,
  sum,
  type SumOptions,
  var as variance,
  type VarOptions,
} from './reduce.js'
import { where } from '../elementwise/where.js'

/** A reduction with NaN replaced by `neutral`. */
const ignoring =
  <O extends ReduceOptions>(fn: string, reduce: (x: TensorLike, options?: O) => Tensor, neutral: number) =>
  (x: TensorLike, options?: O): Tensor => {
    const t = toTensor(fn, x)
    return reduce(isFloat(t.dtype) ? where(isnan(t), neutral, t) : t, options)
  }

const axesOf = ({ axis, keepdims }: ReduceOptions): ReduceOptions => ({
  ...(axis === undefined ? {} : { axis }),
  ...(keepdims === undefined ? {} : { keepdims }),
})

/** As `ignoring`, but NaN where there is nothing else. */
const orNan =
  (fn: string, reduce: (x: TensorLike, options?: FoldOptions) => Tensor, neutral: number) =>
  (x: TensorLike, options: FoldOptions = {}): Tensor => {
    const t = toTensor(fn, x)
    if (!isFloat(t.dtype)) return reduce(t, options)
    const missing = isnan(t)
    return where(all(missing, axesOf(options)), NaN, reduce(where(missing, neutral, t), options))
  }

/** The sum of the elements that are not NaN. */
export const nansum: (x: TensorLike, options?: SumOptions) => Tensor = /* @__PURE__ */ ignoring('nansum', sum, 0)
/** The product of the elements that are not NaN. */
export const nanprod: (x: TensorLike, options?: SumOptions) => Tensor = /* @__PURE__ */ ignoring('nanprod', prod, 1)
/** The greatest of the elements that are not NaN; NaN where all are. */
export const nanmax: (x: TensorLike, options?: FoldOptions) => Tensor = /* @__PURE__ */ orNan('nanmax', max, -Infinity)
/** The least of the elements that are not NaN; NaN where all are. */
export const nanmin: (x: TensorLike, options?: FoldOptions) => Tensor = /* @__PURE__ */ orNan('nanmin', min, Infinity)

const present = (t: Tensor, options: MeanOptions): Tensor =>
  sum(logicalNot(isnan(t)), {
    ...axesOf(options),
    dtype: t.dtype,
    ...(options.where === undefined ? {} : { where: options.where }),
  })

/** The mean of the elements that are not NaN; NaN where all are. */
export const nanmean = (x: TensorLike, options: MeanOptions = {}): Tensor => {
  const t = toTensor('nanmean', x)
  if (!isFloat(t.dtype)) return mean(t, options)
  const values = options.dtype === undefined ? t : t.astype(options.dtype)
  return divide(nansum(values, options), present(values, options))
}

/** The variance of the elements that are not NaN; NaN where no more than ddof are. */
export const nanvar = (x: TensorLike, options: VarOptions = {}): Tensor => {
  const t = toTensor('nanvar', x)
  if (!isFloat(t.dtype)) return variance(t, options)
  const center = nanmean(t, { ...options, keepdims: true })
  const distances = square(where(isnan(t), 0, subtract(t, center)))
  const n = subtract(present(t, options), options.ddof ?? 0)
  const none = lessEqual(n, 0)
  return where(none, NaN, divide(sum(distances, options), where(none, 1, n)))
}

/** The standard deviation of the elements that are not NaN; NaN where no more than ddof are. */
export const nanstd = (x: TensorLike, options: VarOptions = {}): Tensor => {
  const t = toTensor('nanstd', x)
  return isFloat(t.dtype) ? sqrt(nanvar(t, options)) : std(t, options)
}

const argument =
  (fn: string, find: (x: TensorLike, options?: ArgOptions) => Tensor, neutral: number) =>
  (x: TensorLike, options: ArgOptions = {}): Tensor => {
    const t = toTensor(fn, x)
    if (!isFloat(t.dtype)) return find(t, options)
    const missing = isnan(t)
    const { axis, keepdims } = options
    const none = all(missing, { axis: axis ?? null, ...(keepdims === undefined ? {} : { keepdims }) })
    return where(none, -1, find(where(missing, neutral, t), options))
  }

/** Where the greatest element that is not NaN is; -1 where all are NaN; int32. */
export const nanargmax: (x: TensorLike, options?: ArgOptions) => Tensor = /* @__PURE__ */ argument(
  'nanargmax',
  argmax,
  -Infinity,
)
/** Where the least element that is not NaN is; -1 where all are NaN; int32. */
export const nanargmin: (x: TensorLike, options?: ArgOptions) => Tensor = /* @__PURE__ */ argument(
  'nanargmin',
  argmin,
  Infinity,
)
