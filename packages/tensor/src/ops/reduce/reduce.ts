import type { TensorLike } from '../../core/array-ops.js'
import { checkDType, type DType, isHalf, isInteger, isSigned, rangeOf, type StoredDType } from '../../core/dtype.js'
import { checkAxes, checkAxis, type Shape } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import { bind1 } from '../../core/trace.js'
import {
  abs,
  add,
  divide,
  exp,
  log,
  maximum,
  minimum,
  multiply,
  notEqual,
  sqrt,
  square,
  stopGradient,
  subtract,
} from '../elementwise/elementwise.js'
import { checkNoKey, convert, literalLike, toFloat, toTensor } from '../operand.js'
import { broadcastTo, expandDims, reshape } from '../shape/shape.js'
import { where } from '../elementwise/where.js'

export interface ReduceOptions {
  /** One axis, several, or null (the default) for all. */
  readonly axis?: number | readonly number[] | null
  /** Keep reduced axes with extent 1, so that the result broadcasts against the operand. */
  readonly keepdims?: boolean
}

export interface FoldOptions extends ReduceOptions {
  /** Takes part as one more element. */
  readonly initial?: number
  /** Elements to take; broadcasts against the operand. */
  readonly where?: TensorLike
}

export interface SumOptions extends FoldOptions {
  /** Convert to this dtype before reducing. */
  readonly dtype?: DType
}

type Primitive = 'reduce_sum' | 'reduce_prod' | 'reduce_max' | 'reduce_min' | 'reduce_and' | 'reduce_or'

/** Shape with the axes' extents set to 1. */
const kept = (shape: Shape, axes: readonly number[]): number[] => shape.map((d, i) => (axes.includes(i) ? 1 : d))

const reduce = (primitive: Primitive, x: Tensor, axes: readonly number[], keepdims: boolean | undefined): Tensor => {
  const r = axes.length === 0 ? x : bind1(primitive, [x], { axes })
  return keepdims === true ? reshape(r, kept(x.shape, axes)) : r
}

/** The operand with unselected elements replaced by the neutral one. */
const select = (x: Tensor, options: FoldOptions, neutral: number): Tensor =>
  options.where === undefined ? x : where(options.where, x, literalLike(neutral, x.dtype))

/** What a sum of a dtype is: 32 bits for narrower integers and bool. */
const countingType = (dtype: DType): DType =>
  dtype === 'bool' ? 'int32' : isInteger(dtype) ? (isSigned(dtype) ? 'int32' : 'uint32') : dtype

const fold =
  (
    fn: string,
    primitive: Primitive,
    neutral: (dtype: DType) => number,
    combine: (a: TensorLike, b: TensorLike) => Tensor,
  ) =>
  (x: TensorLike, options: SumOptions = {}): Tensor => {
    const t = toTensor(fn, x)
    checkNoKey(fn, t)
    const axes = checkAxes(fn, options.axis, t.ndim)
    // Bool counts; extremes of bool stay bool.
    const counts = primitive === 'reduce_sum' || primitive === 'reduce_prod'
    const dtype =
      options.dtype === undefined ? (counts ? countingType(t.dtype) : t.dtype) : checkDType(fn, options.dtype)
    const values = select(dtype === t.dtype ? t : convert(t, dtype as StoredDType), options, neutral(dtype))
    const empty = options.initial !== undefined && axes.some((a) => values.shape[a] === 0)
    if (empty && !counts)
      return broadcastTo(
        literalLike(options.initial!, dtype),
        options.keepdims === true ? kept(values.shape, axes) : values.shape.filter((_, i) => !axes.includes(i)),
      )
    const r = reduce(primitive, values, axes, options.keepdims)
    return options.initial === undefined ? r : combine(r, options.initial)
  }

/** The sum; 0 for no elements. Bool counts in int32. */
export const sum: (x: TensorLike, options?: SumOptions) => Tensor = fold('sum', 'reduce_sum', () => 0, add)
/** The product; 1 for no elements. */
export const prod: (x: TensorLike, options?: SumOptions) => Tensor = fold('prod', 'reduce_prod', () => 1, multiply)
/** The greatest element, NaN if there is one. Throws ShapeError for no elements without `initial`. */
export const max: (x: TensorLike, options?: FoldOptions) => Tensor = fold(
  'max',
  'reduce_max',
  (d) => rangeOf(d)[0],
  maximum,
)
/** The least element, NaN if there is one. Throws ShapeError for no elements without `initial`. */
export const min: (x: TensorLike, options?: FoldOptions) => Tensor = fold(
  'min',
  'reduce_min',
  (d) => rangeOf(d)[1],
  minimum,
)

const truth =
  (fn: string, primitive: 'reduce_and' | 'reduce_or', neutral: boolean) =>
  (x: TensorLike, options: ReduceOptions & Pick<FoldOptions, 'where'> = {}): Tensor => {
    const t = convert(toTensor(fn, x), 'bool')
    const values = options.where === undefined ? t : where(options.where, t, neutral)
    return reduce(primitive, values, checkAxes(fn, options.axis, t.ndim), options.keepdims)
  }
/** Whether every element is true (not zero); true for none. */
export const all: (x: TensorLike, options?: ReduceOptions & Pick<FoldOptions, 'where'>) => Tensor = truth(
  'all',
  'reduce_and',
  true,
)
/** Whether some element is true (not zero); false for none. */
export const any: (x: TensorLike, options?: ReduceOptions & Pick<FoldOptions, 'where'>) => Tensor = truth(
  'any',
  'reduce_or',
  false,
)

