/** A column: its header, the cells below, which may have several lines, and its footer. */
export interface Column {
  readonly header: string
  readonly cells: readonly string[]
  readonly footer: string
  readonly footerRight?: boolean
}

const linesOf = (text: string): readonly string[] => text.split('\n')

const widthOf = ({ header, cells, footer }: Column): number =>
  Math.max(...[header, footer, ...cells].flatMap(linesOf).map((line) => line.length))

const centered = (text: string, width: number): string =>
  text.length >= width ? text : ' '.repeat(Math.floor((width - text.length) / 2)) + text

/** A table with lines around every cell, a heavier header, the title above and the caption below. */
export const drawTable = (title: string, columns: readonly Column[], caption: string): string => {
  const widths = columns.map(widthOf)
  const rule = (left: string, fill: string, cross: string, right: string): string =>
    left + widths.map((width) => fill.repeat(width + 2)).join(cross) + right
  const row = (cells: readonly string[], edge: string, right: readonly boolean[] = []): readonly string[] => {
    const split = cells.map(linesOf)
    const height = Math.max(...split.map((lines) => lines.length))
    return Array.from({ length: height }, (_, i) => {
      const padded = split.map((lines, column) => {
        const text = lines[i] ?? ''
        return ` ${right[column] === true ? text.padStart(widths[column]!) : text.padEnd(widths[column]!)} `
      })
      return edge + padded.join(edge) + edge
    })
  }
  const between = rule('├', '─', '┼', '┤')
  const rows = (columns[0]?.cells ?? []).map((_, i) => columns.map(({ cells }) => cells[i]!))
  const total = rule('', '─', '─', '').length + 2
  return [
    centered(title, total),
    rule('┏', '━', '┳', '┓'),
    ...row(
      columns.map(({ header }) => header),
      '┃',
    ),
    rule('┡', '━', '╇', '┩'),
    ...rows.flatMap((cells) => [...row(cells, '│'), between]),
    ...row(
      columns.map(({ footer }) => footer),
      '│',
      columns.map(({ footerRight }) => footerRight === true),
    ),
    rule('└', '─', '┴', '┘'),
    '',
    centered(caption, total),
    '',
  ].join('\n')
}
