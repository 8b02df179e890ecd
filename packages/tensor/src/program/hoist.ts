import type { Tensor } from '../core/tensor.js'
import type { Traced } from './build.js'
import { evaluateProgram } from './evaluate.js'
import { type Atom, eliminateDeadCode, type Equation, type Var } from './program.js'

/**
 * Moves what a loop body computes from its captured values alone out of the loop: it is computed once, here, and the
 * body gets it as one more captured value.
 */
export const hoistInvariants = (body: Traced['program'], captured: readonly Tensor[]): Traced => {
  const fixed = new Set<Atom>(body.inputs.slice(0, captured.length))
  const outside: Equation[] = []
  const inside: Equation[] = []
  for (const eqn of body.equations) {
    const invariant = eqn.inputs.some((x) => x.kind === 'var') && eqn.inputs.every((x) => x.kind === 'literal' || fixed.has(x))
    ;(invariant ? outside : inside).push(eqn)
    if (invariant) for (const o of eqn.outputs) fixed.add(o)
  }
  if (outside.length === 0) return withoutUnused(body, captured)
  const made = new Set<Atom>(outside.flatMap((e) => e.outputs))
  const used = [...new Set<Atom>([...inside.flatMap((e) => e.inputs), ...body.outputs])].filter((x): x is Var => made.has(x))
  const values = evaluateProgram({ inputs: body.inputs.slice(0, captured.length), equations: outside, outputs: used }, captured)
  const inputs = [...body.inputs.slice(0, captured.length), ...used, ...body.inputs.slice(captured.length)]
  return withoutUnused(eliminateDeadCode({ inputs, equations: inside, outputs: body.outputs }), [...captured, ...values])
}

/** Leaves out captured values that the body does not use. */
const withoutUnused = (program: Traced['program'], captured: readonly Tensor[]): Traced => {
  const used = new Set<Atom>([...program.equations.flatMap((e) => e.inputs), ...program.outputs])
  const keep = (i: number): boolean => i >= captured.length || used.has(program.inputs[i]!)
  return { program: { ...program, inputs: program.inputs.filter((_, i) => keep(i)) }, captured: captured.filter((_, i) => keep(i)) }
}
