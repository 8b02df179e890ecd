import type { Tensor } from '../core/tensor.js'
import type { Traced } from './build.js'
import { hasEffect } from './effects.js'
import { evaluateProgram } from './evaluate.js'
import { type Atom, eliminateDeadCode, type Equation, type Program, type Var } from './program.js'

/** A loop body cut in two. */
export interface Split {
  /** From the constants: what they alone determine of what the rest uses. */
  readonly outside: Program
  /** The body with those values as inputs right behind its constants. */
  readonly inside: Program
}

/**
 * Cuts off what a body computes from its first inputs, the `constants`, alone. Operations without operands are of no
 * account themselves: they stay, and what is made of them goes.
 */
export const splitInvariants = (body: Program, constants: number): Split => {
  const fixed = new Set<Atom>(body.inputs.slice(0, constants))
  const made = new Set<Atom>()
  const outside: Equation[] = []
  const inside: Equation[] = []
  for (const eqn of body.equations) {
    const isFixed = eqn.inputs.every((x) => x.kind === 'literal' || fixed.has(x)) && !hasEffect(eqn)
    const isMade = isFixed && eqn.inputs.some((x) => x.kind === 'var')
    if (isFixed) outside.push(eqn)
    if (!isMade) inside.push(eqn)
    for (const o of eqn.outputs) {
      if (isFixed) fixed.add(o)
      if (isMade) made.add(o)
    }
  }
  const read = new Set<Atom>([...inside.flatMap((e) => e.inputs), ...body.outputs])
  const used = [...read].filter((x): x is Var => made.has(x))
  const lead = body.inputs.slice(0, constants)
  return {
    outside: eliminateDeadCode({ inputs: lead, equations: outside, outputs: used }),
    inside: eliminateDeadCode({
      inputs: [...lead, ...used, ...body.inputs.slice(constants)],
      equations: inside,
      outputs: body.outputs,
    }),
  }
}

/**
 * Moves what a loop body computes from its captured values alone out of the loop: it is computed once, here, and the
 * body gets it as one more captured value.
 */
export const hoistInvariants = (body: Program, captured: readonly Tensor[]): Traced => {
  const { outside, inside } = splitInvariants(body, captured.length)
  return withoutUnused(inside, [...captured, ...evaluateProgram(outside, captured)])
}

/** Leaves out captured values that the body does not use. */
const withoutUnused = (program: Program, captured: readonly Tensor[]): Traced => {
  const used = new Set<Atom>([...program.equations.flatMap((e) => e.inputs), ...program.outputs])
  const keep = (i: number): boolean => i >= captured.length || used.has(program.inputs[i]!)
  return {
    program: { ...program, inputs: program.inputs.filter((_, i) => keep(i)) },
    captured: captured.filter((_, i) => keep(i)),
  }
}
