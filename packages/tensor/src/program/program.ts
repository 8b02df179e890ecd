import type { Aval } from '../core/dtype.js'
import { hasEffect } from './effects.js'
import type { PrimitiveName, PrimitiveParams } from '../primitives/primitive.js'

/** A typed name, bound once. */
export interface Var {
  readonly kind: 'var'
  readonly aval: Aval
}

/** A scalar written into the program. */
export interface Literal {
  readonly kind: 'literal'
  readonly value: number | boolean
  readonly aval: Aval
}

export type Atom = Var | Literal

interface EquationOf<K extends PrimitiveName> {
  readonly primitive: K
  readonly params: PrimitiveParams[K]
  readonly inputs: readonly Atom[]
  readonly outputs: readonly Var[]
}

/** One application of a primitive. */
export type Equation = { readonly [K in PrimitiveName]: EquationOf<K> }[PrimitiveName]

/**
 * A function of tensors as plain data: typed variables in single-assignment form, no closures. Devices, rule tables,
 * printers and exporters read it; passes are pure functions from Program to Program.
 */
export interface Program {
  readonly inputs: readonly Var[]
  readonly equations: readonly Equation[]
  readonly outputs: readonly Atom[]
}

export const makeVar = (aval: Aval): Var => ({ kind: 'var', aval })

/** An equation whose primitive and parameters were matched by the caller. */
export const makeEquation = <K extends PrimitiveName>(
  primitive: K,
  params: PrimitiveParams[K],
  inputs: readonly Atom[],
  outputs: readonly Var[],
): Equation => ({ primitive, params, inputs, outputs }) as unknown as Equation

/** Drops equations that no output needs. */
export const eliminateDeadCode = (program: Program): Program => {
  const live = new Set<Atom>(program.outputs)
  const kept: Equation[] = []
  for (let i = program.equations.length - 1; i >= 0; i--) {
    const eqn = program.equations[i]!
    if (!eqn.outputs.some((o) => live.has(o)) && !hasEffect(eqn)) continue
    kept.push(eqn)
    for (const x of eqn.inputs) live.add(x)
  }
  return kept.length === program.equations.length ? program : { ...program, equations: kept.reverse() }
}
