import type { Local } from '../asm/function.js'
import type { LaneEmitter } from './lane-emitter.js'
import { madd, polynomial } from './polynomial.js'
import {
  abs,
  add,
  addI,
  and,
  atLeast,
  atMost,
  div,
  keep,
  mul,
  or,
  pick,
  shiftLeft,
  shiftSigned,
  single,
  sub,
  subI,
  type Term,
  word,
} from './term.js'

/** Adding it rounds to a whole number, whose low bits are then those of the sum. */
const magic = 1.5 * 2 ** 23
const one = 0x3f800000
const signBit = 0x80000000

// ln 2 in two parts, of which the first has so few bits that its multiples are exact.
const ln2High = 0.693145751953125
const ln2Low = 1.428606765330187e-6

// e^r = 1 + r + r^2 P(r), for r of at most half of ln 2, with a relative error of 2^-28 (of e^r) and 2^-31 (of e^r - 1).
const exponential = [0.49999994, 0.16666521, 0.041668296, 0.008368716, 0.0013818359]
const exponentialLess1 = [0.5, 0.16666666, 0.041666493, 0.008333543, 0.0013932381, 0.00019764414]
// 2^r = 1 + r Q(r), for r of at most a half.
const exponential2 = [0.6931472, 0.24022648, 0.055503596, 0.009618499, 0.0013390969, 0.00015329264]

interface Reduced {
  /** A whole number n plus `magic`. */
  readonly shifted: Local
  readonly r: Local
  /** What rounding took from r. */
  readonly rest: Term
}

/** x = n ln 2 + r. */
const reduce = (e: LaneEmitter, x: Term): Reduced => {
  const { f } = e
  const c = keep(f, x)
  const shifted = keep(f, madd(e, c, single(Math.LOG2E), single(magic)))
  const n = keep(f, sub(shifted, single(magic)))
  const high = keep(f, madd(e, n, single(-ln2High), c))
  const r = keep(f, madd(e, n, single(-ln2Low), high))
  return { shifted, r, rest: madd(e, n, single(-ln2Low), sub(high, r)) }
}

/** Exponent bits of 2^n, and of two halves of n, whose powers are numbers where 2^n is none. */
const exponent = (shifted: Term): Term => shiftLeft(shifted, 23)
const halves = (e: LaneEmitter, shifted: Term): readonly [Local, Local] => {
  const first = keep(e.f, shiftLeft(shiftSigned(shifted, 1), 23))
  return [first, keep(e.f, subI(exponent(shifted), first))]
}
const powerOf = (exponentBits: Term): Term => addI(exponentBits, word(one))

const scaled = (e: LaneEmitter, y: Term, shifted: Term): Term => {
  const [a, b] = halves(e, shifted)
  return mul(mul(y, powerOf(a)), powerOf(b))
}

const sumOf = (e: LaneEmitter, r: Local, p: readonly number[]): Term => madd(e, mul(r, r), polynomial(e, r, p), r)

/** e^-|x|, to four fifths of the last place: it is rounded again. */
const expOfNegative = (e: LaneEmitter, x: Term): Term => {
  const { shifted, r, rest } = reduce(e, atLeast(or(x, word(signBit)), single(-104)))
  const less1 = add(madd(e, mul(r, r), polynomial(e, r, exponential), rest), r)
  return scaled(e, keep(e.f, add(less1, single(1))), shifted)
}

export const exp = (e: LaneEmitter, x: Term): Term => {
  // The ends give 0 and infinity; a NaN passes both.
  const { shifted, r } = reduce(e, atLeast(atMost(x, single(89)), single(-104)))
  return scaled(e, keep(e.f, add(sumOf(e, r, exponential), single(1))), shifted)
}

/** 1 - e^x, for x between -18 and 0. */
export const lessThanOne = (e: LaneEmitter, x: Term): Term => {
  const { shifted, r } = reduce(e, x)
  const power = keep(e.f, addI(exponent(shifted), word(one | signBit)))
  return madd(e, sumOf(e, r, exponentialLess1), power, add(power, single(1)))
}

export const exp2 = (e: LaneEmitter, x: Local): Term => {
  const { f } = e
  const c = keep(f, atLeast(atMost(x, single(129)), single(-151)))
  const shifted = keep(f, add(c, single(magic)))
  const r = keep(f, sub(c, sub(shifted, single(magic))))
  return scaled(e, keep(f, madd(e, r, polynomial(e, r, exponential2), single(1))), shifted)
}

export const expm1 = (e: LaneEmitter, x: Local): Term => {
  const { f } = e
  const { shifted, r } = reduce(e, atLeast(atMost(x, single(89)), single(-18)))
  const [a, b] = halves(e, shifted)
  const first = keep(f, powerOf(a))
  // 2^n (e^r - 1) + (2^n - 1), divided by the second half's power.
  const sum = madd(e, sumOf(e, r, exponentialLess1), first, sub(first, subI(word(one), b)))
  return or(mul(sum, powerOf(b)), and(x, word(signBit)))
}

/** (e^2x - 1) / (e^2x + 1). */
export const tanh = (e: LaneEmitter, x: Local): Term => {
  const { f } = e
  const size = keep(f, abs(x))
  const { shifted, r } = reduce(e, atMost(add(size, size), single(20)))
  const power = keep(f, powerOf(exponent(shifted)))
  const t = keep(f, madd(e, sumOf(e, r, exponentialLess1), power, sub(power, single(1))))
  return or(div(t, add(t, single(2))), and(x, word(signBit)))
}

/** 1 / (1 + e^-x), as e^x / (1 + e^x) for negative x: its digits stay where it is small. */
export const logistic = (e: LaneEmitter, x: Local): Term => {
  const { f } = e
  const z = keep(f, expOfNegative(e, x))
  const below = keep(f, add(single(1), z))
  const quotient = keep(f, div(pick(shiftSigned(x, 31), z, single(1)), below))
  // What the sum lost matters where z is small: there it is as much of the quotient.
  const gained = sub(sub(below, single(1)), z)
  return madd(e, quotient, gained, quotient)
}
