/** Modified Bessel functions of order 0 and 1 times exp(-|x|): the power series, whose terms are all positive, or the asymptotic one. */
const scaledBessel = (order: 0 | 1, x: number): number => {
  const a = Math.abs(x)
  const sign = order === 1 && (x < 0 || Object.is(x, -0)) ? -1 : 1
  if (a === Infinity) return sign < 0 ? -0 : 0
  let term = 1
  let sum = 1
  if (a < 30) {
    const quarter = (a * a) / 4
    for (let k = 1; term > 1e-17 * sum; k++) {
      term *= quarter / (k * (k + order))
      sum += term
    }
    return sign * Math.exp(-a) * sum * (order === 1 ? a / 2 : 1)
  }
  for (let k = 1; Math.abs(term) > 1e-17; k++) {
    term *= ((2 * k - 1) * (2 * k - 1) - 4 * order) / (8 * k * a)
    sum += term
  }
  return (sign * sum) / Math.sqrt(2 * Math.PI * a)
}

export const besselI0e = (x: number): number => scaledBessel(0, x)
export const besselI1e = (x: number): number => scaledBessel(1, x)
