import type { Local } from '../asm/function.js'
import { expD, logD } from './double.js'
import type { LaneEmitter } from './lane-emitter.js'
import { absD, and, andNot, double, eqD, floorD, gtD, keep, longWord, ltD, mulD, or, pick, type Term } from './term.js'

const signBit = longWord(0x80000000)

/** IEEE pow. */
export const powD = (e: LaneEmitter, x: Local, y: Local): Term => {
  const { f } = e
  const size = keep(f, absD(x))
  const power = expD(e, mulD(y, logD(e, size)))
  // 1 to any power is 1, also to an infinite one; a NaN power of -1 is NaN.
  const unit = and(eqD(size, double(1)), eqD(y, y))
  const positive = pick(unit, double(1), power)
  const half = keep(f, mulD(y, double(0.5)))
  const isWhole = keep(f, eqD(floorD(y), y))
  const isOdd = andNot(isWhole, eqD(floorD(half), half))
  // A negative finite number to a fraction has no value.
  const undefinedBase = and(ltD(x, double(0)), gtD(x, double(-Infinity)))
  const signed = or(or(positive, and(isOdd, and(x, signBit))), andNot(undefinedBase, isWhole))
  const one = or(eqD(y, double(0)), eqD(x, double(1)))
  return pick(one, double(1), signed)
}

export const cbrtD = (e: LaneEmitter, x: Local): Term =>
  or(expD(e, mulD(double(1 / 3), logD(e, absD(x)))), and(x, signBit))
