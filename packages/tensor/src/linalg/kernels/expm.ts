import { factorLu, solveFactored } from './lu.js'

const coefficients = [
  64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600,
  670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1,
]

const multiply = (a: Float64Array, b: Float64Array, n: number): Float64Array => {
  const out = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const f = a[i * n + k]!
      if (f !== 0) for (let j = 0; j < n; j++) out[i * n + j]! += f * b[k * n + j]!
    }
  }
  return out
}

/** A sum of matrices with factors; `constant` is added on the diagonal. */
const combine = (n: number, constant: number, ...terms: readonly (readonly [number, Float64Array])[]): Float64Array =>
  Float64Array.from({ length: n * n }, (_, at) =>
    terms.reduce((total, [f, x]) => total + f * x[at]!, at % (n + 1) === 0 ? constant : 0),
  )

/**
 * The exponential of a row-major n by n matrix: a Padé approximant of degree 13 of the matrix scaled down, squared up
 * again (Higham 2005). NaN where an element is not finite.
 */
export const matrixExponential = (a: Float64Array, n: number): Float64Array => {
  let norm = 0
  for (let j = 0; j < n; j++) {
    let total = 0
    for (let i = 0; i < n; i++) total += Math.abs(a[i * n + j]!)
    norm = Math.max(norm, total)
  }
  if (!Number.isFinite(norm)) return a.map(() => NaN)
  const squarings = Math.max(0, Math.ceil(Math.log2(norm / 5.371920351148152)))
  const x = a.map((v) => v / 2 ** squarings)
  const x2 = multiply(x, x, n)
  const x4 = multiply(x2, x2, n)
  const x6 = multiply(x4, x2, n)
  const c = coefficients
  const high = (from: number): Float64Array =>
    multiply(x6, combine(n, 0, [c[from + 6]!, x6], [c[from + 4]!, x4], [c[from + 2]!, x2]), n)
  const odd = multiply(x, combine(n, c[1]!, [1, high(7)], [c[7]!, x6], [c[5]!, x4], [c[3]!, x2]), n)
  const even = combine(n, c[0]!, [1, high(6)], [c[6]!, x6], [c[4]!, x4], [c[2]!, x2])
  const lu = combine(n, 0, [1, even], [-1, odd])
  const perm = new Int32Array(n)
  factorLu(lu, n, n, perm)
  let result = solveFactored(lu, perm, n, combine(n, 0, [1, even], [1, odd]), n)
  for (let k = 0; k < squarings; k++) result = multiply(result, result, n)
  return result
}
