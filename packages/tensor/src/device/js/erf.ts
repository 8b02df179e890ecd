const twoOverRootPi = 2 / Math.sqrt(Math.PI)

/** Kummer's series (DLMF 7.6.2), for |x| < 2.5. */
const series = (x: number): number => {
  const square = x * x
  let term = x
  let sum = x
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * square) / (2 * n + 1)
    sum += term
  }
  return twoOverRootPi * Math.exp(-square) * sum
}

/** erfc(x) exp(x^2) for x >= 2.5, by its continued fraction (DLMF 7.9.4). */
export const scaledTail = (x: number): number => {
  let fraction = 0
  for (let n = 60; n >= 1; n--) fraction = n / 2 / (x + fraction)
  return 1 / (Math.sqrt(Math.PI) * (x + fraction))
}
const tail = (x: number): number => Math.exp(-x * x) * scaledTail(x)

/** Error function to float64 accuracy. */
export const erf = (x: number): number => {
  const a = Math.abs(x)
  if (!(a < 6)) return Number.isNaN(x) ? x : Math.sign(x)
  return a < 2.5 ? series(x) : Math.sign(x) * (1 - tail(a))
}

/** 1 - erf(x), with all its digits where that is small. */
export const erfc = (x: number): number =>
  Number.isNaN(x) ? x : x < -2.5 ? 2 - (x < -6 ? 0 : tail(-x)) : x < 2.5 ? 1 - series(x) : x > 30 ? 0 : tail(x)

const near = [
  2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 0.00021858087, -0.00125372503, -0.00417768164,
  0.246640727, 1.50140941,
].map(Math.fround)
const far = [
  -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047,
  1.00167406, 2.83297682,
].map(Math.fround)

/** Inverse error function in float64: two of Halley's steps from the float32 value. */
export const erfInvDouble = (x: number): number => {
  const size = Math.abs(x)
  if (!(size < 1)) return size === 1 ? x * Infinity : NaN
  if (size < 1e-8) return x / twoOverRootPi
  // In float32 the value next to 1 is 1, whose inverse is infinite.
  let y = erfInv(Math.sign(x) * Math.min(size, 0.99999994))
  for (let i = 0; i < 4; i++) {
    const step = (erf(y) - x) / (twoOverRootPi * Math.exp(-y * y))
    y -= step / (1 + y * step)
  }
  return y
}

/**
 * Inverse error function in float32: the polynomials of Giles ("Approximating the erfinv function", 2011) with the
 * roundings of XLA's CPU compiler (multiply-add rounded once), so that normal samples agree with JAX's.
 */
export const erfInv = (x: number): number => {
  if (Math.abs(x) === 1) return x * Infinity
  const f = Math.fround
  const logarithm = f(-f(Math.log1p(f(-f(x * x)))))
  const isNear = logarithm < 5
  const w = isNear ? f(logarithm - 2.5) : f(f(Math.sqrt(logarithm)) - 3)
  const coefficients = isNear ? near : far
  let p = coefficients[0]!
  for (let i = 1; i < 9; i++) p = f(coefficients[i]! + p * w)
  return f(p * x)
}
