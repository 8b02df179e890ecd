import { v128AnyTrue } from '../asm/opcodes.js'
import type { LaneEmitter } from './lane-emitter.js'
import { put, type Term } from './term.js'

/** Runs code for cases so rare that they may branch: where a mask holds in any lane. What is left in other lanes must not change. */
export const where = (e: LaneEmitter, rare: Term, emit: () => void): void => {
  put(e.f, rare).op(v128AnyTrue)
  e.f.if(emit)
}
