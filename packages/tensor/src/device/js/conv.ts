import type { TypedArray } from '../../core/dtype.js'
import { sizeOf } from '../../core/shape.js'
import type { ConvPlan } from '../../program/conv-plan.js'
import { compileDirectConv } from './conv-direct.js'
import { type WindowReader, windowReader } from './conv-window.js'
import { walkOffsets } from './dot.js'
import { multiplyPanels, paddedColumns, panelWidth } from './panels.js'

export type RunConv = (x: TypedArray, kernel: TypedArray, out: TypedArray) => void

/** Rows of one block and the terms of their sums that are packed together: what the inner loops touch stays in cache. */
const blockRows = 64
const blockTerms = 256
/** Elements of a kernel that are packed at a time. A gradient's kernel is a whole result, which may be large. */
const packedAtOnce = 2 ** 19

let packedKernel: Float64Array = new Float64Array(0)
const packedRows: Float64Array = new Float64Array(blockRows * blockTerms)
let sums: Float64Array = new Float64Array(0)
const room = (scratch: Float64Array, length: number): Float64Array =>
  scratch.length >= length ? scratch : new Float64Array(length)

/** Some terms of the kernel of one group: blocks of them, each as panels of columns. Terms count positions first, then features. */
const packKernel = (
  plan: ConvPlan,
  positions: Int32Array,
  origin: number,
  kernel: TypedArray,
  start: number,
  end: number,
): void => {
  const { features, n } = plan
  const { feature, n: column } = plan.kernel
  const columns = paddedColumns(n)
  packedKernel = room(packedKernel, (end - start) * columns)
  let at = 0
  for (let from = start; from < end; from += blockTerms) {
    const to = Math.min(from + blockTerms, end)
    for (let j = 0; j < columns; j += panelWidth) {
      for (let t = from; t < to; t++) {
        const position = Math.floor(t / features)
        const base = origin + positions[position]! + (t - position * features) * feature
        for (let r = j; r < j + panelWidth; r++) packedKernel[at++] = r < n ? kernel[base + r * column]! : 0
      }
    }
  }
}

/** Terms `from` to `to` of one place's window, in order; what lies outside the operand is 0. */
const packRow = (
  x: TypedArray,
  base: number,
  offsets: Int32Array,
  plan: ConvPlan,
  from: number,
  to: number,
  into: number,
): void => {
  const { features } = plan
  const step = plan.x.feature
  let at = into
  for (let q = Math.floor(from / features); q * features < to; q++) {
    const first = Math.max(0, from - q * features)
    const end = Math.min(features, to - q * features)
    const offset = offsets[q]!
    if (offset < 0) for (let f = first; f < end; f++) packedRows[at++] = 0
    else {
      let read = base + offset + first * step
      for (let f = first; f < end; f++) {
        packedRows[at++] = x[read]!
        read += step
      }
    }
  }
}

/** As `packRow` for one place of many batch entries, which lie closer together than features do. */
const packBatch = (
  x: TypedArray,
  base: number,
  rows: number,
  offsets: Int32Array,
  plan: ConvPlan,
  from: number,
  to: number,
): void => {
  const { features } = plan
  const { feature, batch } = plan.x
  const terms = to - from
  for (let t = 0; t < terms; t++) {
    const q = Math.floor((from + t) / features)
    const offset = offsets[q]!
    const read = base + offset + (from + t - q * features) * feature
    if (offset < 0) for (let r = 0; r < rows; r++) packedRows[r * terms + t] = 0
    else for (let r = 0; r < rows; r++) packedRows[r * terms + t] = x[read + r * batch]!
  }
}

/** Adds the packed terms to the sums of a block of rows, from `at` on; `pack` brings one block of terms of all rows. */
const addTerms = (
  rows: number,
  start: number,
  end: number,
  columns: number,
  at: number,
  pack: (from: number, to: number) => void,
): void => {
  const even = rows + (rows & 1)
  if (start === 0) sums.fill(0, at, at + even * columns)
  for (let from = start; from < end; from += blockTerms) {
    const to = Math.min(from + blockTerms, end)
    pack(from, to)
    if (even > rows) packedRows.fill(0, rows * (to - from), even * (to - from))
    multiplyPanels(packedRows, even, packedKernel, (from - start) * columns, sums, at, columns, to - from)
  }
}

