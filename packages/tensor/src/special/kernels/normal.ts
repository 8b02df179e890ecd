import { erfc, erfInvDouble, scaledTail } from '../../device/js/erf.js'

/** The logarithm of the normal distribution function. */
export const logNdtr = (x: number): number => {
  const z = -x * Math.SQRT1_2
  if (z > 2.5) return z > 1e150 ? -Infinity : Math.log(scaledTail(z) / 2) - z * z
  return x > 0 ? Math.log1p(-erfc(-z) / 2) : Math.log(erfc(z) / 2)
}

/** The inverse of the normal distribution function; in the lower tail by Newton's steps on its logarithm. */
export const ndtri = (p: number): number => {
  if (!(p > 0 && p < 1)) return p === 0 ? -Infinity : p === 1 ? Infinity : NaN
  if (p > 0.5) return -ndtri(1 - p)
  if (p > 0.05) return Math.SQRT2 * erfInvDouble(2 * p - 1)
  const goal = Math.log(p)
  let x = -Math.sqrt(-2 * goal)
  for (let i = 0; i < 8; i++) {
    const value = logNdtr(x)
    x -= (value - goal) / Math.exp(-0.5 * x * x - 0.5 * Math.log(2 * Math.PI) - value)
  }
  return x
}
