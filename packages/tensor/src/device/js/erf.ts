const twoOverRootPi = 2 / Math.sqrt(Math.PI)

/** Error function to float64 accuracy: Kummer's series (DLMF 7.6.2) near zero, else the continued fraction of erfc (DLMF 7.9.4). */
export const erf = (x: number): number => {
  const a = Math.abs(x)
  if (!(a < 6)) return Number.isNaN(x) ? x : Math.sign(x)
  if (a < 2.5) {
    const square = x * x
    let term = x
    let sum = x
    for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
      term *= (2 * square) / (2 * n + 1)
      sum += term
    }
    return twoOverRootPi * Math.exp(-square) * sum
  }
  let fraction = 0
  for (let n = 60; n >= 1; n--) fraction = n / 2 / (a + fraction)
  const tail = Math.exp(-a * a) / (Math.sqrt(Math.PI) * (a + fraction))
  return Math.sign(x) * (1 - tail)
}

const near = [
  2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 0.00021858087, -0.00125372503, -0.00417768164,
  0.246640727, 1.50140941,
].map(Math.fround)
const far = [
  -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047,
  1.00167406, 2.83297682,
].map(Math.fround)

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