/** A matrix product whose rows are the windows, packed a block at a time. */
const compileProduct = (plan: ConvPlan, reader: WindowReader, positions: Int32Array): RunConv => {
  const { batch, groups, n } = plan
  const places = sizeOf(plan.out)
  const terms = reader.size * plan.features
  const columns = paddedColumns(n)
  const width = groups * n
  // A block's rows are many places of one batch entry, or many entries at one place: what lies closer together.
  const across = plan.x.batch < plan.x.feature && batch > 1
  const [placeStep, batchStep] = across ? [1, blockRows] : [blockRows, 1]
  const blocks = Math.ceil(places / placeStep) * Math.ceil(batch / batchStep)
  // The kernel is packed in parts where that takes less room than the sums of all rows, which then wait for the next part.
  const whole = terms * columns <= packedAtOnce || terms <= blocks * blockRows
  const atOnce = whole
    ? Math.max(1, terms)
    : blockTerms * Math.max(1, Math.floor(packedAtOnce / (columns * blockTerms)))
  const windows = Array.from({ length: Math.min(placeStep, places) }, () => new Int32Array(reader.size))

  const run = (x: TypedArray, out: TypedArray, group: number, start: number, end: number): void => {
    const origin = group * plan.x.group
    const [first, last] = terms === 0 ? [0, 0] : [Math.floor(start / plan.features), Math.ceil(end / plan.features)]
    let block = 0
    for (let place = 0; place < places; place += placeStep) {
      const near = Math.min(placeStep, places - place)
      for (let r = 0; r < near; r++) reader.offsets(place + r, windows[r]!, first, last)
      for (let b = 0; b < batch; b += batchStep) {
        const rows = across ? Math.min(batchStep, batch - b) : near
        const base = origin + b * plan.x.batch
        const at = whole ? 0 : block++ * blockRows * columns
        addTerms(rows, start, end, columns, at, (from, to) => {
          if (across) packBatch(x, base, rows, windows[0]!, plan, from, to)
          else for (let r = 0; r < rows; r++) packRow(x, base, windows[r]!, plan, from, to, r * (to - from))
        })
        if (end < terms) continue
        for (let r = 0; r < rows; r++) {
          const row = across ? (b + r) * places + place : b * places + place + r
          // The result rounds what it is given.
          for (let j = 0; j < n; j++) out[row * width + group * n + j] = sums[at + r * columns + j]!
        }
      }
    }
  }

  return (x, kernel, out) => {
    sums = room(sums, (whole ? 1 : blocks) * blockRows * columns)
    for (let group = 0; group < groups; group++) {
      for (let start = 0; start === 0 || start < terms; start += atOnce) {
        const end = Math.min(start + atOnce, terms)
        packKernel(plan, positions, group * plan.kernel.group, kernel, start, end)
        run(x, out, group, start, end)
      }
    }
  }
}

/** Fewer columns than this leave most of a panel empty. */
const fewColumns = 4

/**
 * A function that runs the convolution on (operand, kernel, result). Floats are summed in float64, position by
 * position of the window and feature by feature, whichever way is taken.
 */
export const compileConv = (plan: ConvPlan): RunConv => {
  const reader = windowReader(plan)
  const positions = walkOffsets({ extents: plan.window, strides: plan.kernel.spatial })
  const direct = compileDirectConv(plan, reader, positions)
  const product = compileProduct(plan, reader, positions)
  return (x, kernel, out) => {
    if (out.length === 0) return
    const isFloat = out instanceof Float32Array || out instanceof Float64Array
    // The zeros of the padding times infinity are NaN: only a product that adds them up can say so.
    if (!isFloat || (plan.n < fewColumns && kernel.every(Number.isFinite))) direct(x, kernel, out)
    else product(x, kernel, out)
  }
}
