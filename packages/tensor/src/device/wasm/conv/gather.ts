/**
 * Brings the runs of a block's terms together, so that every row is one run:
 *
 *     conv.gather(into, from, rows, rowStep, offsets, runs, runBytes)
 *
 * Row r of the target, runs * runBytes long, is made of the runs at from + r * rowStep + offsets[i]. Writes, and
 * reads, up to 15 bytes past the last run.
 */
import { i32 } from '../asm/function.js'
import { i32Add, i32GtS, i32Load, i32Sub, v128Load, v128Store } from '../asm/opcodes.js'
import type { RoutineDefinition } from '../routine-module.js'
import { whileAbove0 } from './loop.js'

export const gatherName = 'conv.gather'

export const gatherRoutine: RoutineDefinition = {
  name: gatherName,
  params: [i32, i32, i32, i32, i32, i32, i32],
  results: [],
  emit: (f) => {
    const [into, from, rows, rowStep, offsets, runs, runBytes] = [0, 1, 2, 3, 4, 5, 6]
    const [left, at, read, write, rest] = Array.from({ length: 5 }, () => f.local(i32)) as [
      number,
      number,
      number,
      number,
      number,
    ]
    whileAbove0(f, rows, 1, () => {
      f.get(runs).set(left).get(offsets).set(at)
      whileAbove0(f, left, 1, () => {
        f.get(from).get(at).memory(i32Load).op(i32Add).set(read)
        f.get(into).set(write).get(runBytes).set(rest)
        f.loop(() => {
          f.get(write).get(read).memory(v128Load).memory(v128Store)
          f.increment(read, 16).increment(write, 16)
          f.get(rest).i32(16).op(i32Sub).tee(rest).i32(0).op(i32GtS).branchIf(0)
        })
        f.get(into).get(runBytes).op(i32Add).set(into)
        f.increment(at, 4)
      })
      f.get(from).get(rowStep).op(i32Add).set(from)
    })
  },
}
