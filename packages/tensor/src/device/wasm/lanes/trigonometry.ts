import { type Local, v128 } from '../asm/function.js'
import { reduceAngle } from './angle.js'
import { type LaneEmitter, shared } from './lane-emitter.js'
import { madd, maddD, polynomial, polynomialD } from './polynomial.js'
import {
  addI,
  and,
  call,
  divD,
  double,
  eqI,
  keep,
  maskHigh,
  maskLow,
  mul,
  mulD,
  narrowPair,
  negD,
  or,
  pick,
  put,
  shiftLeft,
  single,
  type Term,
  type Unary,
  widenHigh,
  widenLow,
  word,
  xor,
} from './term.js'

const signBit = 0x80000000

// sin r = r + r^3 S(r^2) and cos r = 1 + r^2 C(r^2) up to a quarter of pi, with relative errors of 2^-28 and 2^-33.
const sine = [-0.16666655, 0.008332187, -0.00019517895]
const cosine = [-0.5, 0.041666646, -0.001388731, 2.4432331e-5]

/** The sine of the angle, moved by `offset` quarters. */
const wave = (e: LaneEmitter, x: Local, offset: number): Term => {
  const { f } = e
  const { quarter: counted, r } = reduceAngle(e, x)
  const quarter = offset === 0 ? counted : keep(f, addI(counted, word(offset)))
  const square = keep(f, mul(r, r))
  // The sign of r stays where it is zero.
  const ofSine = or(madd(e, mul(square, r), polynomial(e, square, sine), r), and(r, word(signBit)))
  const ofCosine = madd(e, square, polynomial(e, square, cosine), single(1))
  const isEven = eqI(and(quarter, word(1)), word(0))
  return xor(pick(isEven, ofSine, ofCosine), and(shiftLeft(quarter, 30), word(signBit)))
}

export const sin = (e: LaneEmitter, x: Local): Term => wave(e, x, 0)
export const cos = (e: LaneEmitter, x: Local): Term => wave(e, x, 1)

// The series of the sine over r, and of the cosine, in r^2.
const sineD = [1, -1 / 6, 1 / 120, -1 / 5040, 1 / 362880, -1 / 39916800]
const cosineD = [-1 / 2, 1 / 24, -1 / 720, 1 / 40320, -1 / 3628800, 1 / 479001600]

/** In float64 from the reduced angle on. */
const emitTan = (e: LaneEmitter): void => {
  const { f } = e
  const { quarter, r: rest } = reduceAngle(e, 0)
  const isEven = keep(f, eqI(and(quarter, word(1)), word(0)))
  const of = (widen: Unary, mask: Unary): Term => {
    const r = keep(f, widen(rest))
    const square = keep(f, mulD(r, r))
    const sine = keep(f, mulD(r, polynomialD(e, square, sineD)))
    const cosine = keep(f, maddD(e, square, polynomialD(e, square, cosineD), double(1)))
    const even = keep(f, mask(isEven))
    return divD(pick(even, sine, negD(cosine)), pick(even, cosine, sine))
  }
  put(f, narrowPair(of(widenLow, maskLow), of(widenHigh, maskHigh)))
}

export const tan = (e: LaneEmitter, x: Local): Term => call(shared(e, 'tan', [v128], [v128], emitTan), x)
