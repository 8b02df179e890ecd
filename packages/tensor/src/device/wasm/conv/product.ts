import { type FunctionBuilder, i32, type Local } from '../asm/function.js'
import { i32Add, i32DivU, i32Load, i32LtS, i32Mul, i32Ne, i32RemU, i32Store, i32Sub } from '../asm/opcodes.js'
import { panelColumns } from '../dot/arithmetic.js'
import { routineScratch } from '../scratch.js'
import type { Part, Target } from '../step-code.js'
import type { Division } from './division.js'
import { gatherName } from './gather.js'
import { type ConvGeometry, rowMajor } from './geometry.js'
import { lanesName } from './lanes.js'
import { linesName } from './lines.js'
import { forCount, forRange } from './loop.js'
import { panelBytes } from './operands.js'
import { convRoutine } from './routines.js'

/** Words of the arguments that hold what a product reads and writes. */
export interface ProductWords {
  readonly image: number
  /** The packed kernel. */
  readonly kernel: number
  readonly offsets: number
  readonly result: number
}

/** In the routine scratch, behind what tiles use: the lines of a unit where they lie, and where they are brought together. */
const lineTable = routineScratch.offset + 4096
const togetherTable = lineTable + 2048
const gathered = lineTable + 4096

/** Locals of a unit. */
interface Unit {
  readonly group: Local
  /** The first of its columns. */
  readonly column: Local
  readonly columns: Local
  readonly firstLine: Local
  readonly lines: Local
  readonly firstRow: Local
  readonly rows: Local
}

const least = (f: FunctionBuilder, local: Local, most: number): void => {
  f.get(local).i32(most).get(local).i32(most).op(i32LtS).select().set(local)
}

/** Takes the innermost digit of a number of several; a digit that can only be 0 costs nothing. */
const digit = (f: FunctionBuilder, rest: Local, extent: number, into: Local): void => {
  if (extent === 1) {
    f.i32(0).set(into)
    return
  }
  f.get(rest).i32(extent).op(i32RemU).set(into)
  f.get(rest).i32(extent).op(i32DivU).set(rest)
}

/** Which rows and columns a unit is. */
const decode = (f: FunctionBuilder, unit: Local, geometry: ConvGeometry, d: Division): Unit => {
  const [rest, group, column, columns, firstLine, lines, firstRow, rows] = Array.from({ length: 8 }, () =>
    f.local(i32),
  ) as [Local, Local, Local, Local, Local, Local, Local, Local]
  const { plan, grouped } = geometry
  f.get(unit).set(rest)
  digit(f, rest, d.columnBlocks, column)
  f.get(column).i32(d.columnsPerBlock).op(i32Mul).set(column)
  f.i32(grouped ? plan.groups : plan.n)
    .get(column)
    .op(i32Sub)
    .set(columns)
  least(f, columns, d.columnsPerBlock)
  digit(f, rest, d.segments, firstRow)
  f.get(firstRow).i32(d.rowsPerSegment).op(i32Mul).set(firstRow)
  f.i32(d.line.extent).get(firstRow).op(i32Sub).set(rows)
  least(f, rows, d.rowsPerSegment)
  digit(f, rest, Math.ceil(d.lines / d.linesPerUnit), firstLine)
  f.get(firstLine).i32(d.linesPerUnit).op(i32Mul).set(firstLine)
  f.i32(d.lines).get(firstLine).op(i32Sub).set(lines)
  least(f, lines, d.linesPerUnit)
  f.get(rest).set(group)
  return { group, column, columns, firstLine, lines, firstRow, rows }
}

/** Sets `image` and `result` to how far, in bytes, a line's first row lies from the first of all. */
const lineOffsets = (
  f: FunctionBuilder,
  line: Local,
  firstRow: Local,
  d: Division,
  [imageBytes, resultBytes]: readonly [number, number],
  image: Local,
  result: Local,
): void => {
  const rest = f.local(i32)
  const index = f.local(i32)
  f.get(line).set(rest)
  f.get(firstRow)
    .i32(d.line.image * imageBytes)
    .op(i32Mul)
    .set(image)
  f.get(firstRow)
    .i32(d.line.result * resultBytes)
    .op(i32Mul)
    .set(result)
  for (const [a, axis] of [...d.outer.entries()].reverse()) {
    if (a === 0) f.get(rest).set(index)
    else digit(f, rest, axis.extent, index)
    f.get(image)
      .get(index)
      .i32(axis.image * imageBytes)
      .op(i32Mul)
      .op(i32Add)
      .set(image)
    f.get(result)
      .get(index)
      .i32(axis.result * resultBytes)
      .op(i32Mul)
      .op(i32Add)
      .set(result)
  }
}

