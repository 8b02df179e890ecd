import type { TypedArray } from '../../core/dtype.js'
import type { DotPlan, Walk } from '../../program/routines.js'

/** Element offsets of a walk, in row-major order. */
export const walkOffsets = (walk: Walk): Int32Array => {
  let offsets = [0]
  walk.extents.forEach((n, axis) => {
    const stride = walk.strides[axis]!
    offsets = offsets.flatMap((base) => Array.from({ length: n }, (_, i) => base + i * stride))
  })
  return Int32Array.from(offsets)
}

let packedLeft: Float32Array = new Float32Array(0)
let packedRight: Float32Array = new Float32Array(0)
const room = (scratch: Float32Array, length: number): Float32Array =>
  scratch.length >= length ? scratch : new Float32Array(length)

/** Rows of the left operand in order, so that the inner loop reads them with stride 1. */
const packLeft = (a: Float32Array, base: number, rows: Int32Array, contract: Int32Array): void => {
  packedLeft = room(packedLeft, rows.length * contract.length)
  let at = 0
  for (let i = 0; i < rows.length; i++) {
    const row = base + rows[i]!
    for (let k = 0; k < contract.length; k++) packedLeft[at++] = a[row + contract[k]!]!
  }
}

/** Panels of four columns, each ordered by the contraction, padded with zeros. */
const packRight = (b: Float32Array, base: number, columns: Int32Array, contract: Int32Array): void => {
  const n = columns.length
  const k = contract.length
  packedRight = room(packedRight, Math.ceil(n / 4) * 4 * k)
  let at = 0
  for (let j = 0; j < n; j += 4) {
    const c0 = base + columns[j]!
    if (j + 4 <= n) {
      const c1 = base + columns[j + 1]!
      const c2 = base + columns[j + 2]!
      const c3 = base + columns[j + 3]!
      for (let p = 0; p < k; p++) {
        const row = contract[p]!
        packedRight[at] = b[c0 + row]!
        packedRight[at + 1] = b[c1 + row]!
        packedRight[at + 2] = b[c2 + row]!
        packedRight[at + 3] = b[c3 + row]!
        at += 4
      }
    } else {
      for (let p = 0; p < k; p++)
        for (let r = 0; r < 4; r++) packedRight[at++] = j + r < n ? b[base + columns[j + r]! + contract[p]!]! : 0
    }
  }
}

/**
 * Tiles of two rows by four columns: eight sums stay in registers. Sums run in float64 in the order of the
 * contraction, so an element's value depends on its row, its column and nothing else.
 */
const multiply = (
  a: Float32Array,
  rows: Int32Array,
  base: number,
  b: Float32Array,
  c: Float32Array,
  at: number,
  n: number,
  k: number,
): void => {
  const m = rows.length
  for (let j = 0; j < n; j += 4) {
    const panel = j * k
    const width = n - j
    for (let i = 0; i < m; i += 2) {
      const pair = i + 1 < m
      const r0 = base + rows[i]!
      const r1 = pair ? base + rows[i + 1]! : r0
      let c00 = 0
      let c01 = 0
      let c02 = 0
      let c03 = 0
      let c10 = 0
      let c11 = 0
      let c12 = 0
      let c13 = 0
      let q = panel
      for (let p = 0; p < k; p++) {
        const b0 = b[q]!
        const b1 = b[q + 1]!
        const b2 = b[q + 2]!
        const b3 = b[q + 3]!
        q += 4
        const x = a[r0 + p]!
        c00 += x * b0
        c01 += x * b1
        c02 += x * b2
        c03 += x * b3
        const y = a[r1 + p]!
        c10 += y * b0
        c11 += y * b1
        c12 += y * b2
        c13 += y * b3
      }
      const o = at + i * n + j
      c[o] = c00
      if (width > 1) c[o + 1] = c01
      if (width > 2) c[o + 2] = c02
      if (width > 3) c[o + 3] = c03
      if (pair) {
        c[o + n] = c10
        if (width > 1) c[o + n + 1] = c11
        if (width > 2) c[o + n + 2] = c12
        if (width > 3) c[o + n + 3] = c13
      }
    }
  }
}

/** Products of float64, in the order of the contraction. */
const multiplyDoubles = (
  a: TypedArray,
  left: Offsets,
  b: TypedArray,
  right: Offsets,
  c: TypedArray,
  at: number,
): void => {
  let o = at
  for (const row of left.free) {
    for (const column of right.free) {
      let total = 0
      for (let p = 0; p < left.contract.length; p++)
        total += a[left.base + row + left.contract[p]!]! * b[right.base + column + right.contract[p]!]!
      c[o++] = total
    }
  }
}

/** Integer products wrap at 32 bits, and at fewer where the result is stored in fewer. */
const multiplyIntegers = (
  a: TypedArray,
  left: Offsets,
  b: TypedArray,
  right: Offsets,
  c: TypedArray,
  at: number,
): void => {
  let o = at
  for (const row of left.free) {
    for (const column of right.free) {
      let total = 0
      for (let p = 0; p < left.contract.length; p++) {
        total =
          (total + Math.imul(a[left.base + row + left.contract[p]!]!, b[right.base + column + right.contract[p]!]!)) | 0
      }
      c[o++] = total
    }
  }
}

interface Offsets {
  readonly base: number
  readonly free: Int32Array
  readonly contract: Int32Array
}

const isSequence = (offsets: Int32Array): boolean => offsets.every((v, i) => v === i)
const rowsOf = (m: number, k: number): Int32Array => Int32Array.from({ length: m }, (_, i) => i * k)

/** A function that runs the product on (left, right, result). */
export const compileDot = (plan: DotPlan): ((a: TypedArray, b: TypedArray, c: TypedArray) => void) => {
  const { m, n, k } = plan
  const side = (s: DotPlan['left']) => ({
    batch: walkOffsets(s.batch),
    free: walkOffsets(s.free),
    contract: walkOffsets(s.contract),
  })
  const left = side(plan.left)
  const right = side(plan.right)
  const inPlace = isSequence(left.contract)
  const packedRows = rowsOf(m, k)
  return (a, b, c) => {
    for (let batch = 0; batch < plan.batch; batch++) {
      const l = left.batch[batch]!
      const r = right.batch[batch]!
      const at = batch * m * n
      if (c instanceof Float32Array && a instanceof Float32Array && b instanceof Float32Array) {
        packRight(b, r, right.free, right.contract)
        if (inPlace) multiply(a, left.free, l, packedRight, c, at, n, k)
        else {
          packLeft(a, l, left.free, left.contract)
          multiply(packedLeft, packedRows, 0, packedRight, c, at, n, k)
        }
      } else {
        const product = c instanceof Float64Array || c instanceof Float32Array ? multiplyDoubles : multiplyIntegers
        product(a, { ...left, base: l }, b, { ...right, base: r }, c, at)
      }
    }
  }
}
