import type { FunctionBuilder, Local } from '../asm/function.js'
import * as code from '../asm/opcodes.js'
import type { LaneEmitter } from './lane-emitter.js'
import { add, addD, double, keep, mul, mulD, put, single, type Term } from './term.js'

const fused =
  (op: number, a: Term, b: Term, c: Term): Term =>
  (f) => {
    put(f, a)
    put(f, b)
    put(f, c).op(op)
  }

/** a * b + c, rounded once or twice: for polynomials only. */
export const madd = (e: LaneEmitter, a: Term, b: Term, c: Term): Term =>
  e.fma ? fused(code.f32x4RelaxedMadd, a, b, c) : add(mul(a, b), c)
export const maddD = (e: LaneEmitter, a: Term, b: Term, c: Term): Term =>
  e.fma ? fused(code.f64x2RelaxedMadd, a, b, c) : addD(mulD(a, b), c)

/**
 * Estrin's scheme: halves of the coefficients, joined by powers of x that squaring gives. Few operations wait for each
 * other, so that processors overlap them.
 */
const estrin = (
  f: FunctionBuilder,
  x: Term,
  coefficients: readonly Term[],
  times: (a: Term, b: Term) => Term,
  join: (a: Term, b: Term, c: Term) => Term,
): Term => {
  let terms = coefficients
  for (let power: Local = keep(f, x); terms.length > 1; power = keep(f, times(power, power))) {
    const joined: Term[] = []
    for (let k = 0; k < terms.length; k += 2)
      joined.push(k + 1 < terms.length ? keep(f, join(terms[k + 1]!, power, terms[k]!)) : terms[k]!)
    terms = joined
    if (terms.length === 1) break
  }
  return terms[0]!
}

/** The polynomial whose coefficients are given, the constant one first. */
export const polynomial = (e: LaneEmitter, x: Term, coefficients: readonly number[]): Term =>
  estrin(e.f, x, coefficients.map(single), mul, (a, b, c) => madd(e, a, b, c))
export const polynomialD = (e: LaneEmitter, x: Term, coefficients: readonly number[]): Term =>
  estrin(e.f, x, coefficients.map(double), mulD, (a, b, c) => maddD(e, a, b, c))
