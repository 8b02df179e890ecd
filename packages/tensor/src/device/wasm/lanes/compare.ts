import { isFloat, type StoredDType } from '../../../core/dtype.js'
import * as code from '../asm/opcodes.js'
import type { LaneEmitter, Lanes } from './lane-emitter.js'
import { abs, absD, binary, double, keep, lowWords, lt, ltD, maskHigh, maskLow, pick, single } from './term.js'

export type Comparison = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge'
type Codes = Readonly<Record<Comparison, number>>

const ofFloat: Codes = {
  eq: code.f32x4Eq,
  ne: code.f32x4Ne,
  lt: code.f32x4Lt,
  le: code.f32x4Le,
  gt: code.f32x4Gt,
  ge: code.f32x4Ge,
}
const ofDouble: Codes = {
  eq: code.f64x2Eq,
  ne: code.f64x2Ne,
  lt: code.f64x2Lt,
  le: code.f64x2Le,
  gt: code.f64x2Gt,
  ge: code.f64x2Ge,
}
const ofSigned: Codes = {
  eq: code.i32x4Eq,
  ne: code.i32x4Ne,
  lt: code.i32x4LtS,
  le: code.i32x4LeS,
  gt: code.i32x4GtS,
  ge: code.i32x4GeS,
}
/** Of words and of masks, where true is -1. */
const ofUnsigned: Codes = {
  eq: code.i32x4Eq,
  ne: code.i32x4Ne,
  lt: code.i32x4LtU,
  le: code.i32x4LeU,
  gt: code.i32x4GtU,
  ge: code.i32x4GeU,
}

export const compare = (e: LaneEmitter, op: Comparison, dtype: StoredDType, a: Lanes, b: Lanes): Lanes => {
  if (dtype === 'float64') {
    const test = binary(ofDouble[op])
    return [keep(e.f, lowWords(test(a[0]!, b[0]!), test(a[1]!, b[1]!)))]
  }
  const codes = isFloat(dtype) ? ofFloat : dtype === 'uint32' || dtype === 'bool' ? ofUnsigned : ofSigned
  return [keep(e.f, binary(codes[op])(a[0]!, b[0]!))]
}

export const isFinite = (e: LaneEmitter, dtype: StoredDType, x: Lanes): Lanes => [
  keep(
    e.f,
    dtype === 'float64'
      ? lowWords(ltD(absD(x[0]!), double(Infinity)), ltD(absD(x[1]!), double(Infinity)))
      : lt(abs(x[0]!), single(Infinity)),
  ),
]

export const select = (e: LaneEmitter, dtype: StoredDType, [mask]: Lanes, a: Lanes, b: Lanes): Lanes =>
  dtype === 'float64'
    ? [keep(e.f, pick(maskLow(mask!), a[0]!, b[0]!)), keep(e.f, pick(maskHigh(mask!), a[1]!, b[1]!))]
    : [keep(e.f, pick(mask!, a[0]!, b[0]!))]
