import { sizeOf } from '../../../core/shape.js'
import { panelColumns, tileRows } from '../dot/arithmetic.js'
import type { ConvGeometry, RowAxis } from './geometry.js'

/**
 * Which rows and columns are computed together: rows along one axis are a line, and a unit is some lines, or a segment
 * of one, of some columns of one group. Where groups share vectors the columns are the groups.
 */
export interface Division {
  readonly line: RowAxis
  /** The other axes, outermost first; together they number the lines. */
  readonly outer: readonly RowAxis[]
  readonly lines: number
  readonly linesPerUnit: number
  readonly segments: number
  readonly rowsPerSegment: number
  readonly columnBlocks: number
  readonly columnsPerBlock: number
  readonly units: number
  readonly grain: number
}

/** Rows of a unit: what they read stays in cache while the columns pass by. */
const unitRows = 96
/**
 * Products of a chunk that is worth handing to a thread, the chunks that a large convolution is cut into at least, and
 * those that it is cut into where columns are enough to be divided at no cost.
 */
const chunkProducts = 1 << 20
const someChunks = 8
const manyChunks = 32
const enoughPanels = 4

/** Rows that tiles compute for nothing, or slower, per row of a line. */
const waste = (extent: number, rows: number): number => {
  const tiles = Math.ceil(extent / rows)
  // A tile of fewer than four rows takes as long as one of four.
  return (tiles * Math.max(4, extent / tiles)) / extent
}

const chooseLine = ({ rows, runsTogether, grouped }: ConvGeometry, most: number): number => {
  // Rows that are brought together follow each other in the result.
  let best = rows.length - 1
  if (runsTogether > 1 && !grouped) return best
  for (let a = rows.length - 2; a >= 0; a--)
    if (waste(rows[a]!.extent, most) < waste(rows[best]!.extent, most) * 0.95) best = a
  return best
}

export const divide = (geometry: ConvGeometry, fma: boolean): Division => {
  const { rows, arithmetic, plan, terms, grouped } = geometry
  const chosen = chooseLine(geometry, tileRows(arithmetic, fma))
  const line = rows[chosen] ?? { extent: 1, image: 0, result: 1 }
  const outer = rows.filter((_, a) => a !== chosen)
  const lines = sizeOf(outer.map((a) => a.extent))
  const segments = Math.ceil(line.extent / unitRows)
  const rowsPerSegment = Math.ceil(line.extent / segments)
  const work = plan.groups * plan.n * terms * lines * line.extent
  const chunks = Math.max(1, Math.ceil(work / chunkProducts))
  const wanted = Math.min(someChunks, chunks)
  const groups = grouped ? 1 : plan.groups
  const together =
    segments > 1 ? 1 : Math.min(Math.floor(unitRows / line.extent), Math.floor((lines * groups) / wanted))
  const linesPerUnit = Math.max(1, together)
  const rowUnits = Math.ceil(lines / linesPerUnit) * segments * groups
  const panel = panelColumns(arithmetic)
  const panels = Math.ceil((grouped ? plan.groups : plan.n) / panel)
  const needed = Math.min(panels, Math.ceil(wanted / rowUnits))
  const welcome = Math.min(Math.floor(panels / enoughPanels), Math.ceil(Math.min(manyChunks, chunks) / rowUnits))
  const perBlock = Math.ceil(panels / Math.max(needed, welcome))
  const columnBlocks = Math.ceil(panels / perBlock)
  const units = rowUnits * columnBlocks
  return {
    line,
    outer,
    lines,
    linesPerUnit,
    segments,
    rowsPerSegment,
    columnBlocks,
    columnsPerBlock: perBlock * panel,
    units,
    grain: Math.ceil(units / Math.min(units, Math.max(chunks, 1), 64)),
  }
}
