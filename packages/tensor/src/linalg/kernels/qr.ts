/**
 * Householder reflections that make a row-major m by n matrix upper triangular, in place: R above and on the diagonal,
 * the reflectors' tails below, their factors in `tau`. Signs as LAPACK's geqrf.
 */
export const factorQr = (a: Float64Array, m: number, n: number): Float64Array => {
  const steps = Math.min(m, n)
  const tau = new Float64Array(steps)
  for (let k = 0; k < steps; k++) {
    let tail = 0
    for (let i = k + 1; i < m; i++) tail = Math.hypot(tail, a[i * n + k]!)
    if (tail === 0) continue
    const alpha = a[k * n + k]!
    const beta = (alpha > 0 || Object.is(alpha, 0) ? -1 : 1) * Math.hypot(alpha, tail)
    tau[k] = (beta - alpha) / beta
    for (let i = k + 1; i < m; i++) a[i * n + k]! /= alpha - beta
    a[k * n + k] = beta
    for (let j = k + 1; j < n; j++) {
      let dot = a[k * n + j]!
      for (let i = k + 1; i < m; i++) dot += a[i * n + k]! * a[i * n + j]!
      dot *= tau[k]!
      a[k * n + j]! -= dot
      for (let i = k + 1; i < m; i++) a[i * n + j]! -= dot * a[i * n + k]!
    }
  }
  return tau
}

/** The first `columns` columns of Q, m by `columns`, from the reflectors of an m by n matrix. */
export const formQ = (a: Float64Array, tau: Float64Array, m: number, n: number, columns: number): Float64Array => {
  const q = new Float64Array(m * columns)
  for (let i = 0; i < Math.min(m, columns); i++) q[i * columns + i] = 1
  for (let k = tau.length - 1; k >= 0; k--) {
    const t = tau[k]!
    if (t === 0) continue
    for (let j = 0; j < columns; j++) {
      let dot = q[k * columns + j]!
      for (let i = k + 1; i < m; i++) dot += a[i * n + k]! * q[i * columns + j]!
      dot *= t
      q[k * columns + j]! -= dot
      for (let i = k + 1; i < m; i++) q[i * columns + j]! -= dot * a[i * n + k]!
    }
  }
  return q
}
