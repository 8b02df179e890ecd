import type { StoredDType } from '../../../core/dtype.js'
import type { LaneEmitter, Lanes } from './lane-emitter.js'
import {
  abs,
  add,
  addI,
  and,
  atLeast,
  atMost,
  eq,
  gt,
  gtI,
  keep,
  lt,
  mul,
  or,
  pick,
  shiftLeft,
  shiftRight,
  single,
  sub,
  subI,
  type Term,
  word,
} from './term.js'

const infinityBits = 0x7f800000
const signBit = 0x80000000

/** A float32 as the nearest float16, ties to even, still in float32. */
const roundFloat16 = (e: LaneEmitter, x: Term): Term => {
  const v = keep(e.f, x)
  // Adding 1.5 * 2^13 times its power of two rounds a number to eleven bits. Below 2^-14 the spacing stays; above 2^16 all is infinite.
  const magic = keep(
    e.f,
    mul(atMost(atLeast(and(v, word(infinityBits)), single(2 ** -14)), single(2 ** 16)), single(1.5 * 2 ** 13)),
  )
  const rounded = sub(add(v, magic), magic)
  const overflown = mul(mul(rounded, single(2 ** 112)), single(2 ** -112))
  return or(overflown, and(v, word(signBit)))
}

/** A float32 as the nearest bfloat16, ties to even, still in float32. */
const roundBFloat16 = (e: LaneEmitter, x: Term): Term => {
  const v = keep(e.f, x)
  const odd = and(shiftRight(v, 16), word(1))
  return pick(eq(v, v), and(addI(v, addI(odd, word(0x7fff))), word(0xffff0000)), v)
}

/** A float32 result rounded to a narrower float. */
export const roundTo = (e: LaneEmitter, dtype: StoredDType, x: Term): Term =>
  dtype === 'float16' ? roundFloat16(e, x) : dtype === 'bfloat16' ? roundBFloat16(e, x) : x

/** The numbers whose 16 bits are in the low halves of words (the upper halves are ignored). */
export const widen = (e: LaneEmitter, dtype: 'float16' | 'bfloat16', [bits]: Lanes): Lanes => {
  if (dtype === 'bfloat16') return [keep(e.f, shiftLeft(bits!, 16))]
  const magnitude = keep(e.f, and(bits!, word(0x7fff)))
  const finite = mul(shiftLeft(magnitude, 13), single(2 ** 112))
  const special = and(gtI(magnitude, word(0x7bff)), word(infinityBits))
  return [keep(e.f, or(or(finite, special), and(shiftLeft(bits!, 16), word(signBit))))]
}

/** The 16 bits of numbers that are already rounded, in the low halves of words whose upper halves are zero. */
export const narrow = (e: LaneEmitter, dtype: 'float16' | 'bfloat16', [x]: Lanes): Lanes => {
  const { f } = e
  if (dtype === 'bfloat16') {
    const quiet = pick(eq(x!, x!), word(0), word(0x40))
    return [keep(f, or(shiftRight(x!, 16), quiet))]
  }
  const magnitude = keep(f, abs(x!))
  const normal = shiftRight(subI(magnitude, word(0x38000000)), 13)
  // Below the normal numbers the spacing is 2^-24, which is float32's at one half.
  const subnormal = subI(add(magnitude, single(0.5)), word(0x3f000000))
  const finite = pick(lt(magnitude, single(2 ** -14)), subnormal, normal)
  const large = pick(gt(magnitude, single(65504)), word(0x7c00), finite)
  const value = pick(eq(x!, x!), large, word(0x7e00))
  return [keep(f, or(value, shiftRight(and(x!, word(signBit)), 16)))]
}
