/** Factors a row-major m by n matrix in place, P A = L U with row exchanges; returns the sign of the permutation, which `perm` holds. */
export const factorLu = (a: Float64Array, m: number, n: number, perm: Int32Array): number => {
  let sign = 1
  for (let i = 0; i < m; i++) perm[i] = i
  for (let k = 0; k < Math.min(m, n); k++) {
    let pivot = k
    for (let i = k + 1; i < m; i++) if (Math.abs(a[i * n + k]!) > Math.abs(a[pivot * n + k]!)) pivot = i
    if (pivot !== k) {
      for (let j = 0; j < n; j++) {
        const t = a[k * n + j]!
        a[k * n + j] = a[pivot * n + j]!
        a[pivot * n + j] = t
      }
      const t = perm[k]!
      perm[k] = perm[pivot]!
      perm[pivot] = t
      sign = -sign
    }
    const diagonal = a[k * n + k]!
    if (diagonal === 0) continue
    for (let i = k + 1; i < m; i++) {
      const f = a[i * n + k]! / diagonal
      a[i * n + k] = f
      if (f === 0) continue
      for (let j = k + 1; j < n; j++) a[i * n + j]! -= f * a[k * n + j]!
    }
  }
  return sign
}

/** The solution of A X = B from A's factors; a zero on U's diagonal gives infinities and NaN. */
export const solveFactored = (
  lu: Float64Array,
  perm: Int32Array,
  n: number,
  b: ArrayLike<number>,
  columns: number,
): Float64Array => {
  const x = new Float64Array(n * columns)
  for (let i = 0; i < n; i++) for (let j = 0; j < columns; j++) x[i * columns + j] = b[perm[i]! * columns + j]!
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) {
      const f = lu[i * n + k]!
      if (f !== 0) for (let j = 0; j < columns; j++) x[i * columns + j]! -= f * x[k * columns + j]!
    }
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) {
      const f = lu[i * n + k]!
      for (let j = 0; j < columns; j++) x[i * columns + j]! -= f * x[k * columns + j]!
    }
    for (let j = 0; j < columns; j++) x[i * columns + j]! /= lu[i * n + i]!
  }
  return x
}
