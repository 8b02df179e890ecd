import { type FunctionBuilder, i32, type Local } from '../asm/function.js'
import { i32GeS, i32GtS, i32LtS, i32Sub } from '../asm/opcodes.js'

/** Emits `body` for as long as `count`, lowered by `step` after each round, stays above 0. */
export const whileAbove0 = (f: FunctionBuilder, count: Local, step: number, body: () => void): void => {
  f.get(count).i32(0).op(i32GtS)
  f.if(() => {
    f.loop(() => {
      body()
      f.get(count).i32(step).op(i32Sub).tee(count).i32(0).op(i32GtS).branchIf(0)
    })
  })
}

/** Runs `body` for every value of a local from `from` to before `to`, which are locals. */
export const forRange = (f: FunctionBuilder, from: Local, to: Local, body: (i: Local) => void): void => {
  const i = f.local(i32)
  f.get(from).set(i)
  f.block(() => {
    f.loop(() => {
      f.get(i).get(to).op(i32GeS).branchIf(1)
      body(i)
      f.increment(i, 1).branch(0)
    })
  })
}

/** Runs `body` for every value of a local from 0 to before a number above 0, in steps. */
export const forCount = (f: FunctionBuilder, count: number, step: number, body: (i: Local) => void): void => {
  const i = f.local(i32)
  f.i32(0).set(i)
  f.loop(() => {
    body(i)
    f.increment(i, step).get(i).i32(count).op(i32LtS).branchIf(0)
  })
}
