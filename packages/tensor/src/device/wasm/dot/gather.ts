import { dtypeBytes, type StoredDType } from '../../../core/dtype.js'
import { sizeOf } from '../../../core/shape.js'
import type { DotPlan } from '../../../program/routines.js'
import { i32 } from '../asm/function.js'
import { i32Add, i32Load, i32LtS, i32Mul } from '../asm/opcodes.js'
import type { Part, Target } from '../step-code.js'
import { copyName } from './copy.js'
import { type Operand, pushWalk } from './operand.js'

/** An operand that is copied first, because its rows or its contraction are walked with several strides. */
interface Gathered {
  readonly part: Part
  readonly operand: Operand
}

/** Numbers that a thread copies before another is worth asking. */
const chunk = 1 << 15

/** Copies an operand into the temporary at `word`: each walk gets one stride; what is contiguous stays innermost. */
export const gatherOperand = (
  target: Target,
  side: DotPlan['left'],
  from: number,
  word: number,
  dtype: StoredDType,
): Gathered => {
  const bytes = dtypeBytes(dtype)
  const [batch, free, depth] = [side.batch, side.free, side.contract].map((w) => sizeOf(w.extents)) as [
    number,
    number,
    number,
  ]
  const rowsInnermost = side.contract.strides.at(-1) !== 1 && side.free.strides.at(-1) === 1
  const order = rowsInnermost ? [side.batch, side.contract, side.free] : [side.batch, side.free, side.contract]
  const extents = order.flatMap((w) => w.extents)
  const strides = order.flatMap((w) => w.strides)
  const run = extents.at(-1)!
  const outer = { extents: extents.slice(0, -1), strides: strides.slice(0, -1).map((s) => s * bytes) }
  const units = sizeOf(outer.extents)
  const f = target.module.function([i32, i32, i32])
  const [args, at, to] = [0, 1, 2]
  const index = f.local(i32)
  f.get(at)
    .get(to)
    .op(i32LtS)
    .if(() => {
      f.loop(() => {
        f.get(at).set(index)
        f.i32(run).get(args).memory(i32Load, from)
        pushWalk(f, outer, index)
          .op(i32Add)
          .i32(strides.at(-1)! * bytes)
        f.get(args)
          .memory(i32Load, word)
          .get(at)
          .i32(run * bytes)
          .op(i32Mul)
          .op(i32Add)
        f.call(target.routine(copyName(bytes)))
        f.increment(at, 1).get(at).get(to).op(i32LtS).branchIf(0)
      })
    })
  return {
    part: { run: f, units, grain: Math.max(1, Math.ceil(chunk / run)), parallel: true },
    operand: {
      word,
      dtype,
      batch: batch === 1 ? { extents: [], strides: [] } : { extents: [batch], strides: [free * depth * bytes] },
      across: rowsInnermost ? bytes : depth * bytes,
      along: rowsInnermost ? free * bytes : bytes,
    },
  }
}
