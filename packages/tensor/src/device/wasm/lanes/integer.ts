import { dtypeBytes, isSigned, type StoredDType } from '../../../core/dtype.js'
import { v128 } from '../asm/function.js'
import { i32Shl, i32ShrS, i32ShrU, i32x4ExtractLane, i32x4ReplaceLane, v128AnyTrue } from '../asm/opcodes.js'
import { knownConstant } from './constant.js'
import { type LaneEmitter, type Lanes, shared } from './lane-emitter.js'
import {
  addD,
  and,
  andNot,
  assign,
  call,
  divD,
  double,
  doubleHigh,
  doubleHighUnsigned,
  doubleLow,
  doubleLowUnsigned,
  eqI,
  gtI,
  keep,
  lowWords,
  mulI,
  not,
  pick,
  put,
  shiftLeft,
  shiftRight,
  shiftSigned,
  subI,
  type Term,
  truncD,
  word,
} from './term.js'

/** A 32-bit result wrapped to its dtype, and extended again. */
export const wrap = (dtype: StoredDType, x: Term): Term => {
  const unused = 32 - 8 * dtypeBytes(dtype)
  if (unused === 0) return x
  return isSigned(dtype) ? shiftSigned(shiftLeft(x, unused), unused) : and(x, word(2 ** (32 - unused) - 1))
}

/** An integer of a float64 in its low word, modulo 2^32; 0 for infinities and NaN. */
const integerBits = (x: Term): Term => addD(truncD(x), double(1.5 * 2 ** 52))

/** The quotient towards zero, modulo 2^32; 0 over 0. Float64 decides it: 32-bit integers are never closer to a whole quotient. */
const quotient = (dtype: StoredDType, a: Term, b: Term): Term => {
  const [low, high] = dtype === 'uint32' ? [doubleLowUnsigned, doubleHighUnsigned] : [doubleLow, doubleHigh]
  return lowWords(integerBits(divD(low(a), low(b))), integerBits(divD(high(a), high(b))))
}

export const divide = (e: LaneEmitter, dtype: StoredDType, [a]: Lanes, [b]: Lanes): Lanes => [
  keep(e.f, wrap(dtype, quotient(dtype, a!, b!))),
]

/** What division leaves, with the dividend's sign; 0 over 0. */
export const remainder = (e: LaneEmitter, dtype: StoredDType, [a]: Lanes, [b]: Lanes): Lanes => [
  keep(e.f, andNot(subI(a!, mulI(quotient(dtype, a!, b!), b!)), eqI(b!, word(0)))),
]

/** Powers by squaring, modulo 2^32. Negative exponents give what 1 / x truncates to. */
const emitPower = ({ f }: LaneEmitter, signed: boolean): void => {
  const [base, exponent] = [0, 1]
  const result = keep(f, word(1))
  const square = keep(f, base)
  const left = keep(f, exponent)
  f.loop(() => {
    assign(f, result, pick(eqI(and(left, word(1)), word(0)), result, mulI(result, square)))
    assign(f, square, mulI(square, square))
    assign(f, left, shiftRight(left, 1))
    f.get(left).op(v128AnyTrue).branchIf(0)
  })
  const unit = pick(
    eqI(base, word(-1)),
    subI(word(1), shiftLeft(and(exponent, word(1)), 1)),
    and(eqI(base, word(1)), word(1)),
  )
  put(f, signed ? pick(gtI(word(0), exponent), unit, result) : result)
}

export const integerPower = (e: LaneEmitter, dtype: StoredDType, [a]: Lanes, [b]: Lanes): Lanes => {
  const signed = isSigned(dtype)
  const f = shared(e, `power of ${signed ? 'signed' : 'unsigned'} integers`, [v128, v128], [v128], (own) =>
    emitPower(own, signed),
  )
  return [keep(e.f, wrap(dtype, call(f, a!, b!)))]
}

export type Shift = 'shift_left' | 'shift_right_logical' | 'shift_right_arithmetic'

const vectorShifts: Readonly<Record<Shift, (a: Term, by: number) => Term>> = {
  shift_left: shiftLeft,
  shift_right_logical: shiftRight,
  shift_right_arithmetic: shiftSigned,
}
const wordShifts: Readonly<Record<Shift, number>> = {
  shift_left: i32Shl,
  shift_right_logical: i32ShrU,
  shift_right_arithmetic: i32ShrS,
}

/** Every element by an amount of its own; amounts of 32 and more (also negative ones) leave 0, or the sign. */
const shiftEach = (e: LaneEmitter, op: Shift): Term => {
  const { f } = e
  const [x, amount] = [0, 1]
  const inside = keep(f, eqI(and(amount, word(~31)), word(0)))
  const by = op === 'shift_right_arithmetic' ? keep(f, pick(inside, amount, word(31))) : amount
  const out = keep(f, word(0))
  for (let lane = 0; lane < 4; lane++) {
    f.get(out).get(x).lane(i32x4ExtractLane, lane).get(by).lane(i32x4ExtractLane, lane)
    f.op(wordShifts[op]).lane(i32x4ReplaceLane, lane).set(out)
  }
  return op === 'shift_right_arithmetic' ? out : and(out, inside)
}

export const shiftBits = (e: LaneEmitter, op: Shift, dtype: StoredDType, [a]: Lanes, by: Lanes): Lanes => {
  const narrowSigned = isSigned(dtype) && dtype !== 'int32'
  // The bits of narrow signed integers, so that zeros come in from the left.
  const bits: Term = op === 'shift_right_logical' && narrowSigned ? and(a!, word(2 ** (8 * dtypeBytes(dtype)) - 1)) : a!
  const amount = knownConstant(e, by)
  if (amount !== undefined && amount >= 0 && amount < 32)
    return [keep(e.f, wrap(dtype, vectorShifts[op](bits, amount)))]
  const f = shared(e, op, [v128, v128], [v128], (own) => {
    put(own.f, shiftEach(own, op))
  })
  return [keep(e.f, wrap(dtype, call(f, bits, by[0]!)))]
}

/** -1, 0 or 1. */
export const integerSign = (dtype: StoredDType, x: Term): Term =>
  isSigned(dtype) ? subI(gtI(word(0), x), gtI(x, word(0))) : and(not(eqI(x, word(0))), word(1))
