/**
 * The neighbour of x in the direction of y among the numbers with `fraction` bits after the point and exponents from
 * `least`; y itself where they are equal. An overflow is left to the rounding to the dtype.
 */
export const nextAfter = (x: number, y: number, fraction: number, least: number): number => {
  if (Number.isNaN(x) || Number.isNaN(y)) return NaN
  if (x === y) return y
  if (x === 0) return Math.sign(y) * 2 ** (least - fraction)
  const a = Math.abs(x)
  const outward = x > 0 === y > x
  if (a === Infinity) return Math.sign(x) * 2 ** (1 - least) * (2 - 2 ** -fraction)
  let exponent = Math.max(Math.floor(Math.log2(a)), least)
  // The logarithm of a number just below a power of 2 may round up to it.
  if (2 ** exponent > a) exponent = Math.max(exponent - 1, least)
  const spacing = 2 ** (exponent - fraction)
  const step = outward || a !== 2 ** exponent || exponent === least ? spacing : spacing / 2
  return Math.sign(x) * (outward ? a + step : a - step)
}
