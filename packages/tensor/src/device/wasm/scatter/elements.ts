import { dtypeBytes, type StoredDType } from '../../../core/dtype.js'
import type { FunctionBuilder, Local } from '../asm/function.js'
import { i32Mul } from '../asm/opcodes.js'
import { whileLeft } from '../dot/loops.js'
import { loadNeighbours, loadSplat, packLanes, storeLane, storeNeighbours } from '../kernels/lane-memory.js'
import type { LaneEmitter, Lanes } from '../lanes/lane-emitter.js'

/** What becomes of a target's elements, in memory as `into`, and of others, in memory as `from`. */
export interface Combination {
  readonly into: StoredDType
  readonly from: StoredDType
  /** The elements to store; null where those of one dtype are copied as they are. */
  readonly combine: ((e: LaneEmitter, old: () => Lanes, update: Lanes) => Lanes) | null
}

/** Elements that are only copied go by their bits. */
const storedAs = ({ combine, into }: Combination): StoredDType =>
  combine !== null
    ? into
    : ({ 1: 'uint8', 2: 'uint16', 4: 'int32', 8: 'float64' } as const)[dtypeBytes(into) as 1 | 2 | 4 | 8]

type Load = (e: LaneEmitter, dtype: StoredDType, at: () => void) => Lanes

const combined = (e: LaneEmitter, c: Combination, load: Load, into: Local, from: Local): Lanes => {
  const read = (dtype: StoredDType, local: Local): Lanes => load(e, dtype, () => void e.f.get(local))
  const dtype = storedAs(c)
  const lanes = c.combine === null ? read(dtype, from) : c.combine(e, () => read(c.into, into), read(c.from, from))
  return packLanes(e, dtype, lanes)
}

/** Combines one element at the address in `into` with one at the address in `from`. */
export const combineOne = (e: LaneEmitter, c: Combination, into: Local, from: Local): void =>
  storeLane(e.f, storedAs(c), combined(e, c, loadSplat, into, from), 0, into)

const combineFour = (e: LaneEmitter, c: Combination, into: Local, from: Local): void =>
  storeNeighbours(e.f, storedAs(c), combined(e, c, loadNeighbours, into, from), into)

/** From how many elements on they are copied in bulk. */
const bulk = 32

/** Combines `count` neighbours, at most `most`; the three locals are used up. */
export const combineRow = (
  e: LaneEmitter,
  c: Combination,
  into: Local,
  from: Local,
  count: Local,
  most: number,
): void => {
  const { f } = e
  const bytes = dtypeBytes(c.into)
  if (c.combine === null && most >= bulk) {
    f.get(into).get(from).get(count).i32(bytes).op(i32Mul).memoryCopy()
    return
  }
  const advance = (elements: number): FunctionBuilder =>
    f.increment(into, elements * bytes).increment(from, elements * dtypeBytes(c.from))
  const four = (): void => {
    combineFour(e, c, into, from)
    advance(4)
  }
  if (most >= 16) whileLeft(f, count, 16, () => [0, 1, 2, 3].forEach(four))
  if (most >= 4) whileLeft(f, count, 4, four)
  whileLeft(f, count, 1, () => {
    combineOne(e, c, into, from)
    advance(1)
  })
}
