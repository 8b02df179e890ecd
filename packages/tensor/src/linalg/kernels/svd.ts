/** U (m by `width`, as columns one after the other), descending singular values and V (n by n, as columns). */
export interface Svd {
  readonly u: Float64Array
  readonly s: Float64Array
  readonly v: Float64Array
}

const epsilon = 2 ** -52
const maxSweeps = 60

/** Rotates columns p and q of length n by the cosine c and the sine s. */
const rotate = (x: Float64Array, p: number, q: number, n: number, c: number, s: number): void => {
  for (let i = 0; i < n; i++) {
    const a = x[p * n + i]!
    const b = x[q * n + i]!
    x[p * n + i] = c * a - s * b
    x[q * n + i] = s * a + c * b
  }
}

/** One round of rotations that make each pair of columns of `w` orthogonal; whether any was needed. */
const sweep = (w: Float64Array, v: Float64Array | null, m: number, n: number): boolean => {
  let rotated = false
  for (let p = 0; p < n - 1; p++) {
    for (let q = p + 1; q < n; q++) {
      let [pp, qq, pq] = [0, 0, 0]
      for (let i = 0; i < m; i++) {
        const a = w[p * m + i]!
        const b = w[q * m + i]!
        pp += a * a
        qq += b * b
        pq += a * b
      }
      if (Math.abs(pq) <= 4 * epsilon * Math.sqrt(pp) * Math.sqrt(qq)) continue
      rotated = true
      const zeta = (qq - pp) / (2 * pq)
      const t = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.hypot(1, zeta))
      const c = 1 / Math.hypot(1, t)
      rotate(w, p, q, m, c, c * t)
      if (v !== null) rotate(v, p, q, n, c, c * t)
    }
  }
  return rotated
}

/** Makes columns `from` to `to` of length m orthonormal to those before: unit vectors, the one furthest away first. */
const complete = (u: Float64Array, m: number, from: number, to: number): void => {
  for (let j = from; j < to; j++) {
    let best = 0
    let furthest = -1
    for (let i = 0; i < m; i++) {
      let rest = 1
      for (let k = 0; k < j; k++) rest -= u[k * m + i]! ** 2
      if (rest > furthest) [best, furthest] = [i, rest]
    }
    const column = u.subarray(j * m, (j + 1) * m).fill(0)
    column[best] = 1
    for (let pass = 0; pass < 2; pass++) {
      for (let k = 0; k < j; k++) {
        let dot = 0
        for (let i = 0; i < m; i++) dot += u[k * m + i]! * column[i]!
        for (let i = 0; i < m; i++) column[i]! -= dot * u[k * m + i]!
      }
      const norm = Math.sqrt(column.reduce((t, x) => t + x * x, 0))
      for (let i = 0; i < m; i++) column[i]! /= norm
    }
  }
}

/**
 * The singular values of an m by n matrix with m at least n, given as columns one after the other, by one-sided Jacobi
 * rotations; with `width` columns of U, and V, unless `width` is 0.
 */
export const jacobiSvd = (columns: Float64Array, m: number, n: number, width: number): Svd => {
  const scale = columns.reduce((a, x) => Math.max(a, Math.abs(x)), 0)
  const u = new Float64Array(m * width)
  const v = new Float64Array(width === 0 ? 0 : n * n)
  const s = new Float64Array(n)
  if (!Number.isFinite(scale)) return { u: u.fill(NaN), s: s.fill(NaN), v: v.fill(NaN) }
  const w = columns.map((x) => (scale === 0 ? 0 : x / scale))
  const rotations = width === 0 ? null : new Float64Array(n * n)
  if (rotations !== null) for (let i = 0; i < n; i++) rotations[i * n + i] = 1
  for (let k = 0; k < maxSweeps && sweep(w, rotations, m, n); k++);
  const norms = Array.from({ length: n }, (_, j) =>
    Math.sqrt(w.subarray(j * m, (j + 1) * m).reduce((t, x) => t + x * x, 0)),
  )
  const order = norms.map((_, j) => j).sort((i, j) => norms[j]! - norms[i]!)
  order.forEach((j, k) => (s[k] = norms[j]! * scale))
  if (rotations === null) return { u, s, v }
  let found = 0
  order.forEach((j, k) => {
    v.set(rotations.subarray(j * n, (j + 1) * n), k * n)
    if (norms[j]! === 0) return
    found = k + 1
    for (let i = 0; i < m; i++) u[k * m + i] = w[j * m + i]! / norms[j]!
  })
  complete(u, m, found, width)
  return { u, s, v }
}
