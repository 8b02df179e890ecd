import { type Local, v128, type ValueType } from '../asm/function.js'
import { type LaneEmitter, shared } from './lane-emitter.js'
import { call, keep, narrowPair, put, type Term, widenHigh, widenLow } from './term.js'

/** A function of two float64 numbers, or of two pairs. */
export type EmitWide = (e: LaneEmitter, x: Local, y: Local) => Term

/**
 * A function of float32 vectors by one of float64, where speed matters less than digits. Its code is a function of the
 * module that every use calls.
 */
export const wide =
  (name: string, arity: 1 | 2, emit: EmitWide) =>
  (e: LaneEmitter, x: Local, y: Local): Term => {
    const params: readonly ValueType[] = arity === 1 ? [v128] : [v128, v128]
    const half = shared(e, `${name} of float64`, params, [v128], (own) => put(own.f, emit(own, 0, 1)))
    const whole = shared(e, name, params, [v128], (own) => {
      const of = (widen: (a: Term) => Term): Term =>
        arity === 1 ? call(half, widen(0)) : call(half, widen(0), widen(1))
      put(own.f, narrowPair(of(widenLow), of(widenHigh)))
    })
    return keep(e.f, arity === 1 ? call(whole, x) : call(whole, x, y))
  }
