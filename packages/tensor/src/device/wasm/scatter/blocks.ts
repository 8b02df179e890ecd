import { dtypeBytes } from '../../../core/dtype.js'
import { i32 } from '../asm/function.js'
import { i32Add, i32Load, i32LtU, i32Mul, i32Ne, i32Sub } from '../asm/opcodes.js'
import { laneEmitter } from '../kernels/kernel.js'
import type { Part, Target } from '../step-code.js'
import { type Combination, combineRow } from './elements.js'

/** Elements of a unit. */
const block = 1 << 13

/** A part that combines whole arrays, whose addresses are words of the arguments; a copy onto itself is left out. */
export const emitBlocks = (target: Target, c: Combination, length: number, into: number, from: number): Part => {
  const f = target.module.function([i32, i32, i32])
  const { e } = laneEmitter(target, f)
  const [args, first, end] = [0, 1, 2]
  const [write, read, start, count] = [f.local(i32), f.local(i32), f.local(i32), f.local(i32)]
  const point = (word: number, bytes: number): void => {
    f.get(args).memory(i32Load, 4 * word)
    f.get(start).i32(bytes).op(i32Mul).op(i32Add)
  }
  f.get(first).i32(block).op(i32Mul).set(start)
  f.get(end).i32(block).op(i32Mul).tee(count).i32(length)
  f.get(count).i32(length).op(i32LtU).select().get(start).op(i32Sub).set(count)
  point(into, dtypeBytes(c.into))
  f.set(write)
  point(from, dtypeBytes(c.from))
  f.tee(read).get(write).op(i32Ne)
  f.if(() => combineRow(e, c, write, read, count, length))
  return { run: f, units: Math.ceil(length / block), grain: 16, parallel: true }
}
