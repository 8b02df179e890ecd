import { factorLu, solveFactored } from './lu.js'
import { jacobiSvd } from './svd.js'

const determinant = (lu: Float64Array, sign: number, n: number): number => {
  let product = sign
  for (let i = 0; i < n; i++) product *= lu[i * n + i]!
  return product
}

/** The determinant of an orthogonal matrix: 1 or -1. */
const orientation = (q: Float64Array, n: number): number => {
  const lu = q.slice()
  return Math.sign(determinant(lu, factorLu(lu, n, n, new Int32Array(n)), n))
}

/** The products of all but one of the numbers. */
const productsOfOthers = (x: Float64Array): Float64Array =>
  x.map((_, i) => x.reduce((product, y, j) => (i === j ? product : product * y), 1))

/**
 * The matrix of cofactors of a row-major n by n matrix: det(A) A^-T, and where A is nearly singular, by way of its
 * singular values, which needs no division.
 */
export const cofactorMatrix = (a: Float64Array, n: number): Float64Array => {
  const lu = a.slice()
  const perm = new Int32Array(n)
  const sign = factorLu(lu, n, n, perm)
  let [smallest, largest] = [Infinity, 0]
  for (let i = 0; i < n; i++) {
    smallest = Math.min(smallest, Math.abs(lu[i * n + i]!))
    largest = Math.max(largest, Math.abs(lu[i * n + i]!))
  }
  const transposed = (x: Float64Array): Float64Array => x.map((_, at) => x[(at % n) * n + Math.floor(at / n)]!)
  if (smallest > 1e-6 * largest) {
    const identity = Float64Array.from({ length: n * n }, (_, at) => Number(at % (n + 1) === 0))
    const det = determinant(lu, sign, n)
    return transposed(solveFactored(lu, perm, n, identity, n)).map((x) => x * det)
  }
  // U and V come as columns one after the other.
  const { u, s, v } = jacobiSvd(transposed(a), n, n, n)
  const scale = productsOfOthers(s)
  const turn = orientation(u, n) * orientation(v, n)
  return a.map((_, at) => {
    const [i, j] = [Math.floor(at / n), at % n]
    let total = 0
    for (let k = 0; k < n; k++) total += u[k * n + i]! * scale[k]! * v[k * n + j]!
    return turn * total
  })
}
