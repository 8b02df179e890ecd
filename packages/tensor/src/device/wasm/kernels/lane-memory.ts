import { dtypeBytes, isHalf, isSigned, type StoredDType } from '../../../core/dtype.js'
import { type FunctionBuilder, type Local, v128 } from '../asm/function.js'
import * as code from '../asm/opcodes.js'
import { emitOp } from '../lanes/emit-op.js'
import type { LaneEmitter, Lanes } from '../lanes/lane-emitter.js'

const keep = (f: FunctionBuilder): Local => {
  const local = f.local(v128)
  f.set(local)
  return local
}

/** Four elements as they lie in memory, in the low bytes of the vector on the stack, to lanes. */
const widen = (e: LaneEmitter, dtype: StoredDType): Lanes => {
  const { f } = e
  const bytes = dtypeBytes(dtype)
  const signed = isSigned(dtype) && !isHalf(dtype)
  if (bytes === 1) f.op(signed ? code.i16x8ExtendLowI8x16S : code.i16x8ExtendLowI8x16U)
  if (bytes <= 2) f.op(signed ? code.i32x4ExtendLowI16x8S : code.i32x4ExtendLowI16x8U)
  if (dtype === 'bool') f.i32x4(0).op(code.i32x4Ne)
  return fromWords(e, dtype, keep(f))
}
const fromWords = (e: LaneEmitter, dtype: StoredDType, words: Local): Lanes =>
  isHalf(dtype) ? emitOp(e, 'bitcast', dtype, 'uint16', [[words]]) : [words]

/** Loads four neighbours, the first one at the address in `at`. */
export const loadNeighbours = (e: LaneEmitter, dtype: StoredDType, at: () => void): Lanes => {
  const { f } = e
  at()
  switch (dtypeBytes(dtype)) {
    case 8: {
      f.memory(code.v128Load)
      const low = keep(f)
      at()
      f.memory(code.v128Load, 16)
      return [low, keep(f)]
    }
    case 4:
      f.memory(code.v128Load)
      return [keep(f)]
    case 2:
      f.memory(dtype === 'int16' ? code.v128Load16x4S : code.v128Load16x4U)
      return fromWords(e, dtype, keep(f))
    default:
      f.memory(code.v128Load32Zero)
      return widen(e, dtype)
  }
}

/** Loads one element into all lanes. */
export const loadSplat = (e: LaneEmitter, dtype: StoredDType, at: () => void): Lanes => {
  const { f } = e
  at()
  switch (dtypeBytes(dtype)) {
    case 8: {
      f.memory(code.v128Load64Splat)
      const both = keep(f)
      return [both, both]
    }
    case 4:
      f.memory(code.v128Load32Splat)
      return [keep(f)]
    case 2:
      f.memory(code.v128Load16Splat)
      return widen(e, dtype)
    default:
      f.memory(code.v128Load8Splat)
      return widen(e, dtype)
  }
}

/** Loads an element per lane; `at` pushes the lane's address. */
export const loadEach = (e: LaneEmitter, dtype: StoredDType, at: (lane: number) => void): Lanes => {
  const { f } = e
  const bytes = dtypeBytes(dtype)
  if (bytes === 8)
    return [0, 2].map((first) => {
      at(first)
      f.memory(code.v128Load64Zero)
      const low = keep(f)
      at(first + 1)
      f.get(low).memoryLane(code.v128Load64Lane, 1)
      return keep(f)
    })
  const op = bytes === 4 ? code.v128Load32Lane : bytes === 2 ? code.v128Load16Lane : code.v128Load8Lane
  let packed: Local
  if (bytes === 4) {
    at(0)
    f.memory(code.v128Load32Zero)
  } else {
    at(0)
    f.i32x4(0).memoryLane(op, 0)
  }
  packed = keep(f)
  for (let lane = 1; lane < 4; lane++) {
    at(lane)
    f.get(packed).memoryLane(op, lane)
    packed = keep(f)
  }
  f.get(packed)
  return widen(e, dtype)
}

/** The four elements the other way round. */
export const reverseLanes = (f: FunctionBuilder, lanes: Lanes): Lanes =>
  lanes.length === 2
    ? [lanes[1]!, lanes[0]!].map((x) => {
        f.get(x).get(x).shuffle32(2, 3, 0, 1)
        return keep(f)
      })
    : lanes.map((x) => {
        f.get(x).get(x).shuffle32(3, 2, 1, 0)
        return keep(f)
      })

/** Elements as they will lie in memory: all four together in the low bytes, or two and two. */
export const packLanes = (e: LaneEmitter, dtype: StoredDType, lanes: Lanes): Lanes => {
  const { f } = e
  const bytes = dtypeBytes(dtype)
  if (bytes >= 4) return lanes
  const words = isHalf(dtype) ? emitOp(e, 'bitcast', 'uint16', dtype, [lanes]) : lanes
  f.get(words[0]!).get(words[0]!)
  if (bytes === 2) f.shuffle([0, 1, 4, 5, 8, 9, 12, 13, 0, 1, 4, 5, 8, 9, 12, 13])
  else f.shuffle([0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12])
  if (dtype === 'bool') f.i32x4(0x01010101).op(code.v128And)
  return [keep(f)]
}

/** Stores four packed elements at the address in `at`. */
export const storeNeighbours = (f: FunctionBuilder, dtype: StoredDType, packed: Lanes, at: Local): void => {
  const bytes = dtypeBytes(dtype)
  f.get(at).get(packed[0]!)
  if (bytes === 8) {
    f.memory(code.v128Store)
    f.get(at).get(packed[1]!).memory(code.v128Store, 16)
  } else if (bytes === 4) f.memory(code.v128Store)
  else f.memoryLane(bytes === 2 ? code.v128Store64Lane : code.v128Store32Lane, 0)
}

/** Stores one of four packed elements at its place behind the address in `at`. */
export const storeLane = (f: FunctionBuilder, dtype: StoredDType, packed: Lanes, lane: number, at: Local): void => {
  const bytes = dtypeBytes(dtype)
  const from = bytes === 8 ? packed[lane >> 1]! : packed[0]!
  const op =
    bytes === 8
      ? code.v128Store64Lane
      : bytes === 4
        ? code.v128Store32Lane
        : bytes === 2
          ? code.v128Store16Lane
          : code.v128Store8Lane
  f.get(at)
    .get(from)
    .memoryLane(op, bytes === 8 ? lane & 1 : lane, lane * bytes)
}
