import { hasEffect } from './effects.js'
import { paramKey } from './hash.js'
import { type Atom, type Equation, makeEquation, type Program } from './program.js'

const sameParams = (a: unknown, b: unknown): boolean => a === b || paramKey(a) === paramKey(b)

/** Computes equal things once: equations with the same primitive, parameters and inputs share their first result. */
export const eliminateCommonSubexpressions = (program: Program): Program => {
  const ids = new Map<Atom, string>()
  const id = (x: Atom): string => {
    if (x.kind === 'literal') return `#${paramKey(x.value)}:${x.aval.dtype}${x.aval.weak ? '*' : ''}`
    let key = ids.get(x)
    if (key === undefined) ids.set(x, (key = `%${ids.size}`))
    return key
  }
  const same = new Map<Atom, Atom>()
  const read = (x: Atom): Atom => same.get(x) ?? x
  /** By primitive and inputs; parameters are compared where those are equal. */
  const seen = new Map<string, Equation[]>()
  const equations: Equation[] = []
  for (const eqn of program.equations) {
    const inputs = eqn.inputs.map(read)
    let key: string = eqn.primitive
    for (const x of inputs) key += id(x)
    const alike = seen.get(key)
    const first = alike?.find((e) => sameParams(e.params, eqn.params))
    if (first !== undefined && !hasEffect(eqn)) {
      eqn.outputs.forEach((o, i) => same.set(o, first.outputs[i]!))
      continue
    }
    const kept = inputs.every((x, i) => x === eqn.inputs[i])
      ? eqn
      : makeEquation(eqn.primitive, eqn.params as never, inputs, eqn.outputs)
    if (alike === undefined) seen.set(key, [kept])
    else if (first === undefined) alike.push(kept)
    equations.push(kept)
  }
  return same.size === 0 ? program : { inputs: program.inputs, equations, outputs: program.outputs.map(read) }
}