/** Blocks of terms: `body` gets locals with the block's first run, its first term within it, and how many of each. */
const eachBlock = (
  f: FunctionBuilder,
  { runs, run, runsTogether, partOfRun }: ConvGeometry,
  body: (block: { run: Local; term: Local; runs: Local; length: Local }) => void,
): void => {
  const [together, length] = [f.local(i32), f.local(i32)]
  forCount(f, runs, runsTogether, (first) => {
    f.i32(runs).get(first).op(i32Sub).set(together)
    least(f, together, runsTogether)
    forCount(f, run, partOfRun, (term) => {
      f.i32(run).get(term).op(i32Sub).set(length)
      least(f, length, partOfRun)
      body({ run: first, term, runs: together, length })
    })
  })
}

/** A part that computes all results. */
export const emitProduct = (target: Target, geometry: ConvGeometry, d: Division, words: ProductWords): Part => {
  const { plan, arithmetic, image, grouped, run } = geometry
  const { bytes } = arithmetic
  const wide = panelColumns(arithmetic)
  const width = plan.groups * plan.n
  const wholeRows = rowMajor(plan.out)
  const f = target.module.function([i32, i32, i32])
  const names = Array.from({ length: 14 }, () => f.local(i32))
  const [x, kernel, offsets, result, table, buffer, imageAt, resultAt, entry, shift, b, add, count, depth] = names as [
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
  ]
  const word = (index: number, into: Local): void => {
    f.get(0)
      .memory(i32Load, 4 * index)
      .set(into)
  }
  word(words.image, x)
  f.increment(x, image.origin * bytes)
  word(words.kernel, kernel)
  word(words.offsets, offsets)
  word(words.result, result)
  f.increment(result, geometry.result.origin * width * bytes)
  f.globalGet(target.scratch).i32(lineTable).op(i32Add).set(table)
  f.globalGet(target.scratch).i32(gathered).op(i32Add).set(buffer)
  const sizes = [bytes, width * bytes] as const
  const aRow = d.line.image * bytes
  const cRow = d.line.result * width * bytes

  /** Where the block's terms begin, and whether it's not the first. */
  const startBlock = (block: { run: Local; term: Local }): void => {
    f.get(offsets).get(block.run).i32(4).op(i32Mul).op(i32Add).set(entry)
    f.get(entry)
      .memory(i32Load)
      .get(block.term)
      .i32(image.step * bytes)
      .op(i32Mul)
      .op(i32Add)
      .set(shift)
    f.get(block.run).get(block.term).op(i32Add).i32(0).op(i32Ne).set(add)
  }

  const panels = (unit: Unit): void => {
    const together = geometry.runsTogether > 1
    const inOrder = d.line.result === 1 && geometry.result.spatial.every((r, a) => r === wholeRows.spatial[a])
    const into = f.local(i32)
    const runsAt = f.local(i32)
    // The lines' addresses; rows that are brought together are one line.
    f.get(unit.firstLine).get(unit.lines).op(i32Add).set(count)
    f.get(table).set(entry)
    forRange(f, unit.firstLine, count, (line) => {
      lineOffsets(f, line, unit.firstRow, d, sizes, imageAt, resultAt)
      f.get(entry)
        .get(x)
        .get(unit.group)
        .i32(image.group * bytes)
        .op(i32Mul)
        .op(i32Add)
        .get(imageAt)
        .op(i32Add)
      f.memory(i32Store)
      f.get(entry).get(result).get(resultAt).op(i32Add)
      f.get(unit.group).i32(plan.n).op(i32Mul).get(unit.column).op(i32Add).i32(bytes).op(i32Mul).op(i32Add)
      f.memory(i32Store, 4)
      f.increment(entry, 8)
    })
    const lines = (first: Local, lineCount: () => void, rows: () => void, row: () => void): void => {
      f.get(first)
      lineCount()
      rows()
      f.get(unit.columns).get(depth)
      if (together) f.i32(0)
      else f.get(shift)
      row()
      f.get(b)
        .i32(panelBytes(geometry))
        .i32(0)
        .i32(cRow)
        .get(add)
        .call(convRoutine(target, linesName(arithmetic)))
    }
    f.get(kernel)
      .get(unit.group)
      .i32(Math.ceil(plan.n / wide))
      .op(i32Mul)
      .get(unit.column)
      .i32(wide)
      .op(i32DivU)
    f.op(i32Add).i32(panelBytes(geometry)).op(i32Mul).op(i32Add).set(b)
    eachBlock(f, geometry, (block) => {
      startBlock(block)
      if (together) {
        f.get(block.runs).i32(run).op(i32Mul).set(depth)
        f.get(buffer).set(into).get(entry).set(runsAt).get(table).set(entry)
        f.get(unit.lines).set(count)
        f.loop(() => {
          f.get(into)
            .get(entry)
            .memory(i32Load)
            .get(unit.rows)
            .i32(aRow)
            .get(runsAt)
            .get(block.runs)
            .i32(run * bytes)
          f.call(convRoutine(target, gatherName))
          f.get(entry)
            .get(into)
            .memory(i32Store, togetherTable - lineTable)
          f.get(entry)
            .get(entry)
            .memory(i32Load, 4)
            .memory(i32Store, togetherTable - lineTable + 4)
          f.get(into).get(unit.rows).get(depth).op(i32Mul).i32(bytes).op(i32Mul).op(i32Add).set(into)
          f.increment(entry, 8).increment(count, -1).get(count).branchIf(0)
        })
        f.get(table)
          .i32(togetherTable - lineTable)
          .op(i32Add)
          .set(entry)
        // Lines that follow each other in the result are one.
        lines(
          entry,
          () => (inOrder ? f.i32(1) : f.get(unit.lines)),
          () => (inOrder ? f.get(unit.rows).get(unit.lines).op(i32Mul) : f.get(unit.rows)),
          () => f.get(depth).i32(bytes).op(i32Mul),
        )
      } else {
        f.get(block.length).set(depth)
        lines(
          table,
          () => f.get(unit.lines),
          () => f.get(unit.rows),
          () => f.i32(aRow),
        )
      }
      f.get(b)
        .get(depth)
        .i32(wide * bytes)
        .op(i32Mul)
        .op(i32Add)
        .set(b)
    })
  }

  const vectors = (unit: Unit): void => {
    f.get(unit.firstLine).get(unit.lines).op(i32Add).set(count)
    forRange(f, unit.firstLine, count, (line) => {
      lineOffsets(f, line, unit.firstRow, d, sizes, imageAt, resultAt)
      forCount(f, plan.n, 1, (j) => {
        f.get(kernel)
          .get(j)
          .i32(geometry.terms * plan.groups)
          .op(i32Mul)
          .get(unit.column)
          .op(i32Add)
        f.i32(bytes).op(i32Mul).op(i32Add).set(b)
        eachBlock(f, geometry, (block) => {
          startBlock(block)
          f.get(unit.rows).get(unit.columns).get(block.runs).get(block.length).get(entry)
          f.get(x).get(unit.column).i32(bytes).op(i32Mul).op(i32Add).get(imageAt).op(i32Add)
          // The offset of the run comes from the table; what is left is the way within it.
          f.get(block.term)
            .i32(image.step * bytes)
            .op(i32Mul)
            .op(i32Add)
          f.i32(aRow)
            .i32(image.step * bytes)
            .get(b)
            .i32(plan.groups * bytes)
          f.get(result).get(resultAt).op(i32Add).get(unit.column).i32(plan.n).op(i32Mul).get(j).op(i32Add)
          f.i32(bytes).op(i32Mul).op(i32Add)
          f.i32(cRow)
            .i32(plan.n * bytes)
            .get(add)
            .call(convRoutine(target, lanesName(arithmetic)))
          f.get(b)
            .get(block.runs)
            .get(block.length)
            .op(i32Mul)
            .i32(plan.groups * bytes)
            .op(i32Mul)
            .op(i32Add)
            .set(b)
        })
      })
    })
  }

  forRange(f, 1, 2, (u) => {
    const unit = decode(f, u, geometry, d)
    if (grouped) vectors(unit)
    else panels(unit)
  })
  return { run: f, units: d.units, grain: d.grain, parallel: true }
}
