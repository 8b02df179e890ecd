import {
  abs,
  add,
  asarray,
  broadcastTo,
  clip,
  divide,
  erf,
  exp,
  expm1,
  greater,
  greaterEqual,
  less,
  lessEqual,
  log,
  log1p,
  logsumexp,
  maximum,
  mean,
  minimum,
  multiply,
  negative,
  rsqrt,
  ShapeError,
  sigmoid,
  softplus,
  split,
  sqrt,
  square,
  subtract,
  sum,
  tanh,
  type Tensor,
  type TensorLike,
  where,
} from '@linum/tensor'
import { checkAxis, formatShape } from '@linum/tensor/core'
import { floatOperand } from './operand.js'

export { logSigmoid, logSoftmax, logsumexp, oneHot, relu, sigmoid, softmax, softplus, tanh } from '@linum/tensor'

/** The argument. */
export const identity = (x: TensorLike): Tensor => asarray(x)

/** min(max(x, 0), 6); the derivative at 0 and at 6 is 0. */
export const relu6 = (x: TensorLike): Tensor => {
  const t = floatOperand('relu6', x)
  // minimum and maximum would split the derivative at the corners.
  return where(lessEqual(t, 0), 0, where(greaterEqual(t, 6), 6, t))
}

export interface GeluOptions {
  /** The formula with tanh (the default), else the one with erf. */
  readonly approximate?: boolean
}

const tanhFactor = Math.fround(Math.sqrt(2 / Math.PI))

/** x Φ(x), with Φ the distribution function of the normal. Hendrycks and Gimpel 2016. */
export const gelu = (x: TensorLike, { approximate = true }: GeluOptions = {}): Tensor => {
  const t = floatOperand('gelu', x)
  if (!approximate) return multiply(multiply(0.5, t), add(1, erf(multiply(t, Math.SQRT1_2))))
  const inner = multiply(tanhFactor, add(t, multiply(0.044715, multiply(t, square(t)))))
  return multiply(t, multiply(0.5, add(1, tanh(inner))))
}

/** x sigmoid(x). */
export const silu = (x: TensorLike): Tensor => {
  const t = floatOperand('silu', x)
  return multiply(t, sigmoid(t))
}
/** Another name of `silu`. */
export const swish: typeof silu = silu

export interface AlphaOptions {
  readonly alpha?: TensorLike
}

/** x above 0, else alpha (exp(x) - 1). */
export const elu = (x: TensorLike, { alpha = 1 }: AlphaOptions = {}): Tensor => {
  const t = floatOperand('elu', x)
  const positive = greater(t, 0)
  // Without the inner choice, an overflowing exp would make the derivative NaN.
  return where(positive, t, multiply(alpha, expm1(where(positive, 0, t))))
}

/** max(x, 0) + alpha (exp(min(x, 0) / alpha) - 1): as `elu`, but smooth at 0 for every alpha. Barron 2017. */
export const celu = (x: TensorLike, { alpha = 1 }: AlphaOptions = {}): Tensor => {
  const t = floatOperand('celu', x)
  return add(maximum(t, 0), multiply(alpha, expm1(divide(minimum(t, 0), alpha))))
}

/** `elu` with the two constants that keep mean 0 and variance 1 from layer to layer. Klambauer et al. 2017. */
export const selu = (x: TensorLike): Tensor => multiply(1.0507009873554805, elu(x, { alpha: 1.6732632423543772 }))

export interface LeakyReluOptions {
  readonly negativeSlope?: TensorLike
}

/** x from 0 on, else negativeSlope x. */
export const leakyRelu = (x: TensorLike, { negativeSlope = 1e-2 }: LeakyReluOptions = {}): Tensor => {
  const t = floatOperand('leakyRelu', x)
  return where(greaterEqual(t, 0), t, multiply(negativeSlope, t))
}

/** x limited to [-1, 1]; the derivative at the limits is 1. */
export const hardTanh = (x: TensorLike): Tensor => {
  const t = floatOperand('hardTanh', x)
  return where(greater(t, 1), 1, where(less(t, -1), -1, t))
}

/** relu6(x + 3) / 6. */
export const hardSigmoid = (x: TensorLike): Tensor => divide(relu6(add(floatOperand('hardSigmoid', x), 3)), 6)

/** x hardSigmoid(x). */
export const hardSilu = (x: TensorLike): Tensor => {
  const t = floatOperand('hardSilu', x)
  return multiply(t, hardSigmoid(t))
}
/** Another name of `hardSilu`. */
export const hardSwish: typeof hardSilu = hardSilu

/** x / (|x| + 1). */
export const softSign = (x: TensorLike): Tensor => {
  const t = floatOperand('softSign', x)
  return divide(t, add(abs(t), 1))
}

