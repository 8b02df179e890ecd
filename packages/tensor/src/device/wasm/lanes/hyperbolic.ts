import type { Local } from '../asm/function.js'
import { expD, logD, seriesBelow } from './double.js'
import type { LaneEmitter } from './lane-emitter.js'
import { polynomialD } from './polynomial.js'
import { absD, addD, and, divD, double, keep, longWord, ltD, mulD, or, sqrtD, subD, type Term } from './term.js'

const signOf = (x: Term): Term => and(x, longWord(0x80000000))

/** x plus x^3 times a series in x^2. */
const oddSeries = (e: LaneEmitter, x: Local, coefficients: readonly number[]): Term => {
  const square = keep(e.f, mulD(x, x))
  return mulD(x, polynomialD(e, square, [1, ...coefficients]))
}

export const sinhD = (e: LaneEmitter, x: Local): Term => {
  const power = keep(e.f, expD(e, absD(x)))
  const large = or(mulD(double(0.5), subD(power, divD(double(1), power))), signOf(x))
  return seriesBelow(2 ** -6, x, oddSeries(e, x, [1 / 6, 1 / 120, 1 / 5040]), large)
}

export const coshD = (e: LaneEmitter, x: Local): Term => {
  const power = keep(e.f, expD(e, absD(x)))
  return mulD(double(0.5), addD(power, divD(double(1), power)))
}

export const asinhD = (e: LaneEmitter, x: Local): Term => {
  const size = keep(e.f, absD(x))
  const large = or(logD(e, addD(size, sqrtD(addD(mulD(size, size), double(1))))), signOf(x))
  return seriesBelow(2 ** -6, x, oddSeries(e, x, [-1 / 6, 3 / 40, -15 / 336, 105 / 3456]), large)
}

export const acoshD = (e: LaneEmitter, x: Local): Term =>
  or(logD(e, addD(x, sqrtD(mulD(subD(x, double(1)), addD(x, double(1)))))), ltD(x, double(1)))

export const atanhD = (e: LaneEmitter, x: Local): Term => {
  const size = keep(e.f, absD(x))
  const large = mulD(double(0.5), logD(e, divD(addD(double(1), size), subD(double(1), size))))
  return seriesBelow(2 ** -6, x, oddSeries(e, x, [1 / 3, 1 / 5, 1 / 7, 1 / 9]), or(large, signOf(x)))
}
