/**
 * A block of terms for groups side by side in vectors, along one line of rows:
 *
 *     conv.<f32|f64|i32>.lanes(rows, groups, runs, length, offsets, a, aRow, aStep, w, wStep, c, cRow, cStep, add)
 *
 * C[r, g] (+)= sum over runs i and t < length of A[i, r, t, g] * W[i * length + t, g], in that order, from zero.
 * A is read at a + offsets[i] + r * aRow + t * aStep + g * size, W at w + (i * length + t) * wStep + g * size, C is at
 * c + r * cRow + g * cStep. Everything in bytes. Reads up to one vector past the last group; writes C alone.
 */
import { type FunctionBuilder, i32, type Local, type ValueType, v128 } from '../asm/function.js'
import {
  i32Add,
  i32And,
  i32Eq,
  i32GeS,
  i32GtS,
  i32Load,
  i32Mul,
  i32Sub,
  v128Load,
  v128Load32Lane,
  v128Load64Lane,
  v128Store,
  v128Store32Lane,
  v128Store64Lane,
} from '../asm/opcodes.js'
import { type Arithmetic, arithmetics, multiplyAdd } from '../dot/arithmetic.js'
import type { RoutineDefinition } from '../routine-module.js'
import { whileAbove0 } from './loop.js'

export const lanesName = (x: Arithmetic): string => `conv.${x.name}.lanes`
const tileName = (x: Arithmetic, rows: number, vectors: number): string => `conv.${x.name}.lanes${rows}x${vectors}`

const tileParams: readonly ValueType[] = Array.from({ length: 14 }, () => i32)

/** The vector at an address whose numbers lie `step` apart, `count` of them (all if more than fit). */
const loadSpread = (f: FunctionBuilder, x: Arithmetic, at: Local, step: Local, count: Local, into: Local): void => {
  const p = f.local(i32)
  f.i32x4(0).set(into).get(at).set(p)
  for (let lane = 0; lane < x.lanes; lane++) {
    f.get(count).i32(lane).op(i32GtS)
    f.if(() => {
      f.get(p)
        .get(into)
        .memoryLane(x.bytes === 4 ? v128Load32Lane : v128Load64Lane, lane)
        .set(into)
    })
    f.get(p).get(step).op(i32Add).set(p)
  }
}
const storeSpread = (f: FunctionBuilder, x: Arithmetic, at: Local, step: Local, count: Local, from: Local): void => {
  const p = f.local(i32)
  f.get(at).set(p)
  for (let lane = 0; lane < x.lanes; lane++) {
    f.get(count).i32(lane).op(i32GtS)
    f.if(() => {
      f.get(p)
        .get(from)
        .memoryLane(x.bytes === 4 ? v128Store32Lane : v128Store64Lane, lane)
    })
    f.get(p).get(step).op(i32Add).set(p)
  }
}

