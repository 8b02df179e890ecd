import { digamma, logGamma } from './gamma.js'

/** Bounds every series and fraction below; far more than any argument within reach of float32 accuracy needs. */
const mostSteps = 20000
const tiny = 1e-300

/** Both the lower incomplete gamma function, regularized, and its derivative by `a`: the series DLMF 8.7.1, for x below a + 1. */
const lowerSeries = (a: number, x: number): readonly [value: number, byA: number] => {
  let term = 1
  let byA = 0
  let sum = 1
  let sumByA = 0
  for (let n = 1; n < mostSteps && term > 1e-17 * sum; n++) {
    byA = (byA - term / (a + n)) * (x / (a + n))
    term *= x / (a + n)
    sum += term
    sumByA += byA
  }
  const factor = Math.exp(a * Math.log(x) - x - logGamma(a + 1))
  return [factor * sum, factor * (sumByA + sum * (Math.log(x) - digamma(a + 1)))]
}

/** The upper function and its derivative by `a`: the fraction DLMF 8.9.2 by Lentz' method, for x above a + 1. */
const upperFraction = (a: number, x: number): readonly [value: number, byA: number] => {
  let b = x + 1 - a
  const bByA = -1
  let c = 1 / tiny
  let cByA = 0
  let d = 1 / b
  let dByA = -bByA * d * d
  let h = d
  let hByA = dByA
  for (let n = 1; n < mostSteps; n++) {
    const [numerator, numeratorByA] = [-n * (n - a), n]
    b += 2
    const [under, underByA] = [b + numerator * d, bByA + numeratorByA * d + numerator * dByA]
    d = 1 / (Math.abs(under) < tiny ? tiny : under)
    dByA = -underByA * d * d
    cByA = bByA + numeratorByA / c - (numerator * cByA) / (c * c)
    c = b + numerator / c
    if (Math.abs(c) < tiny) c = tiny
    const [step, stepByA] = [c * d, cByA * d + c * dByA]
    hByA = hByA * step + h * stepByA
    h *= step
    if (Math.abs(step - 1) < 1e-16 && Math.abs(stepByA) < 1e-16) break
  }
  const factor = Math.exp(a * Math.log(x) - x - logGamma(a))
  return [factor * h, factor * (hByA + h * (Math.log(x) - digamma(a)))]
}

const outside = (a: number, x: number): boolean => Number.isNaN(a) || Number.isNaN(x) || x < 0 || a <= 0
const inSeries = (a: number, x: number): boolean => x < a + 1

/** The regularized lower incomplete gamma function P(a, x). */
export const igamma = (a: number, x: number): number =>
  outside(a, x)
    ? NaN
    : x === 0 || a === Infinity
      ? x === Infinity
        ? NaN
        : 0
      : x === Infinity
        ? 1
        : inSeries(a, x)
          ? lowerSeries(a, x)[0]
          : 1 - upperFraction(a, x)[0]

/** The regularized upper incomplete gamma function Q(a, x), with all its digits where that is small. */
export const igammac = (a: number, x: number): number =>
  outside(a, x)
    ? NaN
    : x === 0 || a === Infinity
      ? x === Infinity
        ? NaN
        : 1
      : x === Infinity
        ? 0
        : inSeries(a, x)
          ? 1 - lowerSeries(a, x)[0]
          : upperFraction(a, x)[0]

/** The derivative of P(a, x) by a. */
export const igammaGradA = (a: number, x: number): number =>
  outside(a, x) ? NaN : x === 0 || x === Infinity ? 0 : inSeries(a, x) ? lowerSeries(a, x)[1] : -upperFraction(a, x)[1]

/** The fraction DLMF 8.17.22 by Lentz' method. */
const betaFraction = (a: number, b: number, x: number): number => {
  const guard = (y: number): number => (Math.abs(y) < tiny ? tiny : y)
  let c = 1
  let d = 1 / guard(1 - ((a + b) * x) / (a + 1))
  let h = d
  for (let m = 1; m < mostSteps; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / guard(1 + even * d)
    c = guard(1 + even / c)
    h *= c * d
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / guard(1 + odd * d)
    c = guard(1 + odd / c)
    h *= c * d
    if (Math.abs(c * d - 1) < 1e-16) break
  }
  return h
}

/** log |gamma(a) gamma(b) / gamma(a + b)|. */
export const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b)

/** The regularized incomplete beta function I(x; a, b). */
export const betaInc = (a: number, b: number, x: number): number => {
  if (Number.isNaN(a) || Number.isNaN(b) || !(x >= 0 && x <= 1) || a <= 0 || b <= 0) return NaN
  if (x === 0 || x === 1) return x
  const factor = Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b))
  return x < (a + 1) / (a + b + 2) ? (factor * betaFraction(a, b, x)) / a : 1 - (factor * betaFraction(b, a, 1 - x)) / b
}
