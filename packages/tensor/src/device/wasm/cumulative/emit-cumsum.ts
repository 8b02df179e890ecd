import { dtypeBytes, isFloat, type StoredDType } from '../../../core/dtype.js'
import type { Routine } from '../../../program/schedule.js'
import { type FunctionBuilder, i32, type Local, v128 } from '../asm/function.js'
import { i32Add, i32DivU, i32GeS, i32Load, i32Mul, i32RemU, i32Sub } from '../asm/opcodes.js'
import { forCount, forRange, whileAbove0 } from '../conv/loop.js'
import { laneEmitter } from '../kernels/kernel.js'
import { loadEach, loadNeighbours, loadSplat, packLanes, storeLane, storeNeighbours } from '../kernels/lane-memory.js'
import { emitOp } from '../lanes/emit-op.js'
import type { LaneEmitter, Lanes } from '../lanes/lane-emitter.js'
import type { StepCode, Target } from '../step-code.js'

type Plan = Extract<Routine, { name: 'cumsum' }>

interface CumsumTypes {
  readonly inputs: readonly StoredDType[]
  readonly outputs: readonly StoredDType[]
}

/** Columns that one unit of work takes: a cache line of float32. */
const blockColumns = 16
/** Elements of a chunk that is worth handing to a thread. */
const chunkElements = 1 << 15

/** Running totals of four elements: float64 for floats, each result rounded; else words that wrap. */
class Totals {
  readonly #e: LaneEmitter
  readonly #dtype: StoredDType
  readonly #lanes: Lanes

  constructor(e: LaneEmitter, dtype: StoredDType) {
    this.#e = e
    this.#dtype = dtype
    this.#lanes = isFloat(dtype) ? [e.f.local(v128), e.f.local(v128)] : [e.f.local(v128)]
  }

