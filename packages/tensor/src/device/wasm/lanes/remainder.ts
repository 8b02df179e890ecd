import type { Local } from '../asm/function.js'
import { v128AnyTrue, i32Eqz } from '../asm/opcodes.js'
import type { LaneEmitter } from './lane-emitter.js'
import {
  absD,
  and,
  assign,
  atLeastD,
  divD,
  double,
  geD,
  gtD,
  keep,
  longWord,
  ltD,
  mulD,
  not,
  or,
  pick,
  subD,
  type Term,
  truncD,
} from './term.js'

/**
 * What whole multiples of y leave of x, with the sign of x, for float32 numbers in float64. Each round takes a multiple
 * of y times a power of two that goes less than 2^28 times into what is left: quotient, product and difference are exact.
 */
export const remainderD = (e: LaneEmitter, x: Local, y: Local): Term => {
  const { f } = e
  const divisor = keep(f, absD(y))
  const left = keep(f, absD(x))
  const isDefined = keep(f, and(ltD(left, double(Infinity)), gtD(divisor, double(0))))
  f.block(() => {
    f.loop(() => {
      const goesIn = keep(f, and(geD(left, divisor), isDefined))
      f.get(goesIn).op(v128AnyTrue).op(i32Eqz).branchIf(1)
      const power = and(divD(left, divisor), longWord(0x7ff00000))
      const step = keep(f, mulD(divisor, atLeastD(mulD(power, double(2 ** -27)), double(1))))
      assign(f, left, pick(goesIn, subD(left, mulD(truncD(divD(left, step)), step)), left))
      f.branch(0)
    })
  })
  return or(or(left, and(x, longWord(0x80000000))), not(isDefined))
}