/** x tanh(softplus(x)). Misra 2019. */
export const mish = (x: TensorLike): Tensor => {
  const t = floatOperand('mish', x)
  return multiply(t, tanh(softplus(t)))
}

export interface SquareplusOptions {
  /** How smooth: 4 by default, 0 gives `relu`. */
  readonly b?: TensorLike
}

/** (x + sqrt(x² + b)) / 2, a softplus of algebraic functions. Barron 2021. */
export const squareplus = (x: TensorLike, { b = 4 }: SquareplusOptions = {}): Tensor => {
  const t = floatOperand('squareplus', x)
  return divide(add(t, sqrt(add(square(t), b))), 2)
}

/** 0 up to -1, (x + 1)² / 4 up to 1, then x: a softplus that is exact at both ends. */
export const sparsePlus = (x: TensorLike): Tensor => {
  const t = floatOperand('sparsePlus', x)
  return where(lessEqual(t, -1), 0, where(greaterEqual(t, 1), t, divide(square(add(t, 1)), 4)))
}

/** (x + 1) / 2 limited to [0, 1], the derivative of `sparsePlus`. Blondel et al. 2020, section 6.2. */
export const sparseSigmoid = (x: TensorLike): Tensor =>
  multiply(0.5, clip(add(floatOperand('sparseSigmoid', x), 1), 0, 2))

/** log(1 - exp(-x)), for x above 0, without cancellation. Mächler 2012. */
export const log1mexp = (x: TensorLike): Tensor => {
  const t = floatOperand('log1mexp', x)
  const small = less(t, Math.LN2)
  // Each side is kept out of the other's derivative, which may overflow there.
  return where(
    small,
    log(negative(expm1(negative(where(small, t, 1))))),
    log1p(negative(exp(negative(where(small, 1, t))))),
  )
}

export interface LogmeanexpOptions {
  /** One axis, several, or null, the default, for all. */
  readonly axis?: number | readonly number[] | null
  readonly keepdims?: boolean
  /** Elements that take part. */
  readonly where?: TensorLike
}

/** log(mean(exp(x))), without overflow. */
export const logmeanexp = (x: TensorLike, options: LogmeanexpOptions = {}): Tensor => {
  const t = floatOperand('logmeanexp', x)
  const { where: selected, ...axes } = options
  const taken = broadcastTo(selected ?? true, t.shape).astype(t.dtype)
  return subtract(logsumexp(selected === undefined ? t : where(selected, t, -Infinity), axes), log(sum(taken, axes)))
}

export interface GluOptions {
  readonly axis?: number
}

/** The first half of an axis (-1 by default) times the sigmoid of the second. Throws ShapeError for an odd extent. */
export const glu = (x: TensorLike, { axis = -1 }: GluOptions = {}): Tensor => {
  const t = floatOperand('glu', x)
  const extent = t.shape[checkAxis('glu', axis, t.ndim)]!
  if (extent % 2 !== 0)
    throw new ShapeError(`glu: axis ${axis} must have an even extent, got shape ${formatShape(t.shape)}`)
  const [values, gates] = split(t, 2, { axis })
  return multiply(values!, sigmoid(gates!))
}

export interface StandardizeOptions {
  /** One axis (the last by default), several, or null for all. */
  readonly axis?: number | readonly number[] | null
  /** Used in place of the mean of x. */
  readonly mean?: TensorLike
  /** Used in place of the variance of x. */
  readonly variance?: TensorLike
  readonly epsilon?: number
  /** Elements that the mean and the variance are taken of. */
  readonly where?: TensorLike
  /** E[x²] - E[x]² in one pass (the default), or E[(x - E[x])²], which does not cancel. */
  readonly algorithm?: 'fast' | 'stable'
}

/** (x - mean) / sqrt(variance + epsilon). */
export const standardize = (x: TensorLike, options: StandardizeOptions = {}): Tensor => {
  const { axis = -1, epsilon = 1e-5, algorithm = 'fast', mean: _, variance: __, ...selection } = options
  if (algorithm !== 'fast' && algorithm !== 'stable')
    throw new RangeError(`standardize: unknown algorithm, got '${String(algorithm)}'; use 'fast' or 'stable'`)
  const t = floatOperand('standardize', x)
  const average = (y: Tensor): Tensor => mean(y, { axis, keepdims: true, ...selection })
  const center = options.mean ?? average(t)
  const spread = (): Tensor =>
    algorithm === 'stable'
      ? average(square(subtract(t, center)))
      : maximum(subtract(average(square(t)), square(center)), 0)
  return multiply(subtract(t, center), rsqrt(add(options.variance ?? spread(), epsilon)))
}
