import { pixels, side } from '../dataset/digits.js'

/** How to draw in this terminal: with 256 colours, or with characters alone. */
export type Ink = 'colour' | 'plain'

const greys = [16, ...Array.from({ length: 24 }, (_, i) => 232 + i), 231] as const
const ramp = ' .:-=+*#%@'

const level = (image: Uint8Array, row: number, column: number): number => image[row * side + column] ?? 0

const colourRow = (image: Uint8Array, row: number): string => {
  let last = ''
  let line = ''
  for (let column = 0; column < side; column++) {
    const grey = (r: number): number => greys[Math.round((level(image, r, column) / 255) * (greys.length - 1))] ?? 16
    const code = `\x1b[38;5;${grey(row)};48;5;${grey(row + 1)}m`
    line += code === last ? '▀' : `${code}▀`
    last = code
  }
  return `${line}\x1b[0m`
}

const plainRow = (image: Uint8Array, row: number): string =>
  Array.from({ length: side }, (_, column) => {
    const mean = (level(image, row, column) + level(image, row + 1, column)) / 2
    return ramp[Math.floor((mean / 256) * ramp.length)] ?? ' '
  }).join('')

/** 14 lines of 28 columns: a character cell, about twice as high as wide, shows two pixels. */
export const drawDigit = (image: Uint8Array, ink: Ink): readonly string[] => {
  if (image.length !== pixels) throw new RangeError(`drawDigit: expected ${pixels} pixels, got ${image.length}`)
  const draw = ink === 'colour' ? colourRow : plainRow
  return Array.from({ length: side / 2 }, (_, i) => draw(image, 2 * i))
}

/** Drawings in a row, each under its caption. A caption is cut to the width of a drawing. */
export const sideBySide = (
  drawings: readonly { readonly caption: string; readonly lines: readonly string[] }[],
): readonly string[] => {
  const columns = drawings.map(({ caption, lines }) => [caption.slice(0, side).padEnd(side), ...lines])
  const height = Math.max(0, ...columns.map((column) => column.length))
  return Array.from({ length: height }, (_, row) =>
    columns
      .map((column) => column[row] ?? ' '.repeat(side))
      .join('  ')
      .trimEnd(),
  )
}
