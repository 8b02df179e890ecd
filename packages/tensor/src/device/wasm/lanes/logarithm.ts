import type { Local } from '../asm/function.js'
import { f32x4ConvertI32x4S } from '../asm/opcodes.js'
import type { LaneEmitter } from './lane-emitter.js'
import { madd, polynomial } from './polynomial.js'
import {
  add,
  addI,
  and,
  eq,
  keep,
  lt,
  mul,
  or,
  pick,
  shiftSigned,
  single,
  sub,
  subI,
  type Term,
  unary,
  word,
} from './term.js'

const one = 0x3f800000
const rootHalf = 0x3f3504f3
const signBit = 0x80000000
const smallest = 2 ** -126
/** By how many powers of two subnormal numbers are moved up. */
const scale = 23

const ln2High = 0.693145751953125
const ln2Low = 1.428606765330187e-6

// log(1 + f) = f + f^2 Q(f), for 1 + f between the roots of 1/2 and of 2, with a relative error of 2^-27.
const series = [-0.5, 0.3333333, -0.2500082, 0.20001242, -0.16623409, 0.14201581, -0.13159613, 0.127622, -0.076363996]

/** x = 2^k (1 + f). */
const reduce = (e: LaneEmitter, x: Term): { readonly exponentBits: Local; readonly k: Term; readonly f: Term } => {
  const above = keep(e.f, subI(x, word(rootHalf)))
  const exponentBits = keep(e.f, and(above, word(0xff800000)))
  return {
    exponentBits,
    k: unary(f32x4ConvertI32x4S)(shiftSigned(above, 23)),
    f: sub(subI(x, exponentBits), single(1)),
  }
}

/** log(2^k (1 + f)). */
const sum = (e: LaneEmitter, fraction: Term, exponent: Term): Term => {
  const f = keep(e.f, fraction)
  const k = keep(e.f, exponent)
  const small = mul(k, single(ln2Low))
  return madd(e, k, single(ln2High), add(madd(e, mul(f, f), polynomial(e, f, series), small), f))
}

/** The results for infinity, NaN, zero and what is negative, without branches: they cost more than what they skip. */
const withEnds = (x: Term, zero: number, finite: Term): Term => {
  const known = pick(lt(x, single(Infinity)), finite, x)
  return or(add(known, and(eq(x, single(zero)), single(-Infinity))), lt(x, single(zero)))
}

export const log = (e: LaneEmitter, x: Local): Term => {
  const tiny = keep(e.f, lt(x, single(smallest)))
  const { f, k } = reduce(e, keep(e.f, mul(x, addI(word(one), and(tiny, word(scale << 23))))))
  return withEnds(x, 0, sum(e, f, sub(k, and(tiny, single(scale)))))
}

/** The rounding error of 1 + x goes into the fraction, as long as it matters. */
export const log1p = (e: LaneEmitter, x: Local): Term => {
  const u = keep(e.f, add(single(1), x))
  const taken = keep(e.f, sub(u, single(1)))
  const error = add(sub(single(1), sub(u, taken)), sub(x, taken))
  const { exponentBits, f, k } = reduce(e, u)
  const correction = and(mul(error, subI(word(one), exponentBits)), lt(x, single(2 ** 24)))
  return or(withEnds(x, -1, sum(e, add(f, correction), k)), and(x, word(signBit)))
}
