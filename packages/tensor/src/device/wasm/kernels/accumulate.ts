import { isFloat, rangeOf, type StoredDType } from '../../../core/dtype.js'
import type { Accumulator, ReduceOp, ScalarOp } from '../../../kernel/ir.js'
import { type FunctionBuilder, type Local, v128 } from '../asm/function.js'
import * as code from '../asm/opcodes.js'
import { emitOp } from '../lanes/emit-op.js'
import type { LaneEmitter, Lanes } from '../lanes/lane-emitter.js'

export const isArgument = (op: ReduceOp): boolean => op === 'argmax' || op === 'argmin'

/** Whether a result depends on the order of its elements: float sums and products. */
export const isOrdered = (a: Accumulator): boolean => (a.op === 'sum' || a.op === 'prod') && isFloat(a.dtype)

/** The type in which running values are kept. */
export const runningType = (a: Accumulator): StoredDType => {
  if (isArgument(a.op)) return a.value.dtype
  if (isOrdered(a)) return a.dtype === 'float64' ? 'float64' : 'float32'
  return a.op === 'sum' || a.op === 'prod' ? 'int32' : a.value.dtype
}

const bool: Readonly<Partial<Record<ReduceOp, ScalarOp>>> = { max: 'or', min: 'and' }
const foldOp = (op: ReduceOp, dtype: StoredDType): ScalarOp =>
  op === 'sum'
    ? 'add'
    : op === 'prod'
      ? 'mul'
      : ((dtype === 'bool' ? bool[op] : undefined) ?? (op as 'max' | 'min' | 'and' | 'or'))

/** The running value with one more element, lane by lane. */
export const fold = (e: LaneEmitter, a: Accumulator, x: Lanes, y: Lanes): Lanes => {
  const dtype = runningType(a)
  return emitOp(e, foldOp(a.op, dtype), dtype, dtype, [x, y])
}

/** What a running value starts from. */
export const identity = (a: Accumulator): number => {
  switch (a.op) {
    case 'prod':
    case 'and':
      return 1
    case 'max':
      return rangeOf(a.value.dtype)[0]
    case 'min':
      return rangeOf(a.value.dtype)[1]
    default:
      return 0
  }
}

const keep = (f: FunctionBuilder): Local => {
  const local = f.local(v128)
  f.set(local)
  return local
}
/** The upper lanes brought to the lower ones, or neighbours exchanged. */
const crossed = (f: FunctionBuilder, x: Local, half: boolean): Local => {
  f.get(x).get(x)
  if (half) f.shuffle32(2, 3, 0, 1)
  else f.shuffle32(1, 0, 3, 2)
  return keep(f)
}

/** All lanes of a running value in one, in every lane; any order is right. */
export const foldLanes = (e: LaneEmitter, a: Accumulator, x: Lanes): Lanes => {
  const { f } = e
  if (x.length === 2) {
    const [both] = fold(e, a, x, [x[1]!, x[0]!])
    const other = crossed(f, both!, true)
    const [all] = fold(e, a, [both!, both!], [other, other])
    return [all!, all!]
  }
  const pairs = fold(e, a, x, [crossed(f, x[0]!, true)])
  return fold(e, a, pairs, [crossed(f, pairs[0]!, false)])
}

/** Brings a running value to the type of the result. */
export const finish = (e: LaneEmitter, a: Accumulator, x: Lanes): Lanes => {
  const from = runningType(a)
  return isArgument(a.op) || from === a.dtype ? x : emitOp(e, 'convert', a.dtype, from, [x])
}

/** (S0 + S2) + (S1 + S3) of a block's sum of partials, pushed as a float64; products alike. */
export const pushBlock = (e: LaneEmitter, a: Accumulator, s: Lanes): void => {
  const { f } = e
  if (s.length === 2) {
    const halves = emitOp(e, foldOp(a.op, 'float64'), 'float64', 'float64', [
      [s[0]!, s[0]!],
      [s[1]!, s[1]!],
    ])
    f.get(halves[0]!).lane(code.f64x2ExtractLane, 0).get(halves[0]!).lane(code.f64x2ExtractLane, 1)
    f.op(a.op === 'sum' ? code.f64Add : code.f64Mul)
    return
  }
  const [halves] = fold(e, a, s, [crossed(f, s[0]!, true)])
  f.get(halves!).lane(code.f32x4ExtractLane, 0).get(halves!).lane(code.f32x4ExtractLane, 1)
  f.op(a.op === 'sum' ? code.f32Add : code.f32Mul).op(code.f64PromoteF32)
}

/** A float64 as lanes of the result's type. */
export const fromTotal = (e: LaneEmitter, a: Accumulator, total: Local): Lanes => {
  const { f } = e
  f.get(total).op(code.f64x2Splat)
  const both = keep(f)
  return a.dtype === 'float64' ? [both, both] : emitOp(e, 'convert', a.dtype, 'float64', [[both, both]])
}

