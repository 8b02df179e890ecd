/**
 * A block of a product by tiles, edges of any size included:
 *
 *     dot.<f32|f64|i32>.block(m, n, depth, a, aRow, aStep, aTile, b, bStep, bPanel, c, cRow, add)
 *
 * C[m, n] (+)= A[m, depth] B[depth, n]. Operands as micro.ts says; `aTile` is the way from one tile of rows to the next
 * (tileRows * aRow where A is not packed, depth * tileRows * size where it is), `bPanel` from one panel of columns to
 * the next (depth * panelColumns * size packed, panelColumns * size in place). Reads at most one vector less one
 * number past the last column of B; writes C only within its m by n. Uses the first 4 KiB of the routine scratch.
 */
import { type FunctionBuilder, i32, type Local, type ValueType } from '../asm/function.js'
import {
  i32Add,
  i32And,
  i32Eq,
  i32Eqz,
  i32GeS,
  i32GtS,
  i32LeS,
  i32LtS,
  i32LtU,
  i32Mul,
  i32Or,
  i32Shl,
  i32Sub,
} from '../asm/opcodes.js'
import type { RoutineDefinition, RoutineEnvironment } from '../routine-module.js'
import { tileArea } from './areas.js'
import { type Arithmetic, arithmetics, panelColumns, tileRows } from './arithmetic.js'
import { microName } from './micro.js'

export const blockName = (x: Arithmetic): string => `dot.${x.name}.block`
const edgeName = (x: Arithmetic): string => `dot.${x.name}.edge`

const words = (n: number): readonly ValueType[] => Array.from({ length: n }, () => i32)

/** edge(tile, rows, columns, c, cRow, add): a tile's numbers that lie within C, one by one. */
const edge = (x: Arithmetic): RoutineDefinition => ({
  name: edgeName(x),
  params: words(6),
  results: [],
  emit: (f) => {
    const [tile, rows, columns, c, cRow, add] = [0, 1, 2, 3, 4, 5]
    const at = f.local(i32)
    const end = f.local(i32)
    const from = f.local(i32)
    f.loop(() => {
      f.get(c).set(at).get(tile).set(from)
      f.get(c).get(columns).i32(Math.log2(x.bytes)).op(i32Shl).op(i32Add).set(end)
      f.loop(() => {
        f.get(at)
        f.get(add).if(
          () => f.get(at).memory(x.load).get(from).memory(x.load).op(x.addScalar),
          () => f.get(from).memory(x.load),
          x.scalar,
        )
        f.memory(x.store)
        f.increment(from, x.bytes).increment(at, x.bytes).get(at).get(end).op(i32LtU).branchIf(0)
      })
      f.increment(tile, panelColumns(x) * x.bytes)
      f.get(c).get(cRow).op(i32Add).set(c)
      f.get(rows).i32(1).op(i32Sub).tee(rows).branchIf(0)
    })
  },
})

/** Calls the kernel for as many rows as `rows` holds. */
const callMicro = (
  f: FunctionBuilder,
  { call }: RoutineEnvironment,
  x: Arithmetic,
  vectors: number,
  most: number,
  rows: number,
  args: readonly number[],
): void => {
  const choose = (r: number): void => {
    const run = (): void => {
      for (const arg of args) f.get(arg)
      f.call(call(microName(x, r, vectors)))
    }
    if (r === 1) run()
    else
      f.get(rows)
        .i32(r)
        .op(i32Eq)
        .if(run, () => choose(r - 1))
  }
  choose(most)
}

const block = (x: Arithmetic): RoutineDefinition => ({
  name: blockName(x),
  params: words(13),
  results: [],
  emit: (f, env) => {
    const [m, n, depth, a, aRow, aStep, aTile, b, bStep, bPanel, c, cRow, add] = [
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
    ]
    const most = tileRows(x, env.fma)
    const wide = panelColumns(x)
    const word = (): Local => f.local(i32)
    const [i, rows, leftAt, at, tile] = [word(), word(), word(), word(), word()]
    const [into, intoRow, adding, direct] = [word(), word(), word(), word()]
    f.globalGet(env.scratch).i32(tileArea.offset).op(i32Add).set(tile)
    const isEmpty = (count: Local): FunctionBuilder => f.get(count).i32(0).op(i32LeS)
    isEmpty(m)
    isEmpty(n)
      .op(i32Or)
      .if(() => f.return())
    f.loop(() => {
      // Panels that are whole, or whole vectors, are written in place; others go through a tile of the scratch.
      f.get(n).i32(wide).op(i32GeS).get(n).i32(x.lanes).op(i32Eq).op(i32Or).set(direct)
      f.get(cRow)
        .i32(wide * x.bytes)
        .get(direct)
        .select()
        .set(intoRow)
      f.get(add).get(direct).op(i32And).set(adding)
      f.get(m).set(i).get(a).set(leftAt).get(c).set(at)
      f.loop(() => {
        f.get(i).i32(most).get(i).i32(most).op(i32LtS).select().set(rows)
        f.get(at).get(tile).get(direct).select().set(into)
        const args = [depth, leftAt, aRow, aStep, b, bStep, into, intoRow, adding]
        f.get(n)
          .i32(x.lanes)
          .op(i32GtS)
          .if(
            () => callMicro(f, env, x, 2, most, rows, args),
            () => callMicro(f, env, x, 1, most, rows, args),
          )
        f.get(direct)
          .op(i32Eqz)
          .if(() => {
            f.get(tile)
              .get(rows)
              .get(n)
              .get(at)
              .get(cRow)
              .get(add)
              .call(env.call(edgeName(x)))
          })
        f.get(leftAt).get(aTile).op(i32Add).set(leftAt)
        f.get(at).get(cRow).i32(most).op(i32Mul).op(i32Add).set(at)
        f.get(i).i32(most).op(i32Sub).tee(i).i32(0).op(i32GtS).branchIf(0)
      })
      f.get(b).get(bPanel).op(i32Add).set(b)
      f.increment(c, wide * x.bytes)
      f.get(n).i32(wide).op(i32Sub).tee(n).i32(0).op(i32GtS).branchIf(0)
    })
  },
})

export const blockRoutines: readonly RoutineDefinition[] = arithmetics.flatMap((x) => [edge(x), block(x)])
