import { dtypeBytes, type StoredDType } from '../../../core/dtype.js'
import type { FunctionBuilder, Local } from '../asm/function.js'
import { i32Mul } from '../asm/opcodes.js'
import { whileAbove0 } from '../conv/loop.js'
import { whileLeft } from '../dot/loops.js'
import { loadNeighbours, loadSplat, packLanes, storeLane, storeNeighbours } from '../kernels/lane-memory.js'
import type { LaneEmitter, Lanes } from '../lanes/lane-emitter.js'

/** What becomes of a target's elements, in memory as `into`, and of others, in memory as `from`. */
export interface Combination {
  readonly into: StoredDType
  readonly from: StoredDType
  /** The elements to store; null where they are simply copied, which both dtypes must be equal for. */
  readonly combine: ((e: LaneEmitter, old: () => Lanes, update: Lanes) => Lanes) | null
}

/** Elements are copied by their bits. */
const bitsOf = (dtype: StoredDType): StoredDType =>
  (({ 1: 'uint8', 2: 'uint16', 4: 'int32', 8: 'float64' }) as const)[dtypeBytes(dtype) as 1 | 2 | 4 | 8]

const result = (e: LaneEmitter, c: Combination, load: typeof loadSplat, into: Local, from: Local): Lanes => {
  const { combine } = c
  const at = (local: Local) => (): void => void e.f.get(local)
  if (combine === null) return load(e, bitsOf(c.into), at(from))
  return packLanes(e, c.into, combine(e, () => load(e, c.into, at(into)), load(e, c.from, at(from))))
}

const storedAs = (c: Combination): StoredDType => (c.combine === null ? bitsOf(c.into) : c.into)

/** Combines one element at the address in `into` with one at the address in `from`. */
export const combineOne = (e: LaneEmitter, c: Combination, into: Local, from: Local): void => {
  const packed = result(e, c, loadSplat, into, from)
  storeLane(e.f, storedAs(c), packed, 0, into)
}

/** The same for four neighbours. */
const combineFour = (e: LaneEmitter, c: Combination, into: Local, from: Local): void => {
  const load = (emitter: LaneEmitter, dtype: StoredDType, at: () => void): Lanes => loadNeighbours(emitter, dtype, at)
  const packed =
    c.combine === null ? load(e, bitsOf(c.into), () => void e.f.get(from)) : result(e, c, load, into, from)
  const dtype = storedAs(c)
  storeNeighbours(e.f, dtype, c.combine === null ? packLanes(e, dtype, packed) : packed, into)
}

/** From how many elements on bytes are copied in bulk. */
const bulk = 32

/** Combines `count` neighbours, at most `most`; all three locals are used up. */
export const combineRow = (
  e: LaneEmitter,
  c: Combination,
  into: Local,
  from: Local,
  count: Local,
  most: number,
): void => {
  const { f } = e
  if (c.combine === null && most >= bulk) {
    f.get(into).get(from).get(count).i32(dtypeBytes(c.into)).op(i32Mul).memoryCopy()
    return
  }
  const advance = (elements: number): void => {
    f.increment(into, elements * dtypeBytes(c.into)).increment(from, elements * dtypeBytes(c.from))
  }
  const four = (): void => {
    combineFour(e, c, into, from)
    advance(4)
  }
  const rounds = (step: number, body: (f: FunctionBuilder) => void): void => whileLeft(f, count, step, () => body(f))
  if (most >= 16) rounds(16, () => [0, 1, 2, 3].forEach(four))
  if (most >= 4) rounds(4, four)
  whileAbove0(f, count, 1, () => {
    combineOne(e, c, into, from)
    advance(1)
  })
}
