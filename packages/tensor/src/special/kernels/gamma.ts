const halfLogTwoPi = 0.5 * Math.log(2 * Math.PI)

/** Lanczos' approximation with g = 7 and nine terms, good to 1e-15 (Godfrey). */
const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
]

/** log |gamma(x)|; infinite at 0 and the negative integers. */
export const logGamma = (x: number): number => {
  if (x === Infinity || x === -Infinity) return Infinity
  if (x < 0.5)
    return Number.isInteger(x) ? Infinity : Math.log(Math.PI / Math.abs(Math.sin(Math.PI * (x % 1)))) - logGamma(1 - x)
  let sum = lanczos[0]!
  for (let i = 1; i < 9; i++) sum += lanczos[i]! / (x - 1 + i)
  const t = x + 6.5
  return halfLogTwoPi + (x - 0.5) * Math.log(t) - t + Math.log(sum)
}

/** The derivative of log gamma; NaN at the negative integers. */
export const digamma = (x: number): number => {
  if (x === 0) return -1 / x
  if (x < 0)
    return Number.isInteger(x) || x === -Infinity ? NaN : digamma(1 - x) - Math.PI / Math.tan(Math.PI * (x % 1))
  let y = x
  let shift = 0
  for (; y < 10; y++) shift -= 1 / y
  const u = 1 / (y * y)
  const tail = u * (1 / 12 - u * (1 / 120 - u * (1 / 252 - u * (1 / 240 - u * (1 / 132 - (u * 691) / 32760)))))
  return shift + Math.log(y) - 0.5 / y - tail
}

/** (2k)! over the Bernoulli number B(2k), k from 1. */
const bernoulli = [12, -720, 30240, -1209600, 47900160, -1892437580.318379, 74724249600, -2950130727918.164]

/** Hurwitz' zeta function, the sum of (q + k)^-s: ten terms and more until q is large, then Euler and Maclaurin's formula. */
export const zeta = (s: number, q: number): number => {
  if (Number.isNaN(s) || Number.isNaN(q) || s < 1) return NaN
  if (s === 1) return Infinity
  if (q <= 0 && Number.isInteger(q)) return Infinity
  if (q < 0 && !Number.isInteger(s)) return NaN
  if (q === Infinity) return 0
  let a = q
  let sum = 0
  for (let i = 0; i < 10 || a < 10; i++, a++) {
    const term = Math.pow(a, -s)
    sum += term
    if (a > 0 && term < 1e-18 * sum) return sum
  }
  const last = Math.pow(a, -s)
  sum += (a * last) / (s - 1) + last / 2
  let factor = (s * last) / a
  for (let k = 0; k < bernoulli.length; k++) {
    const term = factor / bernoulli[k]!
    sum += term
    if (Math.abs(term) < 1e-17 * Math.abs(sum)) break
    factor *= ((s + 2 * k + 1) * (s + 2 * k + 2)) / (a * a)
  }
  return sum
}

/** 1 or -1: the sign of the gamma function; NaN at the negative integers. */
export const gammaSign = (x: number): number => {
  if (Number.isNaN(x) || (x < 0 && Number.isInteger(x)) || x === -Infinity) return NaN
  return (x < 0 && Math.floor(x) % 2 !== 0) || Object.is(x, -0) ? -1 : 1
}

export const gamma = (x: number): number => gammaSign(x) * Math.exp(logGamma(x))

/** The derivative of order n + 1 of log gamma. */
export const polygamma = (n: number, x: number): number =>
  n === 0 ? digamma(x) : n > 0 && Number.isInteger(n) ? (n % 2 === 0 ? -1 : 1) * gamma(n + 1) * zeta(n + 1, x) : NaN
