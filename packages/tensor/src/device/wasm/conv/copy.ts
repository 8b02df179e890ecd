import { sizeOf } from '../../../core/shape.js'
import { dtypeBytes, type StoredDType } from '../../../core/dtype.js'
import { i32 } from '../asm/function.js'
import { i32Add, i32Load, i32LtU, i32Mul, i32Sub } from '../asm/opcodes.js'
import { arithmeticOf } from '../dot/arithmetic.js'
import type { Part, Target } from '../step-code.js'
import { forCount, forRange } from './loop.js'
import { moveName } from './move.js'
import { convRoutine } from './routines.js'

/** An axis of what is copied: elements from one to the next in the source and in the target. */
export interface CopyAxis {
  readonly extent: number
  readonly from: number
  readonly into: number
}

/** A place in an array whose address is a word of the arguments. */
export interface Place {
  readonly word: number
  /** In elements. */
  readonly offset: number
}

/** Axes of one element left out, neighbours that are walked as one joined, the target's order. */
const simplified = (axes: readonly CopyAxis[]): CopyAxis[] => {
  const result: CopyAxis[] = []
  for (const axis of axes.filter((a) => a.extent !== 1).sort((a, b) => b.into - a.into)) {
    const last = result.at(-1)
    if (last !== undefined && last.from === axis.from * axis.extent && last.into === axis.into * axis.extent)
      result[result.length - 1] = { ...axis, extent: axis.extent * last.extent }
    else result.push(axis)
  }
  return result
}

const single: CopyAxis = { extent: 1, from: 0, into: 0 }

/** The two innermost axes: a run in both arrays if there is one, else a run in the source and one in the target. */
const innermost = (axes: readonly CopyAxis[]): readonly [u: CopyAxis, v: CopyAxis] => {
  const run = axes.find((a) => a.from === 1 && a.into === 1)
  const u = run ?? axes.find((a) => a.from === 1) ?? axes.at(-1) ?? single
  const v = axes.filter((a) => a !== u).at(-1) ?? single
  return [u, v]
}

/** Elements of a chunk that is worth handing to a thread. */
const chunkElements = 1 << 15

/** A part that copies elements of a stored dtype, widened to its arithmetic, into another order. */
export const emitCopy = (
  target: Target,
  dtype: StoredDType,
  given: readonly CopyAxis[],
  source: Place,
  into: Place,
): Part => {
  const axes = simplified(given)
  const [u, v] = innermost(axes)
  const outer = axes.filter((a) => a !== u && a !== v)
  // The largest of the others is what threads share.
  const shared = outer.reduce((a, b) => (b.extent > a.extent ? b : a), single)
  const others = outer.filter((a) => a !== shared)
  const bytes = dtypeBytes(dtype)
  const wide = arithmeticOf(dtype).bytes
  const f = target.module.function([i32, i32, i32])
  const [args, first, end] = [0, 1, 2]
  const read = f.local(i32)
  const write = f.local(i32)
  f.get(args)
    .memory(i32Load, 4 * source.word)
    .i32(source.offset * bytes)
    .op(i32Add)
    .set(read)
  f.get(args)
    .memory(i32Load, 4 * into.word)
    .i32(into.offset * wide)
    .op(i32Add)
    .set(write)
  const walk = (depth: number): void => {
    const axis = others[depth]
    if (axis === undefined) {
      f.i32(u.extent)
        .i32(v.extent)
        .get(read)
        .i32(u.from * bytes)
        .i32(v.from * bytes)
      f.get(write)
        .i32(u.into * wide)
        .i32(v.into * wide)
        .call(convRoutine(target, moveName(dtype)))
      return
    }
    forCount(f, axis.extent, 1, () => {
      walk(depth + 1)
      f.increment(read, axis.from * bytes).increment(write, axis.into * wide)
    })
    f.increment(read, -axis.extent * axis.from * bytes).increment(write, -axis.extent * axis.into * wide)
  }
  f.get(read)
    .get(first)
    .i32(shared.from * bytes)
    .op(i32Mul)
    .op(i32Add)
    .set(read)
  f.get(write)
    .get(first)
    .i32(shared.into * wide)
    .op(i32Mul)
    .op(i32Add)
    .set(write)
  forRange(f, first, end, () => {
    walk(0)
    f.increment(read, shared.from * bytes).increment(write, shared.into * wide)
  })
  const perUnit = sizeOf(axes.map((a) => a.extent)) / shared.extent
  return { run: f, units: shared.extent, grain: Math.ceil(chunkElements / perUnit), parallel: true }
}

const fillBytes = 1 << 16

/** A part that fills an array with zeros. */
export const emitZeros = (target: Target, word: number, bytes: number): Part => {
  const f = target.module.function([i32, i32, i32])
  const end = f.local(i32)
  const start = f.local(i32)
  const clipped = (unit: number, into: number): void => {
    f.get(unit).i32(fillBytes).op(i32Mul).set(into)
    f.get(into).i32(bytes).get(into).i32(bytes).op(i32LtU).select().set(into)
  }
  clipped(1, start)
  clipped(2, end)
  f.get(0)
    .memory(i32Load, 4 * word)
    .get(start)
    .op(i32Add)
    .i32(0)
    .get(end)
    .get(start)
    .op(i32Sub)
    .memoryFill()
  return { run: f, units: Math.ceil(bytes / fillBytes), grain: 1, parallel: true }
}
