import type { Aval, TypedArray } from '../core/dtype.js'
import { baseTrace } from '../core/trace.js'
import type { Tensor } from '../core/tensor.js'
import type { EffectParams } from '../primitives/effect.js'
import { nestedPrograms } from './nested.js'
import type { Equation, Program } from './program.js'

const known = new WeakMap<Program, boolean>()

/** Whether a program, or one inside it, does something besides computing. */
export const programHasEffect = (program: Program): boolean => {
  let has = known.get(program)
  if (has === undefined) known.set(program, (has = program.equations.some(hasEffect)))
  return has
}

/** Whether an equation does something besides computing its results, so that it must run, once, and in order. */
export const hasEffect = (eqn: Equation): boolean =>
  eqn.primitive === 'debug_callback' || nestedPrograms(eqn.params).some(programHasEffect)

type Call = EffectParams['debug_callback']

/** Calls the host function on concrete values: once per entry of the mapped axes. */
export const callHost = ({ callback, batched }: Call, values: readonly Tensor[]): void => {
  const [flags, ...inner] = batched
  if (flags === undefined) return callback.call(values)
  const size = values.find((_, i) => flags[i] === true)?.shape[0] ?? 0
  for (let n = 0; n < size; n++) {
    callHost(
      { callback, batched: inner },
      values.map((x, i) => (flags[i] === true ? x.slice(n) : x)),
    )
  }
}

let waiting: (() => void)[] = []

/** Notes a call for when the program that is running has ended: the function may run programs itself. */
export const postpone = (params: Call, avals: readonly Aval[], arrays: readonly TypedArray[]): void => {
  const values = arrays.map((a, i) => baseTrace().upload(a, avals[i]!))
  waiting.push(() => callHost(params, values))
}

/** Makes the calls that were noted, in their order. */
export const runPostponed = (): void => {
  while (waiting.length > 0) {
    const calls = waiting
    waiting = []
    for (const call of calls) call()
  }
}
