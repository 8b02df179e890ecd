import type { TensorLike } from '../core/array-ops.js'
import type { StoredDType } from '../core/dtype.js'
import { ShapeError } from '../core/errors.js'
import { checkShape, type Shape, sizeOf } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import {
  abs,
  add,
  divide,
  equal,
  exp,
  greaterEqual,
  lessEqual,
  log,
  logicalAnd,
  logicalOr,
  maximum,
  multiply,
  power,
  sqrt,
  stopGradient,
  subtract,
} from '../ops/elementwise/elementwise.js'
import { softmax } from '../ops/elementwise/nn.js'
import { any, sum } from '../ops/reduce/reduce.js'
import { reshape } from '../ops/shape/shape.js'
import { where } from '../ops/elementwise/where.js'
import { whileLoop } from '../program/control.js'
import { gammaSampleSlope } from './gamma-slope.js'
import {
  drawExponential,
  drawNormal,
  drawShape,
  drawUnit,
  filled,
  floatType,
  parameter,
  type SampleOptions,
  scalarKey,
  type ShapedOptions,
  spread,
} from './draw.js'
import { split } from './key.js'
import { rademacher } from './samplers.js'

/** New keys for each of an array of keys, the n-th of them all. */
const splitEach = (keys: Tensor, n: number): Tensor[] => {
  const all = split(keys, n)
  return Array.from({ length: n }, (_, i) => all.slice(':', i))
}

interface Trial {
  readonly keys: Tensor
  readonly x2: Tensor
  readonly v: Tensor
  readonly u: Tensor
}

/** A normal number for which 1 + x c is positive, and that sum. Every lane draws until its own is; lanes that are done draw none. */
const positive = (keys: Tensor, c: Tensor, wanted: Tensor, dtype: StoredDType): readonly [x: Tensor, v: Tensor] => {
  const start = { keys, x: filled(c.shape, 0, dtype), v: where(wanted, filled(c.shape, -1, dtype), 1) }
  const end = whileLoop(
    ({ v }) => any(lessEqual(v, 0)),
    ({ keys: before, x, v }) => {
      const [rest, own] = splitEach(before, 2)
      const open = lessEqual(v, 0)
      const drawn = drawNormal(own!, [], dtype)
      return {
        keys: where(open, rest!, before),
        x: where(open, drawn, x),
        v: where(open, add(multiply(drawn, c), 1), v),
      }
    },
    start,
  )
  return [end.x, end.v]
}

/**
 * A gamma sample for each of `alpha`, with one axis, by Marsaglia and Tsang's method ("A simple method for generating
 * gamma variables", 2000), or its logarithm. Below 1 the parameter is raised by 1 and the sample multiplied by a power
 * of a uniform number.
 */
const sample = (key: Tensor, alpha: Tensor, dtype: StoredDType, logSpace: boolean): Tensor => {
  const large = greaterEqual(alpha, 1)
  const d = subtract(where(large, alpha, add(alpha, 1)), 1 / 3)
  const c = divide(1 / 3, sqrt(d))
  const [first, boost] = splitEach(split(key, alpha.size), 2)
  const open = ({ x2, v, u }: Trial): Tensor =>
    logicalAnd(
      greaterEqual(u, subtract(1, multiply(multiply(x2, x2), 0.0331))),
      greaterEqual(log(u), add(multiply(x2, 0.5), multiply(d, add(subtract(1, v), log(v))))),
    )
  const n = alpha.shape
  const { v } = whileLoop<Trial>(
    (trial) => any(open(trial)),
    (trial) => {
      const wanted = open(trial)
      const [rest, forX, forU] = splitEach(trial.keys, 3)
      const [x, root] = positive(forX!, c, wanted, dtype)
      const keep = (now: Tensor, before: Tensor): Tensor => where(wanted, now, before)
      return {
        keys: keep(rest!, trial.keys),
        x2: keep(multiply(x, x), trial.x2),
        v: keep(multiply(multiply(root, root), root), trial.v),
        u: keep(drawUnit(forU!, [], dtype), trial.u),
      }
    },
    // Chosen so that all are open.
    { keys: first!, x2: filled(n, 0, dtype), v: filled(n, 1, dtype), u: filled(n, 2, dtype) },
  )
  if (!logSpace) {
    const u = subtract(1, drawUnit(boost!, [], dtype))
    return multiply(multiply(d, v), where(large, 1, power(u, divide(1, alpha))))
  }
  const logs = drawExponential(boost!, [], dtype).neg()
  const factor = where(logicalOr(large, equal(logs, 0)), 0, multiply(logs, divide(1, alpha)))
  return add(add(log(d), log(v)), factor)
}

const gammas = (key: Tensor, a: Tensor, shape: Shape, dtype: StoredDType, logSpace: boolean): Tensor => {
  const alpha = reshape(spread(a, shape), [sizeOf(shape)])
  if (alpha.size === 0) return filled(shape, 0, dtype)
  const drawn = sample(key, stopGradient(alpha), dtype, logSpace)
  return reshape(gammaSampleSlope(drawn, alpha, logSpace), shape)
}

type Gamma = (key: TensorLike, a: TensorLike, options?: ShapedOptions) => Tensor

