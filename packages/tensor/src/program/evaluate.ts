import type { Tensor } from '../core/tensor.js'
import { baseTrace, bind } from '../core/trace.js'
import type { Atom, Program } from './program.js'

/** Applies every equation of a program to `args` in order; under a trace, that trace interprets them. */
export const evaluateProgram = (program: Program, args: readonly Tensor[]): readonly Tensor[] => {
  const env = new Map<Atom, Tensor>()
  program.inputs.forEach((v, i) => env.set(v, args[i]!))
  const read = (x: Atom): Tensor =>
    x.kind === 'literal' && x.aval.dtype !== 'key'
      ? baseTrace().literal(x.value, x.aval.dtype, x.aval.weak)
      : env.get(x)!
  for (const eqn of program.equations) {
    const outs = bind(eqn.primitive, eqn.inputs.map(read), eqn.params)
    eqn.outputs.forEach((v, i) => env.set(v, outs[i]!))
  }
  return program.outputs.map(read)
}
