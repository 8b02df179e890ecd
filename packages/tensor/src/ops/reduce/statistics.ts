import type { TensorLike } from '../../core/array-ops.js'
import { isInteger } from '../../core/dtype.js'
import { DtypeError, ShapeError } from '../../core/errors.js'
import { checkAxes, formatShape, sameShape } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import { matmul } from '../products/contract.js'
import { full } from '../create/create.js'
import { abs, clip, divide, multiply, sqrt, subtract } from '../elementwise/elementwise.js'
import { concatenate } from '../shape/join.js'
import { promoteFloats, toFloat, toTensor } from '../operand.js'
import { max, mean, min, type ReduceOptions, sum } from './reduce.js'
import { broadcastTo, expandDims, reshape, squeeze, transpose } from '../shape/shape.js'

export interface AverageOptions extends ReduceOptions {
  /** Of the operand's shape, or of the extents of the averaged axes. */
  readonly weights?: TensorLike
}

const weighted = (x: TensorLike, options: AverageOptions): readonly [Tensor, Tensor] => {
  const { weights, ...rest } = options
  if (weights === undefined) {
    const t = toFloat('average', x)
    const average = mean(t, rest)
    const n = checkAxes('average', options.axis, t.ndim).reduce((size, a) => size * t.shape[a]!, 1)
    return [average, full(average.shape, n, { dtype: average.dtype })]
  }
  const [t, w] = promoteFloats('average', [x, weights]) as readonly [Tensor, Tensor]
  const given = options.axis === undefined || options.axis === null ? null : options.axis
  const axes = checkAxes('average', given, t.ndim)
  if (
    !sameShape(t.shape, w.shape) &&
    (given === null ||
      !sameShape(
        w.shape,
        axes.map((a) => t.shape[a]!),
      ))
  )
    throw new ShapeError(
      `average: shape of weights must be consistent with shape of the operand along the axis, got ${formatShape(w.shape)} and ${formatShape(t.shape)}`,
    )
  const wide = sameShape(t.shape, w.shape)
    ? w
    : reshape(
        w,
        t.shape.map((d, i) => (axes.includes(i) ? d : 1)),
      )
  const total = sum(wide, rest)
  const average = divide(sum(multiply(t, wide), rest), total)
  return [average, broadcastTo(total, average.shape)]
}

/** The mean of the elements, each counted as often as its weight says. */
export const average = (x: TensorLike, options: AverageOptions = {}): Tensor => weighted(x, options)[0]

/** The greatest element less the least. */
export const ptp = (x: TensorLike, options: ReduceOptions = {}): Tensor => {
  const t = toTensor('ptp', x)
  return subtract(max(t, options), min(t, options))
}

export interface CovOptions {
  /** More variables, one a row. */
  readonly y?: TensorLike
  /** Each row is a variable, each column an observation; default true. */
  readonly rowvar?: boolean
  /** Divide by the number of observations, not by one less. */
  readonly bias?: boolean
  /** Subtracted from the number of observations in the divisor, in place of what `bias` says. */
  readonly ddof?: number
  /** How often each observation counts: integers. */
  readonly fweights?: TensorLike
  /** How much each observation weighs. */
  readonly aweights?: TensorLike
}

const rows = (fn: string, x: Tensor, rowvar: boolean): Tensor => {
  if (x.ndim > 2) throw new ShapeError(`${fn}: needs at most 2 dimensions, got shape ${formatShape(x.shape)}`)
  const wide = x.ndim === 2 ? x : reshape(x, [1, x.size])
  return rowvar || x.ndim < 2 ? wide : transpose(wide)
}

const observationWeights = (n: number, options: CovOptions): Tensor | null => {
  const checked = (name: string, w: TensorLike | undefined): Tensor | null => {
    if (w === undefined) return null
    const t = toTensor('cov', w)
    if (t.ndim !== 1 || t.shape[0] !== n)
      throw new ShapeError(`cov: ${name} needs shape (${n},), one for each observation, got ${formatShape(t.shape)}`)
    return t
  }
  const [f, a] = [checked('fweights', options.fweights), checked('aweights', options.aweights)]
  if (f !== null && !isInteger(f.dtype))
    throw new DtypeError(`cov: fweights must be integers, got ${f.dtype}; give them as aweights`)
  return f === null ? a && abs(a) : a === null ? abs(f) : multiply(abs(f), abs(a))
}

/** The matrix of covariances of variables, a number for one variable. */
export const cov = (x: TensorLike, options: CovOptions = {}): Tensor => {
  const { rowvar = true, y } = options
  const operands = promoteFloats('cov', y === undefined ? [x] : [x, y])
  const tables = operands.map((t) => rows('cov', t, rowvar))
  const table = tables.length === 1 ? tables[0]! : concatenate(tables, { axis: 0 })
  const n = table.shape[1]!
  const ddof = options.ddof ?? (options.bias === true ? 0 : 1)
  const w = observationWeights(n, options)
  const divisor = (): TensorLike => {
    if (w === null) return n - ddof
    const total = sum(toFloat('cov', w))
    if (ddof === 0) return total
    if (options.aweights === undefined) return subtract(total, ddof)
    const squares = sum(multiply(w, abs(toTensor('cov', options.aweights))))
    return subtract(total, divide(multiply(squares, ddof), total))
  }
  const center = average(table, { axis: 1, ...(w === null ? {} : { weights: w }) })
  const centered = subtract(table, expandDims(center, 1))
  return squeeze(divide(matmul(centered, transpose(w === null ? centered : multiply(centered, w))), divisor()))
}

/** The matrix of correlation coefficients of variables: covariances over both standard deviations. */
export const corrcoef = (x: TensorLike, options: Pick<CovOptions, 'y' | 'rowvar'> = {}): Tensor => {
  const c = cov(x, options)
  if (c.ndim === 0) return divide(c, c)
  const n = c.shape[0]!
  const flat = reshape(c, [n * n])
  const deviation = sqrt(flat.slice([null, null, n + 1]))
  return clip(divide(divide(c, expandDims(deviation, 1)), expandDims(deviation, 0)), -1, 1)
}
