/** Householder reduction of the symmetric matrix in `v` to tridiagonal form: diagonal `d`, subdiagonal `e`, the basis in `v`. */
const tridiagonalize = (v: Float64Array, d: Float64Array, e: Float64Array, n: number): void => {
  for (let j = 0; j < n; j++) d[j] = v[(n - 1) * n + j]!
  for (let i = n - 1; i > 0; i--) {
    let scale = 0
    let h = 0
    for (let k = 0; k < i; k++) scale += Math.abs(d[k]!)
    if (scale === 0) {
      e[i] = d[i - 1]!
      for (let j = 0; j < i; j++) {
        d[j] = v[(i - 1) * n + j]!
        v[i * n + j] = 0
        v[j * n + i] = 0
      }
    } else {
      for (let k = 0; k < i; k++) {
        d[k]! /= scale
        h += d[k]! * d[k]!
      }
      let f = d[i - 1]!
      let g = f > 0 ? -Math.sqrt(h) : Math.sqrt(h)
      e[i] = scale * g
      h -= f * g
      d[i - 1] = f - g
      e.fill(0, 0, i)
      for (let j = 0; j < i; j++) {
        f = d[j]!
        v[j * n + i] = f
        g = e[j]! + v[j * n + j]! * f
        for (let k = j + 1; k <= i - 1; k++) {
          g += v[k * n + j]! * d[k]!
          e[k]! += v[k * n + j]! * f
        }
        e[j] = g
      }
      f = 0
      for (let j = 0; j < i; j++) {
        e[j]! /= h
        f += e[j]! * d[j]!
      }
      const half = f / (h + h)
      for (let j = 0; j < i; j++) e[j]! -= half * d[j]!
      for (let j = 0; j < i; j++) {
        f = d[j]!
        g = e[j]!
        for (let k = j; k <= i - 1; k++) v[k * n + j]! -= f * e[k]! + g * d[k]!
        d[j] = v[(i - 1) * n + j]!
        v[i * n + j] = 0
      }
    }
    d[i] = h
  }
  for (let i = 0; i < n - 1; i++) {
    v[(n - 1) * n + i] = v[i * n + i]!
    v[i * n + i] = 1
    const h = d[i + 1]!
    if (h !== 0) {
      for (let k = 0; k <= i; k++) d[k] = v[k * n + i + 1]! / h
      for (let j = 0; j <= i; j++) {
        let g = 0
        for (let k = 0; k <= i; k++) g += v[k * n + i + 1]! * v[k * n + j]!
        for (let k = 0; k <= i; k++) v[k * n + j]! -= g * d[k]!
      }
    }
    for (let k = 0; k <= i; k++) v[k * n + i + 1] = 0
  }
  for (let j = 0; j < n; j++) {
    d[j] = v[(n - 1) * n + j]!
    v[(n - 1) * n + j] = 0
  }
  v[n * n - 1] = 1
  e[0] = 0
}

/** Implicit QL steps that make the tridiagonal matrix diagonal, applied to the basis too. */
const diagonalize = (v: Float64Array, d: Float64Array, e: Float64Array, n: number): void => {
  e.copyWithin(0, 1)
  e[n - 1] = 0
  let f = 0
  let largest = 0
  for (let l = 0; l < n; l++) {
    largest = Math.max(largest, Math.abs(d[l]!) + Math.abs(e[l]!))
    let m = l
    while (m < n - 1 && Math.abs(e[m]!) > 2 ** -52 * largest) m++
    for (let step = 0; m > l && step < 100; step++) {
      let g = d[l]!
      let p = (d[l + 1]! - g) / (2 * e[l]!)
      let r = p < 0 ? -Math.hypot(p, 1) : Math.hypot(p, 1)
      d[l] = e[l]! / (p + r)
      d[l + 1] = e[l]! * (p + r)
      const next = d[l + 1]!
      const shift = g - d[l]!
      for (let i = l + 2; i < n; i++) d[i]! -= shift
      f += shift
      p = d[m]!
      let [c, c2, c3, s, s2] = [1, 1, 1, 0, 0]
      const behind = e[l + 1]!
      for (let i = m - 1; i >= l; i--) {
        c3 = c2
        c2 = c
        s2 = s
        g = c * e[i]!
        const h = c * p
        r = Math.hypot(p, e[i]!)
        e[i + 1] = s * r
        s = e[i]! / r
        c = p / r
        p = c * d[i]! - s * g
        d[i + 1] = h + s * (c * g + s * d[i]!)
        for (let k = 0; k < n; k++) {
          const x = v[k * n + i + 1]!
          v[k * n + i + 1] = s * v[k * n + i]! + c * x
          v[k * n + i] = c * v[k * n + i]! - s * x
        }
      }
      p = (-s * s2 * c3 * behind * e[l]!) / next
      e[l] = s * p
      d[l] = c * p
      if (Math.abs(e[l]!) <= 2 ** -52 * largest) break
    }
    d[l]! += f
    e[l] = 0
  }
}

/**
 * Ascending eigenvalues of a symmetric row-major matrix and its eigenvectors as columns; NaN where an element is not
 * finite. After tred2 and tql2 of EISPACK.
 */
export const symmetricEigen = (a: Float64Array, n: number): { readonly w: Float64Array; readonly v: Float64Array } => {
  const [d, e, v] = [new Float64Array(n), new Float64Array(n), a.slice()]
  if (n === 0) return { w: d, v }
  if (!a.every(Number.isFinite)) return { w: d.fill(NaN), v: v.fill(NaN) }
  tridiagonalize(v, d, e, n)
  diagonalize(v, d, e, n)
  const order = Array.from(d.keys()).sort((i, j) => d[i]! - d[j]!)
  return {
    w: d.map((_, k) => d[order[k]!]!),
    v: v.map((_, at) => v[at - (at % n) + order[at % n]!]!),
  }
}