export const countNonzero = (x: TensorLike, options: ReduceOptions = {}): Tensor =>
  sum(notEqual(toTensor('countNonzero', x), 0), options)

export interface MeanOptions extends ReduceOptions {
  readonly where?: TensorLike
  readonly dtype?: DType
}

/** How many elements each result of a reduction is made of. */
const counted = (x: Tensor, axes: readonly number[], options: MeanOptions): TensorLike =>
  options.where === undefined
    ? axes.reduce((n, a) => n * x.shape[a]!, 1)
    : sum(broadcastTo(convert(toTensor('mean', options.where), 'bool'), x.shape), {
        axis: axes,
        keepdims: options.keepdims === true,
      })

/** A half is widened while a statistic of it is computed, and the result rounded to it once. */
const widened = (x: Tensor): Tensor => (isHalf(x.dtype) ? convert(x, 'float32', x.weak) : x)
const narrowed = (x: Tensor, dtype: DType): Tensor => (isHalf(dtype) ? convert(x, dtype as StoredDType, x.weak) : x)

/** The arithmetic mean, in floating point; NaN for no elements. */
export const mean = (x: TensorLike, options: MeanOptions = {}): Tensor => {
  const t =
    options.dtype === undefined
      ? toFloat('mean', x)
      : convert(toTensor('mean', x), checkDType('mean', options.dtype) as StoredDType)
  const axes = checkAxes('mean', options.axis, t.ndim)
  const wide = widened(t)
  const { dtype: _, ...rest } = options
  return narrowed(divide(sum(wide, { ...rest, axis: axes }), counted(t, axes, options)), t.dtype)
}

export interface VarOptions extends MeanOptions {
  /** Subtracted from the number of elements in the divisor. */
  readonly ddof?: number
}

/** The variance: the mean squared distance from the mean. */
const variance = (x: TensorLike, options: VarOptions = {}): Tensor => {
  const own = toFloat('var', x)
  const t = widened(own)
  const axes = checkAxes('var', options.axis, t.ndim)
  const centered = square(subtract(t, mean(t, { ...options, axis: axes, keepdims: true })))
  const n = subtract(counted(t, axes, options), options.ddof ?? 0)
  return narrowed(divide(sum(centered, { ...options, axis: axes }), n), own.dtype)
}
export { variance as var }

/** The standard deviation. */
export const std = (x: TensorLike, options: VarOptions = {}): Tensor => sqrt(variance(x, options))

export interface ArgOptions {
  /** Null or absent: over all elements in row-major order. */
  readonly axis?: number | null
  readonly keepdims?: boolean
}

const argument =
  (fn: 'argmax' | 'argmin') =>
  (x: TensorLike, options: ArgOptions = {}): Tensor => {
    const t = toTensor(fn, x)
    const flat = options.axis === undefined || options.axis === null
    const values = flat ? reshape(t, [t.size]) : t
    const axis = flat ? 0 : checkAxis(fn, options.axis as number, t.ndim)
    const r = bind1(fn, [values], { axis })
    if (options.keepdims !== true) return r
    return flat
      ? reshape(
          r,
          t.shape.map(() => 1),
        )
      : expandDims(r, axis)
  }
/** Where the greatest element is: the first of equals, the first NaN if there is one; int32. */
export const argmax: (x: TensorLike, options?: ArgOptions) => Tensor = argument('argmax')
/** Where the least element is: the first of equals, the first NaN if there is one; int32. */
export const argmin: (x: TensorLike, options?: ArgOptions) => Tensor = argument('argmin')

export interface CumsumOptions {
  /** Null or absent: over all elements in row-major order. */
  readonly axis?: number | null
  /** Convert to this dtype before adding. */
  readonly dtype?: DType
  /** From the last to the first. */
  readonly reverse?: boolean
}

/** Running sums along an axis, or over all elements in one; bool counts in int32, other integers keep their type and wrap. */
export const cumsum = (x: TensorLike, options: CumsumOptions = {}): Tensor => {
  const t = toTensor('cumsum', x)
  checkNoKey('cumsum', t)
  const dtype =
    options.dtype === undefined ? (t.dtype === 'bool' ? 'int32' : t.dtype) : checkDType('cumsum', options.dtype)
  const values = dtype === t.dtype ? t : convert(t, dtype as StoredDType)
  const flat = options.axis === undefined || options.axis === null
  const operand = flat ? reshape(values, [values.size]) : values
  return bind1('cumsum', [operand], {
    axis: flat ? 0 : checkAxis('cumsum', options.axis as number, t.ndim),
    reverse: options.reverse === true,
  })
}

/** log(sum(exp(x))) without overflow; minus infinity where every element is. */
export const logsumexp = (x: TensorLike, options: FoldOptions = {}): Tensor => {
  const t = toFloat('logsumexp', x)
  const axes = checkAxes('logsumexp', options.axis, t.ndim)
  const selected = select(t, options, -Infinity)
  const top = max(selected, { axis: axes, keepdims: true, initial: -Infinity })
  // An infinite maximum would give inf - inf; shifting by nothing there leaves the right infinity.
  const shiftBy = stopGradient(where(notEqual(abs(top), Infinity), top, 0))
  const total = sum(exp(subtract(selected, shiftBy)), { axis: axes, keepdims: true })
  const r = add(log(total), shiftBy)
  return options.keepdims === true
    ? r
    : reshape(
        r,
        t.shape.filter((_, i) => !axes.includes(i)),
      )
}
