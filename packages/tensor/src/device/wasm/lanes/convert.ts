import { dtypeBytes, isFloat, isHalf, isSigned, rangeOf, type StoredDType } from '../../../core/dtype.js'
import * as code from '../asm/opcodes.js'
import { narrow, roundTo, widen } from './half.js'
import { wrap } from './integer.js'
import type { LaneEmitter, Lanes } from './lane-emitter.js'
import {
  and,
  binary,
  double,
  doubleHigh,
  doubleHighUnsigned,
  doubleLow,
  doubleLowUnsigned,
  keep,
  lowWords,
  maskHigh,
  maskLow,
  narrowPair,
  ne,
  neD,
  not,
  eqI,
  shuffle,
  single,
  type Term,
  unary,
  widenHigh,
  widenLow,
  word,
} from './term.js'

type Conversion = (e: LaneEmitter, dtype: StoredDType, from: StoredDType, x: Lanes) => readonly Term[]

const toBool: Conversion = (_e, _dtype, from, [a, b]) => {
  if (from === 'float64') return [lowWords(neD(a!, double(0)), neD(b!, double(0)))]
  return [isFloat(from) ? ne(a!, single(0)) : not(eqI(a!, word(0)))]
}

/** Towards zero; what lies outside goes to the nearest end, NaN to 0. */
const floatToInteger: Conversion = (_e, dtype, from, [a, b]) => {
  const [low, high] = rangeOf(dtype)
  const saturated = (double: number, one: number): Term =>
    from === 'float64' ? shuffle(unary(double)(a!), unary(double)(b!), [0, 1, 4, 5]) : unary(one)(a!)
  if (dtype === 'uint32') return [saturated(code.i32x4TruncSatF64x2UZero, code.i32x4TruncSatF32x4U)]
  const whole = saturated(code.i32x4TruncSatF64x2SZero, code.i32x4TruncSatF32x4S)
  if (dtype === 'int32') return [whole]
  return [binary(code.i32x4MinS)(binary(code.i32x4MaxS)(whole, word(low)), word(high))]
}

const toInteger: Conversion = (e, dtype, from, x) => {
  if (from === 'bool') return [and(x[0]!, word(1))]
  if (isFloat(from)) return floatToInteger(e, dtype, from, x)
  const [low, high] = rangeOf(dtype)
  const [fromLow, fromHigh] = rangeOf(from)
  return low <= fromLow && fromHigh <= high ? [x[0]!] : [wrap(dtype, x[0]!)]
}

const toDouble: Conversion = (_e, _dtype, from, [x]) => {
  if (from === 'bool') return [and(maskLow(x!), double(1)), and(maskHigh(x!), double(1))]
  if (isFloat(from)) return [widenLow(x!), widenHigh(x!)]
  return from === 'uint32' ? [doubleLowUnsigned(x!), doubleHighUnsigned(x!)] : [doubleLow(x!), doubleHigh(x!)]
}

const toFloat: Conversion = (e, dtype, from, [a, b]) => {
  if (from === 'bool') return [and(a!, single(1))]
  if (from === 'float64') return [roundTo(e, dtype, narrowPair(a!, b!))]
  // Wide integers, other halves and float32 may need rounding.
  if (isFloat(from)) return [roundTo(e, dtype, a!)]
  const number = unary(from === 'uint32' ? code.f32x4ConvertI32x4U : code.f32x4ConvertI32x4S)(a!)
  const exact = dtypeBytes(from) === 1 && (dtype === 'float16' || isSigned(from) || from === 'uint8')
  return [exact ? number : roundTo(e, dtype, number)]
}

export const convert = (e: LaneEmitter, dtype: StoredDType, from: StoredDType, x: Lanes): Lanes => {
  if (from === dtype) return x
  const conversion = dtype === 'bool' ? toBool : dtype === 'float64' ? toDouble : isFloat(dtype) ? toFloat : toInteger
  return conversion(e, dtype, from, x).map((term) => keep(e.f, term))
}

/** The same bits as another dtype of the same width. */
export const bitcast = (e: LaneEmitter, dtype: StoredDType, from: StoredDType, x: Lanes): Lanes => {
  if (from === dtype || dtypeBytes(dtype) >= 4) return x
  const bits = isHalf(from) ? narrow(e, from as 'float16' | 'bfloat16', x) : x
  return isHalf(dtype) ? widen(e, dtype as 'float16' | 'bfloat16', bits) : [keep(e.f, wrap(dtype, bits[0]!))]
}
