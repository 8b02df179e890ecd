/** Columns of a panel. */
export const panelWidth = 4

/** The columns of whole panels that hold `n`. */
export const paddedColumns = (n: number): number => Math.ceil(n / panelWidth) * panelWidth

/**
 * Adds a product to `c` from `at` on, `rows` (an even number) by `columns` (of whole panels). `a` holds rows of length `k`; `b`
 * holds from `from` on panels of four columns, each ordered by row. Every element is one sum in float64, in order.
 */
export const multiplyPanels = (
  a: Float64Array,
  rows: number,
  b: Float64Array,
  from: number,
  c: Float64Array,
  at: number,
  columns: number,
  k: number,
): void => {
  for (let j = 0; j < columns; j += 4) {
    const panel = from + j * k
    for (let i = 0; i < rows; i += 2) {
      const o = at + i * columns + j
      const u = o + columns
      let c00 = c[o]!
      let c01 = c[o + 1]!
      let c02 = c[o + 2]!
      let c03 = c[o + 3]!
      let c10 = c[u]!
      let c11 = c[u + 1]!
      let c12 = c[u + 2]!
      let c13 = c[u + 3]!
      let r0 = i * k
      let r1 = r0 + k
      let q = panel
      for (let p = 0; p < k; p++) {
        const b0 = b[q]!
        const b1 = b[q + 1]!
        const b2 = b[q + 2]!
        const b3 = b[q + 3]!
        q += 4
        const x = a[r0++]!
        c00 += x * b0
        c01 += x * b1
        c02 += x * b2
        c03 += x * b3
        const y = a[r1++]!
        c10 += y * b0
        c11 += y * b1
        c12 += y * b2
        c13 += y * b3
      }
      c[o] = c00
      c[o + 1] = c01
      c[o + 2] = c02
      c[o + 3] = c03
      c[u] = c10
      c[u + 1] = c11
      c[u + 2] = c12
      c[u + 3] = c13
    }
  }
}
