import type { Tensor } from '@linum/tensor'
import { readNumbers } from './summary.js'

/** A picture of an array: a bitmap as a data URI, its size in cells, and the number that the strongest colour means. */
export interface Picture {
  readonly uri: string
  readonly width: number
  readonly height: number
  readonly scale: number
}

/** More cells than this on a side are joined. */
const mostRows = 96
const mostColumns = 192
/** Matrices of an array of more than two axes that are shown side by side. */
const mostFacets = 16

/** The places of the palette: 0 is a gap, then NaN and the infinities, then from lowest to highest. */
const [gap, nan, high, low, first, steps] = [0, 1, 2, 3, 4, 251]

const mixed = (a: readonly number[], b: readonly number[], t: number): number[] =>
  a.map((v, i) => Math.round(v + (b[i]! - v) * t))

/** From blue by way of white to red. */
const [negative, zero, positive] = [
  [33, 102, 172],
  [247, 247, 247],
  [178, 24, 43],
]

const palette = (): number[][] => [
  [225, 225, 225],
  [230, 0, 230],
  [255, 170, 0],
  [0, 160, 90],
  ...Array.from({ length: steps }, (_, i) => {
    const t = (2 * i) / (steps - 1) - 1
    return t < 0 ? mixed(zero!, negative!, -t) : mixed(zero!, positive!, t)
  }),
]

const colourOf = (x: number, scale: number): number =>
  Number.isNaN(x)
    ? nan
    : x === Infinity
      ? high
      : x === -Infinity
        ? low
        : first + Math.round(((Math.max(-1, Math.min(1, scale === 0 ? 0 : x / scale)) + 1) / 2) * (steps - 1))

/** The mean of a block, or the worst that is in it. */
const blockValue = (
  data: ArrayLike<number>,
  at: (row: number, column: number) => number,
  rows: readonly [number, number],
  columns: readonly [number, number],
): number => {
  let sum = 0
  let n = 0
  let infinite = 0
  for (let r = rows[0]; r < rows[1]; r++) {
    for (let c = columns[0]; c < columns[1]; c++) {
      const x = data[at(r, c)]!
      if (Number.isNaN(x)) return NaN
      if (!Number.isFinite(x)) infinite = x
      else sum += x
      n++
    }
  }
  return infinite !== 0 ? infinite : sum / n
}

/** Rows and columns of a matrix that stands for an array, and how many such matrices there are. */
const facetsOf = (
  shape: readonly number[],
): { readonly count: number; readonly rows: number; readonly columns: number } => {
  const columns = shape.at(-1) ?? 1
  if (shape.length > 1) {
    const rows = shape.at(-2)!
    return { count: shape.slice(0, -2).reduce((a, b) => a * b, 1), rows, columns }
  }
  return { count: 1, rows: 1, columns }
}

const bounds = (i: number, cells: number, n: number): readonly [number, number] => [
  Math.floor((i * n) / cells),
  Math.max(Math.floor((i * n) / cells) + 1, Math.floor(((i + 1) * n) / cells)),
]

const base64 = (bytes: Uint8Array): string => {
  let text = ''
  for (const b of bytes) text += String.fromCharCode(b)
  return btoa(text)
}

/** An 8-bit bitmap with a palette: rows from the bottom, each padded to four bytes. */
const bitmap = (pixels: Uint8Array, width: number, height: number): string => {
  const stride = Math.ceil(width / 4) * 4
  const colours = palette()
  const start = 54 + 4 * colours.length
  const file = new Uint8Array(start + stride * height)
  const view = new DataView(file.buffer)
  file.set([0x42, 0x4d])
  view.setUint32(2, file.length, true)
  view.setUint32(10, start, true)
  view.setUint32(14, 40, true)
  view.setInt32(18, width, true)
  view.setInt32(22, height, true)
  view.setUint16(26, 1, true)
  view.setUint16(28, 8, true)
  view.setUint32(46, colours.length, true)
  colours.forEach(([r, g, b], i) => file.set([b!, g!, r!, 0], 54 + 4 * i))
  for (let y = 0; y < height; y++)
    file.set(pixels.subarray((height - 1 - y) * width, (height - y) * width), start + y * stride)
  return `data:image/bmp;base64,${base64(file)}`
}

/**
 * A heat map of an array: red above zero, blue below, white at zero, NaN and the infinities in colours of their own.
 * The last two axes are rows and columns, the others stand side by side. Null for scalars, keys, and what cannot be
 * read now.
 */
export const pictureOf = (x: Tensor): Picture | null => {
  if (x.ndim === 0 || x.size < 2 || x.dtype === 'key') return null
  const data = readNumbers(x)
  if (data === null) return null
  let scale = 0
  for (let i = 0; i < data.length; i++) if (Number.isFinite(data[i]!)) scale = Math.max(scale, Math.abs(data[i]!))
  const { count, rows, columns } = facetsOf(x.shape)
  const shown = Math.min(count, mostFacets)
  const height = Math.min(rows, mostRows)
  const cells = Math.max(1, Math.min(columns, Math.floor(mostColumns / Math.min(shown, 4))))
  const perRow = Math.max(1, Math.min(shown, Math.floor((mostColumns + 1) / (cells + 1))))
  const lines = Math.ceil(shown / perRow)
  const [width, total] = [perRow * (cells + 1) - 1, lines * (height + 1) - 1]
  const pixels = new Uint8Array(width * total).fill(gap)
  for (let f = 0; f < shown; f++) {
    const [left, top] = [(f % perRow) * (cells + 1), Math.floor(f / perRow) * (height + 1)]
    const at = (r: number, c: number): number => (f * rows + r) * columns + c
    for (let r = 0; r < height; r++)
      for (let c = 0; c < cells; c++)
        pixels[(top + r) * width + left + c] = colourOf(
          blockValue(data, at, bounds(r, height, rows), bounds(c, cells, columns)),
          scale,
        )
  }
  return { uri: bitmap(pixels, width, total), width, height: total, scale }
}
