import type { StoredDType } from '../../../core/dtype.js'
import { roundTo } from './half.js'
import type { LaneEmitter, Lanes } from './lane-emitter.js'
import {
  addD,
  addL,
  and,
  double,
  eqI,
  gtD,
  keep,
  longWord,
  ltD,
  mulD,
  narrowPair,
  not,
  or,
  pick,
  shuffle,
  subD,
  type Term,
  widenHigh,
  widenLow,
  word,
  xor,
} from './term.js'

/**
 * x * y + z of float32 numbers in float64, to be rounded once to float32. The product is exact; the sum is rounded to
 * odd (its last bit set where it is inexact), so that rounding it again decides every tie rightly.
 */
const roundedToOdd = (e: LaneEmitter, x: Term, y: Term, z: Term): Term => {
  const { f } = e
  const c = keep(f, z)
  const product = keep(f, mulD(x, y))
  const sum = keep(f, addD(product, c))
  const taken = keep(f, subD(sum, product))
  const error = keep(f, addD(subD(product, subD(sum, taken)), subD(c, taken)))
  // Comparisons are false for the NaN that an infinite sum leaves.
  const above = keep(f, gtD(error, double(0)))
  const inexact = or(above, ltD(error, double(0)))
  const isEven = keep(f, eqI(and(sum, longWord(0, 1)), word(0)))
  const even = shuffle(isEven, isEven, [0, 0, 2, 2])
  const outwards = not(xor(above, gtD(sum, double(0))))
  return addL(sum, and(and(inexact, even), pick(outwards, longWord(0, 1), longWord(-1, -1))))
}

/** x * y + z, rounded once; in float64 twice. */
export const fma = (e: LaneEmitter, dtype: StoredDType, x: Lanes, y: Lanes, z: Lanes): Lanes => {
  if (dtype === 'float64') return x.map((a, k) => keep(e.f, addD(mulD(a, y[k]!), z[k]!)))
  const of = (widen: (a: Term) => Term): Term => roundedToOdd(e, widen(x[0]!), widen(y[0]!), widen(z[0]!))
  return [keep(e.f, roundTo(e, dtype, keep(e.f, narrowPair(of(widenLow), of(widenHigh)))))]
}