  reset(): void {
    for (const lane of this.#lanes) this.#e.f.i32x4(0).set(lane)
  }
  /** The totals with four more elements in them, as they will lie in memory. */
  add(elements: Lanes): Lanes {
    const { f } = this.#e
    const wide = isFloat(this.#dtype) ? 'float64' : this.#dtype
    const widened = emitOp(this.#e, 'convert', wide, this.#dtype, [elements])
    emitOp(this.#e, 'add', wide, wide, [this.#lanes, widened]).forEach((x, k) => f.get(x).set(this.#lanes[k]!))
    return packLanes(this.#e, this.#dtype, emitOp(this.#e, 'convert', this.#dtype, wide, [this.#lanes]))
  }
}

/** Where a row or a block starts, and what takes its walk from one element to the next. */
interface Walk {
  readonly read: Local
  readonly write: Local
  readonly length: number
  /** Bytes between consecutive elements; below 0 in reverse. */
  readonly step: number
}

const walkAlong = (f: FunctionBuilder, { read, write, length, step }: Walk, body: () => void): void =>
  forCount(f, length, 1, () => {
    body()
    f.increment(read, step).increment(write, step)
  })

/** One row, or the same element of four rows that lie `rowBytes` apart. */
const emitRows = (e: LaneEmitter, dtype: StoredDType, walk: Walk, rowBytes: number, four: boolean): void => {
  const { f } = e
  const { read, write } = walk
  const totals = new Totals(e, dtype)
  const at = f.local(i32)
  totals.reset()
  walkAlong(f, walk, () => {
    const elements = four
      ? loadEach(
          e,
          dtype,
          (lane) =>
            void f
              .get(read)
              .i32(lane * rowBytes)
              .op(i32Add),
        )
      : loadSplat(e, dtype, () => void f.get(read))
    const packed = totals.add(elements)
    for (let lane = 0; lane < (four ? 4 : 1); lane++) {
      // A lane is stored as many elements behind the address as its number says.
      f.get(write)
        .i32(lane * (rowBytes - dtypeBytes(dtype)))
        .op(i32Add)
        .set(at)
      storeLane(f, dtype, packed, lane, at)
    }
  })
}

/** Neighbouring columns, four at a time. */
const emitColumns = (e: LaneEmitter, dtype: StoredDType, walk: Walk, columns: number): void => {
  const { f } = e
  const groups = Array.from({ length: Math.ceil(columns / 4) }, (_, k) => ({
    first: 4 * k,
    count: Math.min(4, columns - 4 * k),
    totals: new Totals(e, dtype),
  }))
  const at = f.local(i32)
  for (const { totals } of groups) totals.reset()
  walkAlong(f, walk, () => {
    for (const { first, count, totals } of groups) {
      const place = (from: Local): FunctionBuilder =>
        f
          .get(from)
          .i32(first * dtypeBytes(dtype))
          .op(i32Add)
      const packed = totals.add(loadNeighbours(e, dtype, () => void place(walk.read)))
      place(walk.write).set(at)
      if (count === 4) storeNeighbours(f, dtype, packed, at)
      else for (let lane = 0; lane < count; lane++) storeLane(f, dtype, packed, lane, at)
    }
  })
}

/** Running sums along an axis; float totals run in float64, in order, and each is rounded. */
export const emitCumsum = (target: Target, plan: Plan, { outputs: [dtype] }: CumsumTypes): StepCode => {
  const { outer, length, inner, reverse } = plan
  const bytes = dtypeBytes(dtype!)
  const laneBytes = length * inner * bytes
  const f = target.module.function([i32, i32, i32])
  const { e } = laneEmitter(target, f)
  const [args, from, to] = [0, 1, 2]
  const step = (reverse ? -inner : inner) * bytes
  const walk: Walk = { read: f.local(i32), write: f.local(i32), length, step }
  const offset = f.local(i32)
  /** Points the walk at the first element of what starts `offset` bytes into the operand. */
  const start = (): void => {
    if (reverse) f.increment(offset, laneBytes - inner * bytes)
    f.get(args).memory(i32Load).get(offset).op(i32Add).set(walk.read)
    f.get(args).memory(i32Load, 4).get(offset).op(i32Add).set(walk.write)
  }
  const rows = f.local(i32)
  const blocks = Math.ceil(inner / blockColumns)
  forRange(f, from, to, (unit) => {
    if (inner === 1) {
      f.get(unit)
        .i32(4 * laneBytes)
        .op(i32Mul)
        .set(offset)
      f.i32(outer).get(unit).i32(4).op(i32Mul).op(i32Sub).set(rows)
      const single = (): void =>
        whileAbove0(f, rows, 1, () => {
          start()
          emitRows(e, dtype!, walk, laneBytes, false)
          f.increment(offset, reverse ? bytes : laneBytes)
        })
      if (outer < 4) return single()
      const four = (): void => {
        start()
        emitRows(e, dtype!, walk, laneBytes, true)
      }
      f.get(rows).i32(4).op(i32GeS)
      f.if(four, outer % 4 === 0 ? null : single)
      return
    }
    const block = f.local(i32)
    f.get(unit).i32(blocks).op(i32RemU).set(block)
    f.get(unit).i32(blocks).op(i32DivU).i32(laneBytes).op(i32Mul)
    f.get(block)
      .i32(blockColumns * bytes)
      .op(i32Mul)
      .op(i32Add)
      .set(offset)
    start()
    const whole = (): void => emitColumns(e, dtype!, walk, blockColumns)
    const rest = (): void => emitColumns(e, dtype!, walk, inner % blockColumns)
    if (inner % blockColumns === 0) whole()
    else if (blocks === 1) rest()
    else {
      f.get(block)
        .i32(blocks - 1)
        .op(i32GeS)
      f.if(rest, whole)
    }
  })
  const units = inner === 1 ? Math.ceil(outer / 4) : outer * blocks
  const perUnit = (outer * length * inner) / units
  return { parts: [{ run: f, units, grain: Math.ceil(chunkElements / perUnit), parallel: true }], temporaries: [] }
}
