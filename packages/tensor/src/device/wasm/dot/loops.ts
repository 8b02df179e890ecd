import type { FunctionBuilder, Local } from '../asm/function.js'
import { i32Add, i32GeS, i32GtS, i32LtS, i32Sub } from '../asm/opcodes.js'

/** Emits `body` for as long as `count`, lowered by `step` after each round, stays above 0. */
export const whileAbove0 = (f: FunctionBuilder, count: Local, step: number, body: () => void): void => {
  f.get(count)
    .i32(0)
    .op(i32GtS)
    .if(() => {
      f.loop(() => {
        body()
        f.get(count).i32(step).op(i32Sub).tee(count).i32(0).op(i32GtS).branchIf(0)
      })
    })
}
/** Emits `body` for as long as at least `step` are left of `count`. */
export const whileLeft = (f: FunctionBuilder, count: Local, step: number, body: () => void): void => {
  f.get(count)
    .i32(step)
    .op(i32GeS)
    .if(() => {
      f.loop(() => {
        body()
        f.get(count).i32(step).op(i32Sub).tee(count).i32(step).op(i32GeS).branchIf(0)
      })
    })
}
/** Pushes the lesser of a local and a constant. */
export const lesser = (f: FunctionBuilder, count: Local, most: number): FunctionBuilder =>
  f.get(count).i32(most).get(count).i32(most).op(i32LtS).select()

export const addTo = (f: FunctionBuilder, at: Local, by: Local): FunctionBuilder => f.get(at).get(by).op(i32Add).set(at)

/** Sets `rows` to the addresses of `count` rows from `first` on, `stride` bytes apart; rows past the last repeat it. */
export const setRows = (
  f: FunctionBuilder,
  rows: readonly Local[],
  first: Local,
  stride: Local,
  count: Local,
): void => {
  rows.forEach((row, j) => {
    if (j === 0) f.get(first)
    else
      f.get(rows[j - 1]!)
        .get(stride)
        .i32(0)
        .get(count)
        .i32(j)
        .op(i32GtS)
        .select()
        .op(i32Add)
    f.set(row)
  })
}
