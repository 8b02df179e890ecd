/**
 * Brings elements of a stored dtype into another order, widened to the arithmetic of the dtype:
 *
 *     conv.move.<dtype>(us, vs, from, uFrom, vFrom, into, uInto, vInto)
 *
 * Element (u, v), u < us and v < vs, goes from `from + u * uFrom + v * vFrom` to `into + u * uInto + v * vInto`, all
 * in bytes. Runs along u, and squares whose source is a run along u and whose target is one along v, go in vectors.
 * Reads up to 15 bytes past the last element.
 */
import { dtypeBytes, dtypes, isFloat, isInteger, type StoredDType } from '../../../core/dtype.js'
import { type FunctionBuilder, i32, type Local, v128 } from '../asm/function.js'
import {
  i32Add,
  i32And,
  i32Eq,
  i32GeS,
  i32GtS,
  i32Mul,
  i32Sub,
  v128Load,
  v128Load32Zero,
  v128Load64Zero,
  v128Store,
  v128Store32Lane,
  v128Store64Lane,
} from '../asm/opcodes.js'
import { arithmeticOf } from '../dot/arithmetic.js'
import { widen } from '../dot/pack.js'
import type { RoutineDefinition } from '../routine-module.js'
import { whileAbove0 } from './loop.js'

export const moveName = (dtype: StoredDType): string => `conv.move.${dtype}`

const vectorLoads: Readonly<Record<number, number>> = { 1: v128Load32Zero, 2: v128Load64Zero, 4: v128Load, 8: v128Load }

/** The four vectors of a square, one per row, as one per column. */
const transposed = (f: FunctionBuilder, [a, b, c, d]: readonly Local[], spare: readonly Local[]): readonly Local[] => {
  const [p, q, r, s] = spare
  f.get(a!).get(b!).shuffle32(0, 4, 1, 5).set(p!)
  f.get(a!).get(b!).shuffle32(2, 6, 3, 7).set(q!)
  f.get(c!).get(d!).shuffle32(0, 4, 1, 5).set(r!)
  f.get(c!).get(d!).shuffle32(2, 6, 3, 7).set(s!)
  f.get(p!).get(r!).shuffle32(0, 1, 4, 5).set(a!)
  f.get(p!).get(r!).shuffle32(2, 3, 6, 7).set(b!)
  f.get(q!).get(s!).shuffle32(0, 1, 4, 5).set(c!)
  f.get(q!).get(s!).shuffle32(2, 3, 6, 7).set(d!)
  return [a!, b!, c!, d!]
}

const move = (dtype: StoredDType): RoutineDefinition => ({
  name: moveName(dtype),
  params: [i32, i32, i32, i32, i32, i32, i32, i32],
  results: [],
  emit: (f) => {
    const [us, vs, from, uFrom, vFrom, into, uInto, vInto] = [0, 1, 2, 3, 4, 5, 6, 7]
    const bytes = dtypeBytes(dtype)
    const { lanes, bytes: wide } = arithmeticOf(dtype)
    const [u, v, read, write, rowFrom, rowInto] = Array.from({ length: 6 }, () => f.local(i32)) as [
      Local,
      Local,
      Local,
      Local,
      Local,
      Local,
    ]
    const rows = Array.from({ length: 4 }, () => f.local(v128))
    const spare = Array.from({ length: 4 }, () => f.local(v128))
    const load = (at: Local, offset = 0): FunctionBuilder => widen(f.get(at).memory(vectorLoads[bytes]!, offset), dtype)
    const shift = (local: Local, by: Local): FunctionBuilder => f.get(local).get(by).op(i32Add).set(local)
    /** Elements one by one along u from `read` to `write`, as many as `u` says. */
    const single = (): void => {
      whileAbove0(f, u, 1, () => {
        load(read).set(rows[0]!)
        f.get(write)
          .get(rows[0]!)
          .memoryLane(wide === 4 ? v128Store32Lane : v128Store64Lane, 0)
        shift(read, uFrom)
        shift(write, uInto)
      })
    }
    const startRow = (): void => {
      f.get(from).set(read).get(into).set(write).get(us).set(u)
    }
    /** Rows along u, one for every v. */
    const byRows = (): void => {
      whileAbove0(f, vs, 1, () => {
        startRow()
        f.get(uFrom)
          .i32(bytes)
          .op(i32Eq)
          .get(uInto)
          .i32(wide)
          .op(i32Eq)
          .op(i32And)
          .if(() => {
            f.block(() => {
              f.loop(() => {
                f.get(u)
                  .i32(lanes)
                  .op(i32GeS)
                  .if(() => {
                    f.get(write)
                    load(read).memory(v128Store)
                    f.increment(read, lanes * bytes)
                      .increment(write, lanes * wide)
                      .increment(u, -lanes)
                    f.branch(1)
                  })
              })
            })
          })
        single()
        shift(from, vFrom)
        shift(into, vInto)
      })
    }
    /** Squares of four by four; what is left of the columns and of the rows goes one by one. */
    const bySquares = (): void => {
      f.get(vs).set(v)
      f.loop(() => {
        f.get(v)
          .i32(4)
          .op(i32GeS)
          .if(() => {
            startRow()
            f.loop(() => {
              f.get(u)
                .i32(4)
                .op(i32GeS)
                .if(() => {
                  f.get(read).set(rowFrom)
                  for (const row of rows) {
                    load(rowFrom).set(row)
                    shift(rowFrom, vFrom)
                  }
                  f.get(write).set(rowInto)
                  for (const column of transposed(f, rows, spare)) {
                    f.get(rowInto).get(column).memory(v128Store)
                    shift(rowInto, uInto)
                  }
                  f.increment(read, 4 * bytes)
                    .get(rowInto)
                    .set(write)
                    .increment(u, -4)
                  f.branch(1)
                })
            })
            // The rest of these four rows.
            f.get(us).get(u).op(i32Sub).set(u)
            f.get(from).get(u).get(uFrom).op(i32Mul).op(i32Add).set(rowFrom)
            f.get(into).get(u).get(uInto).op(i32Mul).op(i32Add).set(rowInto)
            for (let row = 0; row < 4; row++) {
              f.get(us)
                .i32(4)
                .op(i32GeS)
                .if(
                  () => f.get(us).i32(3).op(i32And).set(u),
                  () => f.get(us).set(u),
                )
              f.get(rowFrom).set(read).get(rowInto).set(write)
              single()
              shift(rowFrom, vFrom)
              shift(rowInto, vInto)
            }
            f.get(vFrom).i32(4).op(i32Mul).get(from).op(i32Add).set(from)
            f.get(vInto).i32(4).op(i32Mul).get(into).op(i32Add).set(into)
            f.increment(v, -4).branch(1)
          })
      })
      f.get(v).set(vs)
      byRows()
    }
    if (wide !== 4) {
      byRows()
      return
    }
    f.get(uFrom).i32(bytes).op(i32Eq).get(vInto).i32(wide).op(i32Eq).op(i32And).get(vs).i32(3).op(i32GtS).op(i32And)
    f.if(bySquares, byRows)
  },
})

export const moveRoutines: readonly RoutineDefinition[] = dtypes
  .filter((d): d is StoredDType => isFloat(d) || isInteger(d))
  .map(move)