/** Four float64 totals as lanes of the result's type. */
export const finishTotals = (e: LaneEmitter, a: Accumulator, totals: Lanes): Lanes =>
  a.dtype === 'float64' ? totals : emitOp(e, 'convert', a.dtype, 'float64', [totals])

/** ((p0 + p4) + (p2 + p6)) + ((p1 + p5) + (p3 + p7)) of eight partial results; of those that are null nothing came. */
export const combinePartials = (e: LaneEmitter, a: Accumulator, p: readonly (Lanes | null)[]): Lanes | null => {
  const join = (x: Lanes | null, y: Lanes | null): Lanes | null => (x === null ? y : y === null ? x : fold(e, a, x, y))
  const q = [0, 1, 2, 3].map((k) => join(p[k]!, p[k + 4]!))
  return join(join(q[0]!, q[2]!), join(q[1]!, q[3]!))
}

/** Four lanes of a block's result as float64 numbers. */
export const widenBlock = (e: LaneEmitter, s: Lanes): Lanes =>
  s.length === 2 ? s : emitOp(e, 'convert', 'float64', 'float32', [s])

/** Adds to four float64 totals. */
export const foldTotals = (e: LaneEmitter, a: Accumulator, totals: Lanes, s: Lanes): Lanes =>
  emitOp(e, foldOp(a.op, 'float64'), 'float64', 'float64', [totals, s])

/** The best element so far of each lane and its position, -1 before there is one. */
export interface Best {
  readonly value: Lanes
  readonly at: Local
}

/** Whether an element at position `at` comes before the best one; later positions come later. */
export const keepBest = (
  e: LaneEmitter,
  a: Accumulator,
  best: Best,
  x: Lanes,
  at: Local,
  valid: Local | null,
): void => {
  const { f } = e
  const dtype = a.value.dtype
  const [better] = emitOp(e, a.op === 'argmax' ? 'gt' : 'lt', 'bool', dtype, [x, best.value])
  f.get(best.at).i32x4(0).op(code.i32x4LtS).get(better!).op(code.v128Or)
  if (isFloat(dtype)) {
    const [newNaN] = emitOp(e, 'ne', 'bool', dtype, [x, x])
    const [oldNumber] = emitOp(e, 'eq', 'bool', dtype, [best.value, best.value])
    f.get(newNaN!).get(oldNumber!).op(code.v128And).op(code.v128Or)
  }
  if (valid !== null) f.get(valid).op(code.v128And)
  const mask = keep(f)
  take(e, a, best, x, at, mask)
}

const take = (e: LaneEmitter, a: Accumulator, best: Best, x: Lanes, at: Local, mask: Local): void => {
  const { f } = e
  const chosen = emitOp(e, 'select', a.value.dtype, a.value.dtype, [[mask], x, best.value])
  chosen.forEach((c, k) => f.get(c).set(best.value[k]!))
  f.get(at).get(best.at).get(mask).op(code.v128Bitselect).set(best.at)
}

/** The best of all lanes, in every lane: of equal ones the first. */
export const bestOfLanes = (e: LaneEmitter, a: Accumulator, best: Best): Local => {
  const { f } = e
  const dtype = a.value.dtype
  for (const half of [true, false]) {
    const other = best.value.length === 2 ? swapped(f, best.value, half) : [crossed(f, best.value[0]!, half)]
    const at = crossed(f, best.at, half)
    const [better] = emitOp(e, a.op === 'argmax' ? 'gt' : 'lt', 'bool', dtype, [other, best.value])
    const [same] = emitOp(e, 'eq', 'bool', dtype, [other, best.value])
    f.get(same!)
    if (isFloat(dtype)) {
      const [n] = emitOp(e, 'ne', 'bool', dtype, [other, other])
      const [m] = emitOp(e, 'ne', 'bool', dtype, [best.value, best.value])
      f.get(n!).get(m!).op(code.v128And).op(code.v128Or)
      f.get(at).get(best.at).op(code.i32x4LtS).op(code.v128And)
      f.get(better!).op(code.v128Or)
      f.get(n!).get(m!).op(code.v128AndNot).op(code.v128Or)
    } else f.get(at).get(best.at).op(code.i32x4LtS).op(code.v128And).get(better!).op(code.v128Or)
    // Lanes without an element lose, against each other too.
    f.get(best.at).i32x4(0).op(code.i32x4LtS).op(code.v128Or)
    f.get(at).i32x4(0).op(code.i32x4GeS).op(code.v128And)
    const mask = keep(f)
    take(e, a, best, other, at, mask)
  }
  return best.at
}

const swapped = (f: FunctionBuilder, x: Lanes, half: boolean): Lanes =>
  half ? [x[1]!, x[0]!] : x.map((v) => crossed(f, v, true))

/** Positions as a result: that of no element is 0. */
export const position = (e: LaneEmitter, at: Local): Lanes => {
  const { f } = e
  f.get(at).i32x4(0).op(code.i32x4MaxS)
  return [keep(f)]
}
