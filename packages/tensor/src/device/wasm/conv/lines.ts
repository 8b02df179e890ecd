/**
 * A block of terms for some lines of rows:
 *
 *     conv.<f32|f64|i32>.lines(lines, count, rows, n, depth, shift, aRow, b, bPanel, c, cRow, add)
 *
 * `lines` holds a pair of addresses per line: where its rows of the left operand begin (`shift` bytes before the block's
 * first term), and where its rows of the result do (`c` bytes before the first column). Rows of one line lie `aRow` and
 * `cRow` apart. B is packed in panels, `bPanel` apart. Otherwise as the blocks of dot/block.ts. Rows are divided
 * evenly among tiles, so that few tiles are short.
 */
import { type FunctionBuilder, i32, type Local } from '../asm/function.js'
import { i32Add, i32DivU, i32Eq, i32GeS, i32GtS, i32Load, i32LtS, i32Mul, i32RemU } from '../asm/opcodes.js'
import { type Arithmetic, arithmetics, panelColumns, tileRows } from '../dot/arithmetic.js'
import { blockName } from '../dot/block.js'
import { microName } from '../dot/micro.js'
import type { RoutineDefinition, RoutineEnvironment } from '../routine-module.js'
import { forRange } from './loop.js'

export const linesName = (x: Arithmetic): string => `conv.${x.name}.lines`

/** Calls the kernel for as many rows as `rows` holds, `most` at most. */
const callMicro = (
  f: FunctionBuilder,
  { call }: RoutineEnvironment,
  x: Arithmetic,
  rows: Local,
  most: number,
  push: () => void,
): void => {
  const choose = (r: number): void => {
    const run = (): void => {
      push()
      f.call(call(microName(x, r, 2)))
    }
    if (r === 1) run()
    else {
      f.get(rows).i32(r).op(i32Eq)
      f.if(run, () => choose(r - 1))
    }
  }
  choose(most)
}

const lines = (x: Arithmetic): RoutineDefinition => ({
  name: linesName(x),
  params: Array.from({ length: 12 }, () => i32),
  results: [],
  emit: (f, env) => {
    const [table, count, rows, n, depth, shift, aRow, b, bPanel, c, cRow, add] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
    const most = tileRows(x, env.fma)
    const wide = panelColumns(x)
    const [end, tiles, small, larger, a, at, size] = Array.from({ length: 7 }, () => f.local(i32)) as [
      Local,
      Local,
      Local,
      Local,
      Local,
      Local,
      Local,
    ]
    f.get(table).get(count).i32(8).op(i32Mul).op(i32Add).set(end)
    f.get(rows)
      .i32(most - 1)
      .op(i32Add)
      .i32(most)
      .op(i32DivU)
      .set(tiles)
    f.get(rows).get(tiles).op(i32DivU).set(small)
    f.get(rows).get(tiles).op(i32RemU).set(larger)
    const eachLine = (body: () => void): void => {
      const line = f.local(i32)
      f.get(table).set(line)
      f.loop(() => {
        f.get(line).memory(i32Load).get(shift).op(i32Add).set(a)
        f.get(line).memory(i32Load, 4).get(c).op(i32Add).set(at)
        body()
        f.increment(line, 8).get(line).get(end).op(i32LtS).branchIf(0)
      })
    }
    f.block(() => {
      f.loop(() => {
        f.get(n).i32(wide).op(i32GeS).i32(0).op(i32Eq).branchIf(1)
        eachLine(() => {
          const zero = f.local(i32)
          forRange(f, zero, tiles, (i) => {
            f.get(small).get(i).get(larger).op(i32LtS).op(i32Add).set(size)
            callMicro(f, env, x, size, most, () => {
              f.get(depth)
                .get(a)
                .get(aRow)
                .i32(x.bytes)
                .get(b)
                .i32(wide * x.bytes)
                .get(at)
                .get(cRow)
                .get(add)
            })
            f.get(a).get(size).get(aRow).op(i32Mul).op(i32Add).set(a)
            f.get(at).get(size).get(cRow).op(i32Mul).op(i32Add).set(at)
          })
        })
        f.get(b).get(bPanel).op(i32Add).set(b)
        f.increment(c, wide * x.bytes)
          .increment(n, -wide)
          .branch(0)
      })
    })
    f.get(n).i32(0).op(i32GtS)
    f.if(() => {
      eachLine(() => {
        f.get(rows).get(n).get(depth).get(a).get(aRow).i32(x.bytes).get(aRow).i32(most).op(i32Mul)
        f.get(b)
          .i32(wide * x.bytes)
          .i32(0)
          .get(at)
          .get(cRow)
          .get(add)
          .call(env.call(blockName(x)))
      })
    })
  },
})

export const linesRoutines: readonly RoutineDefinition[] = arithmetics.map(lines)