/** One tile: (groups, runs, length, offsets, a, aRow, aStep, w, wStep, c, cRow, cStep, add); sums stay in registers. */
const tile = (x: Arithmetic, rows: number, vectors: number): RoutineDefinition => ({
  name: tileName(x, rows, vectors),
  params: tileParams.slice(1),
  results: [],
  emit: (f, { fma }) => {
    const [groups, runs, length, offsets, a, aRow, aStep, w, wStep, c, cRow, cStep, add] = [
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
    ]
    const sums = Array.from({ length: rows }, () => Array.from({ length: vectors }, () => f.local(v128)))
    const weights = Array.from({ length: vectors }, () => f.local(v128))
    const at = Array.from({ length: rows }, () => f.local(i32))
    const [t, p] = [f.local(i32), f.local(i32)]
    const old = f.local(v128)
    whileAbove0(f, runs, 1, () => {
      f.get(a).get(offsets).memory(i32Load).op(i32Add).set(at[0]!)
      for (let r = 1; r < rows; r++)
        f.get(at[r - 1]!)
          .get(aRow)
          .op(i32Add)
          .set(at[r]!)
      f.get(length).set(t)
      f.loop(() => {
        weights.forEach((v, j) =>
          f
            .get(w)
            .memory(v128Load, 16 * j)
            .set(v),
        )
        sums.forEach((row, r) =>
          row.forEach((sum, j) => {
            multiplyAdd(
              f,
              x,
              fma,
              () => f.get(sum),
              () => f.get(at[r]!).memory(v128Load, 16 * j),
              () => f.get(weights[j]!),
            ).set(sum)
          }),
        )
        for (const local of at) f.get(local).get(aStep).op(i32Add).set(local)
        f.get(w).get(wStep).op(i32Add).set(w)
        f.get(t).i32(1).op(i32Sub).tee(t).branchIf(0)
      })
      f.increment(offsets, 4)
    })
    const store = (adding: boolean, whole: boolean): void =>
      sums.forEach((row, r) => {
        row.forEach((sum, j) => {
          if (whole) {
            f.get(c)
            if (adding)
              f.get(c)
                .memory(v128Load, 16 * j)
                .get(sum)
                .op(x.add)
            else f.get(sum)
            f.memory(v128Store, 16 * j)
            return
          }
          const left = f.local(i32)
          f.get(groups)
            .i32(j * x.lanes)
            .op(i32Sub)
            .set(left)
          f.get(c)
            .get(cStep)
            .i32(j * x.lanes)
            .op(i32Mul)
            .op(i32Add)
            .set(p)
          if (adding) {
            loadSpread(f, x, p, cStep, left, old)
            f.get(old).get(sum).op(x.add).set(sum)
          }
          storeSpread(f, x, p, cStep, left, sum)
        })
        if (r < rows - 1) f.get(c).get(cRow).op(i32Add).set(c)
      })
    const both = (whole: boolean): void => {
      f.get(add)
      f.if(
        () => store(true, whole),
        () => store(false, whole),
      )
    }
    f.get(cStep)
      .i32(x.bytes)
      .op(i32Eq)
      .get(groups)
      .i32(vectors * x.lanes)
      .op(i32GeS)
      .op(i32And)
    f.if(
      () => both(true),
      () => both(false),
    )
  },
})

const tallest = 4

const lanes = (x: Arithmetic): RoutineDefinition => ({
  name: lanesName(x),
  params: tileParams,
  results: [],
  emit: (f, { call }) => {
    const [rows, groups, runs, length, offsets, a, aRow, aStep, w, wStep, c, cRow, cStep, add] = [
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
    ]
    const [left, from, into] = [0, 1, 2].map(() => f.local(i32)) as [Local, Local, Local]
    const run = (height: number, vectors: number): void => {
      for (const arg of [groups, runs, length, offsets, from, aRow, aStep, w, wStep, into, cRow, cStep, add]) f.get(arg)
      f.call(call(tileName(x, height, vectors)))
      f.get(from).get(aRow).i32(height).op(i32Mul).op(i32Add).set(from)
      f.get(into).get(cRow).i32(height).op(i32Mul).op(i32Add).set(into)
      f.increment(left, -height)
    }
    const column = (vectors: number): void => {
      f.get(rows).set(left).get(a).set(from).get(c).set(into)
      f.loop(() => {
        f.get(left).i32(tallest).op(i32GeS)
        f.if(
          () => run(tallest, vectors),
          () => run(1, vectors),
        )
        f.get(left).i32(0).op(i32GtS).branchIf(0)
      })
    }
    f.loop(() => {
      f.get(groups).i32(x.lanes).op(i32GtS)
      f.if(
        () => column(2),
        () => column(1),
      )
      f.increment(a, 32).increment(w, 32)
      f.get(c)
        .get(cStep)
        .i32(2 * x.lanes)
        .op(i32Mul)
        .op(i32Add)
        .set(c)
      f.increment(groups, -2 * x.lanes)
        .get(groups)
        .i32(0)
        .op(i32GtS)
        .branchIf(0)
    })
  },
})

export const lanesRoutines: readonly RoutineDefinition[] = arithmetics.flatMap((x) => [
  ...[1, tallest].flatMap((rows) => [1, 2].map((vectors) => tile(x, rows, vectors))),
  lanes(x),
])
