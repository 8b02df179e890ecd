import type { Callee, FunctionBuilder, Local, ValueType } from '../asm/function.js'
import type { ModuleBuilder } from '../asm/module.js'

/**
 * Four elements: one vector, or for float64 two of two. Bool is a mask per element, integers of every width are 32-bit
 * words with the (wrapped, extended) value, float16 and bfloat16 are float32 numbers that are already rounded.
 */
export type Lanes = readonly Local[]

/** What the code of an operation is written into, and what it may use. A `Target` with a function is one. */
export interface LaneEmitter {
  readonly f: FunctionBuilder
  readonly module: ModuleBuilder
  /** Whether polynomials may use fused multiply-add. */
  readonly fma: boolean
  /** A function of `hostFunctions`. */
  host(name: string): Callee
}

const functions = new WeakMap<ModuleBuilder, Map<string, Callee>>()

/** A function of the module that operations share: written the first time it is asked for. */
export const shared = (
  e: LaneEmitter,
  name: string,
  params: readonly ValueType[],
  results: readonly ValueType[],
  emit: (e: LaneEmitter) => void,
): Callee => {
  let known = functions.get(e.module)
  if (known === undefined) functions.set(e.module, (known = new Map()))
  const made = known.get(name)
  if (made !== undefined) return made
  const f = e.module.function(params, results)
  known.set(name, f)
  emit({ f, module: e.module, fma: e.fma, host: (host) => e.host(host) })
  return f
}
