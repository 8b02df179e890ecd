import type { DotPlan } from '../../../program/routines.js'
import { type FunctionBuilder, i32, type Local } from '../asm/function.js'
import { i32Add, i32And, i32Load, i32LtS, i32Mul, i32Sub } from '../asm/opcodes.js'
import type { Part, Target } from '../step-code.js'
import { blockDepth } from './areas.js'
import { type Arithmetic, arithmeticOf, panelColumns } from './arithmetic.js'
import { lesser, whileAbove0 } from './loops.js'
import type { Operand } from './operand.js'
import { packName } from './pack.js'

/**
 * A right operand packed once for all chunks: blocks of the contraction one after the other, each of all panels. The
 * steps of a panel are padded to a multiple of four: packing one panel writes nothing into the next, another thread's.
 */
export interface Prepacked {
  readonly part: Part
  /** Where the address of the panels is in the block of arguments. */
  readonly word: number
  /** Bytes from one block of the contraction to the next. */
  readonly block: number
}

const padding = 4

const columnsOf = (plan: DotPlan, x: Arithmetic): number => Math.ceil(plan.n / panelColumns(x)) * panelColumns(x)

export const prepackedBytes = (plan: DotPlan, x: Arithmetic): number =>
  Math.ceil(plan.k / padding) * padding * columnsOf(plan, x) * x.bytes

/** Pushes the bytes of a panel of `depth` steps. */
export const pushPanelBytes = (f: FunctionBuilder, x: Arithmetic, depth: Local): FunctionBuilder =>
  f
    .get(depth)
    .i32(padding - 1)
    .op(i32Add)
    .i32(-padding)
    .op(i32And)
    .i32(panelColumns(x) * x.bytes)
    .op(i32Mul)

/** Numbers that a thread packs before another is worth asking. */
const chunk = 1 << 15

/** Packs the right operand of a product without batch axes into the temporary at `word`. */
export const prepack = (target: Target, plan: DotPlan, right: Operand, word: number): Prepacked => {
  const x = arithmeticOf(right.dtype)
  const columns = panelColumns(x)
  const block = blockDepth * columnsOf(plan, x) * x.bytes
  const f = target.module.function([i32, i32, i32])
  const [args, panel, to] = [0, 1, 2]
  const local = (): Local => f.local(i32)
  const [count, source, into, left, depth] = [local(), local(), local(), local(), local()]
  f.get(panel)
    .get(to)
    .op(i32LtS)
    .if(() => {
      f.loop(() => {
        f.i32(plan.n).get(panel).i32(columns).op(i32Mul).op(i32Sub).set(count)
        lesser(f, count, columns).set(count)
        f.get(args).memory(i32Load, right.word)
        f.get(panel)
          .i32(columns * right.across)
          .op(i32Mul)
          .op(i32Add)
          .set(source)
        f.get(args).memory(i32Load, word).set(into)
        f.i32(plan.k).set(left)
        whileAbove0(f, left, blockDepth, () => {
          lesser(f, left, blockDepth).set(depth)
          f.get(count).get(depth).get(source).i32(right.across).i32(right.along)
          pushPanelBytes(f.get(into), x, depth).get(panel).op(i32Mul).op(i32Add)
          f.call(target.routine(packName(right.dtype, 'right')))
          f.increment(source, blockDepth * right.along).increment(into, block)
        })
        f.increment(panel, 1).get(panel).get(to).op(i32LtS).branchIf(0)
      })
    })
  const grain = Math.max(1, Math.ceil(chunk / (columns * plan.k)))
  return { part: { run: f, units: Math.ceil(plan.n / columns), grain, parallel: true }, word, block }
}
