import type { LaneEmitter } from './lane-emitter.js'
import { maddD, polynomialD } from './polynomial.js'
import {
  absD,
  addD,
  addL,
  and,
  atLeastD,
  atMostD,
  divD,
  double,
  eqD,
  gtD,
  keep,
  longWord,
  ltD,
  mulD,
  or,
  pick,
  shiftLeftL,
  shiftRightL,
  subD,
  subL,
  type Term,
} from './term.js'

// Functions of two float64 numbers whose results are rounded to float32: relative errors are below 2^-40, and arguments
// are float32 numbers or of their range.

const magic = 1.5 * 2 ** 52
const ln2High = 0.6931471803691238
const ln2Low = 1.9082149292705877e-10

const factorials = (first: number, count: number): readonly number[] => {
  const out: number[] = []
  let factorial = 1
  for (let n = 1; n < first + count; n++) {
    factorial *= n
    if (n >= first) out.push(1 / factorial)
  }
  return out
}
const exponential: readonly number[] = factorials(2, 9)

/** e^x; what float32 cannot hold is 0 or too large for it. */
export const expD = (e: LaneEmitter, x: Term): Term => {
  const { f } = e
  const c = keep(f, atLeastD(atMostD(x, double(700)), double(-700)))
  const shifted = keep(f, maddD(e, c, double(Math.LOG2E), double(magic)))
  const n = keep(f, subD(shifted, double(magic)))
  const r = keep(f, maddD(e, n, double(-ln2Low), maddD(e, n, double(-ln2High), c)))
  const less1 = maddD(e, mulD(r, r), polynomialD(e, r, exponential), r)
  return mulD(addD(less1, double(1)), addL(shiftLeftL(shifted, 52), longWord(0x3ff00000)))
}

const rootHalf = [0x3fe6a09e, 0x667f3bcd] as const
/** 2 / (2k + 3): the series of log((1 + s) / (1 - s)) after its first term. */
const logarithmic: readonly number[] = Array.from({ length: 8 }, (_, k) => 2 / (2 * k + 3))

/** The natural logarithm of zero, infinities, NaN and normal numbers. */
export const logD = (e: LaneEmitter, argument: Term): Term => {
  const { f } = e
  const x = keep(f, argument)
  const above = keep(f, subL(x, longWord(...rootHalf)))
  // The exponent plus 1024, read as a float64 by the number 2^52 around it.
  const biased = shiftRightL(addL(above, longWord(0x40000000)), 52)
  const k = keep(f, subD(or(biased, longWord(0x43300000)), double(2 ** 52 + 1024)))
  const fraction = keep(f, subD(subL(x, and(above, longWord(0xfff00000))), double(1)))
  const s = keep(f, divD(fraction, addD(fraction, double(2))))
  const square = keep(f, mulD(s, s))
  const series = maddD(e, mulD(square, s), polynomialD(e, square, logarithmic), addD(s, s))
  const finite = maddD(e, k, double(ln2High), maddD(e, k, double(ln2Low), series))
  const known = pick(ltD(x, double(Infinity)), finite, x)
  return or(addD(known, and(eqD(x, double(0)), double(-Infinity))), ltD(x, double(0)))
}

// atan(x) / x as a polynomial of x^2 up to 1, with a relative error of 2^-41.
const arctangent = [
  0.9999999999997605, -0.3333333332217436, 0.1999999913554353, -0.14285687732665112, 0.11110681200276387,
  -0.0908667972376726, 0.07664811746868581, -0.06541917741997427, 0.05472050863023262, -0.04256098681793351,
  0.02869463295820482, -0.015466977967037337, 0.006063034328255714, -0.0015069715814847423, 0.00017618822679546216,
]

/** The arctangent of numbers between -1 and 1. */
export const atanInside = (e: LaneEmitter, argument: Term): Term => {
  const x = keep(e.f, argument)
  const square = keep(e.f, mulD(x, x))
  return mulD(x, polynomialD(e, square, arctangent))
}

/** The arctangent of any number that is not negative. */
export const atanD = (e: LaneEmitter, argument: Term): Term => {
  const { f } = e
  const x = keep(f, argument)
  const large = keep(f, gtD(x, double(1)))
  const inside = keep(f, atanInside(e, pick(large, divD(double(1), x), x)))
  return pick(large, subD(double(Math.PI / 2), inside), inside)
}

/** The series for small numbers, else the other: its differences cancel there. */
export const seriesBelow = (limit: number, x: Term, series: Term, otherwise: Term): Term =>
  pick(ltD(absD(x), double(limit)), series, otherwise)
