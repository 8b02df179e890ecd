import type { Local } from '../asm/function.js'
import { atanD, atanInside } from './double.js'
import type { LaneEmitter } from './lane-emitter.js'
import {
  absD,
  addD,
  and,
  atLeastD,
  atMostD,
  divD,
  double,
  eqD,
  gtD,
  keep,
  longWord,
  mulD,
  neD,
  or,
  pick,
  shiftSigned,
  shuffle,
  sqrtD,
  subD,
  type Term,
} from './term.js'

const signBit = longWord(0x80000000)
const signOf = (x: Term): Term => and(x, signBit)

export const atanOfAny = (e: LaneEmitter, x: Local): Term => or(atanD(e, absD(x)), signOf(x))

export const asinD = (e: LaneEmitter, x: Local): Term => {
  const size = keep(e.f, absD(x))
  const cosine = sqrtD(mulD(subD(double(1), size), addD(double(1), size)))
  return or(atanD(e, divD(size, cosine)), signOf(x))
}

/** Twice the arctangent of the root of (1 - x) / (1 + x): all digits stay next to 1. */
export const acosD = (e: LaneEmitter, x: Local): Term =>
  mulD(double(2), atanD(e, sqrtD(divD(subD(double(1), x), addD(double(1), x)))))

export const atan2D = (e: LaneEmitter, y: Local, x: Local): Term => {
  const { f } = e
  const [height, width] = [keep(f, absD(y)), keep(f, absD(x))]
  const larger = keep(f, atLeastD(height, width))
  const smaller = keep(f, atMostD(height, width))
  // Two zeros are as an angle of 0, two infinities as one of pi / 4.
  const quotient = pick(eqD(larger, smaller), double(1), divD(smaller, larger))
  const ratio = keep(f, pick(eqD(larger, double(0)), double(0), quotient))
  const angle = keep(f, atanInside(e, ratio))
  const first = keep(f, pick(gtD(height, width), subD(double(Math.PI / 2), angle), angle))
  // -0 counts as negative.
  const signs = keep(f, shiftSigned(x, 31))
  const isNegative = shuffle(signs, signs, [1, 1, 3, 3])
  const turned = keep(f, pick(isNegative, subD(double(Math.PI), first), first))
  const isNaN = or(neD(x, x), neD(y, y))
  return or(or(turned, signOf(y)), isNaN)
}
