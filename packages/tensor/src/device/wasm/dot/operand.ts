import { dtypeBytes, type StoredDType } from '../../../core/dtype.js'
import { sizeOf } from '../../../core/shape.js'
import type { DotPlan, Walk } from '../../../program/routines.js'
import { type FunctionBuilder, i32, type Local } from '../asm/function.js'
import { i32Add, i32DivU, i32Load, i32Mul, i32RemU } from '../asm/opcodes.js'

/** An operand whose rows (or columns) and whose steps of the contraction are each one stride apart, in bytes. */
export interface Operand {
  /** Where the address of its buffer is in the block of arguments. */
  readonly word: number
  readonly dtype: StoredDType
  /** Extents and byte strides of the batch axes. */
  readonly batch: Walk
  readonly across: number
  readonly along: number
}

type Side = DotPlan['left']

/** Bytes from one index to the next; where there is only one index, as if contiguous. */
const strideOf = (walk: Walk, bytes: number): number => (walk.strides.length === 0 ? 1 : walk.strides[0]!) * bytes

/** Whether an operand can be read in place: its rows and its contraction are walked with one stride each. */
export const isStrided = (side: Side): boolean => side.free.extents.length <= 1 && side.contract.extents.length <= 1

export const sizeOfSide = (side: Side): number =>
  sizeOf(side.batch.extents) * sizeOf(side.free.extents) * sizeOf(side.contract.extents)

export const stridedOperand = (side: Side, word: number, dtype: StoredDType): Operand => {
  const bytes = dtypeBytes(dtype)
  return {
    word,
    dtype,
    batch: { extents: side.batch.extents, strides: side.batch.strides.map((s) => s * bytes) },
    across: strideOf(side.free, bytes),
    along: strideOf(side.contract, bytes),
  }
}

/** Pushes the offset of row-major position `index` of a walk; consumes the local. */
export const pushWalk = (f: FunctionBuilder, walk: Walk, index: Local): FunctionBuilder => {
  f.i32(0)
  for (let axis = walk.extents.length - 1; axis >= 0; axis--) {
    f.get(index)
    if (axis > 0) f.i32(walk.extents[axis]!).op(i32RemU)
    f.i32(walk.strides[axis]!).op(i32Mul).op(i32Add)
    if (axis > 0) f.get(index).i32(walk.extents[axis]!).op(i32DivU).set(index)
  }
  return f
}

/** Pushes the address of an operand's item of the batch. */
export const pushItem = (
  f: FunctionBuilder,
  args: Local,
  operand: Pick<Operand, 'word' | 'batch'>,
  item: Local,
): void => {
  f.get(args).memory(i32Load, operand.word)
  if (operand.batch.extents.length === 0) return
  const index = f.local(i32)
  f.get(item).set(index)
  pushWalk(f, operand.batch, index).op(i32Add)
}
