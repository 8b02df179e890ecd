import { isFloat, type StoredDType } from '../../../core/dtype.js'
import type { FunctionBuilder, Local } from '../asm/function.js'
import type { LaneEmitter, Lanes } from './lane-emitter.js'
import { double, keep, single, type Term, word } from './term.js'

const constants = new WeakMap<FunctionBuilder, Map<Local, number>>()

/** The same number in every lane. Its locals must not be written again: operations may use what they hold. */
export const constant = (e: LaneEmitter, dtype: StoredDType, value: number): Lanes => {
  const term: Term = dtype === 'bool' ? word(value === 0 ? 0 : -1) : isFloat(dtype) ? single(value) : word(value)
  if (dtype === 'float64') {
    const both = keep(e.f, double(value))
    return [both, both]
  }
  const local = keep(e.f, term)
  let known = constants.get(e.f)
  if (known === undefined) constants.set(e.f, (known = new Map()))
  known.set(local, value)
  return [local]
}

/** The number that `constant` put into a local. */
export const knownConstant = (e: LaneEmitter, [local]: Lanes): number | undefined => constants.get(e.f)?.get(local!)