const gammaOf =
  (fn: string, logSpace: boolean): Gamma =>
  (key, given, options = {}) => {
    const dtype = floatType(fn, options.dtype)
    const a = parameter(fn, given, dtype)
    return gammas(scalarKey(fn, key), a, drawShape(fn, options.shape, a), dtype, logSpace)
  }

/** Gamma with the shape parameter `a` and scale 1. Differentiable once in `a`. */
export const gamma: Gamma = gammaOf('gamma', false)
/** The logarithm of a gamma sample, which for small `a` would be 0. Differentiable once in `a`. */
export const loggamma: Gamma = gammaOf('loggamma', true)

/** Chi-squared of `df` degrees of freedom. Differentiable once in `df`. */
export const chisquare: Gamma = (key, df, options = {}) => {
  const dtype = floatType('chisquare', options.dtype)
  const half = divide(parameter('chisquare', df, dtype), 2)
  const shape = drawShape('chisquare', options.shape, half)
  return multiply(exp(gammas(scalarKey('chisquare', key), half, shape, dtype, true)), 2)
}

/** Student's t of `df` degrees of freedom. Differentiable once in `df`. */
export const t: Gamma = (key, df, options = {}) => {
  const dtype = floatType('t', options.dtype)
  const half = divide(parameter('t', df, dtype), 2)
  const shape = drawShape('t', options.shape, half)
  const keys = split(scalarKey('t', key))
  const n = drawNormal(keys.slice(0), shape, dtype)
  return multiply(n, sqrt(divide(half, gammas(keys.slice(1), half, shape, dtype, false))))
}

/** Fisher's F of two degrees of freedom. Differentiable once in both. */
export const f = (key: TensorLike, dfnum: TensorLike, dfden: TensorLike, options: ShapedOptions = {}): Tensor => {
  const dtype = floatType('f', options.dtype)
  const [num, den] = [dfnum, dfden].map((x) => parameter('f', x, dtype)) as [Tensor, Tensor]
  const shape = drawShape('f', options.shape, num, den)
  const keys = split(scalarKey('f', key))
  const ofDegrees = (k: Tensor, df: Tensor): Tensor => divide(chisquare(k, df, { shape, dtype }), df)
  const below = ofDegrees(keys.slice(0), den)
  return divide(ofDegrees(keys.slice(1), num), below)
}

/** Beta of two parameters. Differentiable once in both. */
export const beta = (key: TensorLike, a: TensorLike, b: TensorLike, options: ShapedOptions = {}): Tensor => {
  const dtype = floatType('beta', options.dtype)
  const parameters = [a, b].map((x) => parameter('beta', x, dtype))
  const shape = drawShape('beta', options.shape, ...parameters)
  const keys = split(scalarKey('beta', key))
  const [p, q] = parameters.map((x, i) => gammas(keys.slice(i), x, shape, dtype, true)) as [Tensor, Tensor]
  // The quotient of gammas from their logarithms, without under- or overflow.
  const top = maximum(p, q)
  const [left, right] = [exp(subtract(p, top)), exp(subtract(q, top))]
  return divide(left, add(left, right))
}

/** Dirichlet of the parameters along the last axis of `alpha`. `shape` is that of the samples without it. Differentiable once. */
export const dirichlet = (key: TensorLike, alpha: TensorLike, options: ShapedOptions = {}): Tensor => {
  const dtype = floatType('dirichlet', options.dtype)
  const a = parameter('dirichlet', alpha, dtype)
  if (a.ndim === 0) throw new ShapeError('random.dirichlet: alpha needs at least one axis, got a scalar')
  const classes = a.shape[a.ndim - 1]!
  const shape = drawShape('dirichlet', [...(options.shape ?? a.shape.slice(0, -1)), classes], a)
  return softmax(gammas(scalarKey('dirichlet', key), a, shape, dtype, true))
}

/** Generalized normal of density proportional to exp(-|x|^p). */
export const generalizedNormal = (
  key: TensorLike,
  p: number,
  shape: Shape = [],
  options: SampleOptions = {},
): Tensor => {
  const dtype = floatType('generalizedNormal', options.dtype)
  if (!(p > 0)) throw new RangeError(`random.generalizedNormal: p must be positive, got ${p}`)
  const keys = split(scalarKey('generalizedNormal', key))
  checkShape('random.generalizedNormal', shape)
  const g = gammas(keys.slice(0), parameter('generalizedNormal', 1 / p, dtype), shape, dtype, false)
  return multiply(rademacher(keys.slice(1), shape, { dtype }), power(g, 1 / p))
}

/** Uniform in the unit ball of d dimensions of the p-norm (default 2): `shape`, then the d coordinates. */
export const ball = (key: TensorLike, d: number, options: ShapedOptions & { readonly p?: number } = {}): Tensor => {
  const { p = 2, shape = [] } = options
  const dtype = floatType('ball', options.dtype)
  if (!Number.isInteger(d) || d < 1) throw new RangeError(`random.ball: d must be a positive integer, got ${d}`)
  const keys = split(scalarKey('ball', key))
  const g = generalizedNormal(keys.slice(0), p, [...shape, d], { dtype })
  const e = drawExponential(keys.slice(1), checkShape('random.ball', shape), dtype)
  const norm = power(add(sum(power(abs(g), p), { axis: -1 }), e), 1 / p)
  return divide(g, norm.expandDims(-1))
}
