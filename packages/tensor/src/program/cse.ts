import { hasEffect } from './effects.js'
import { paramKey } from './hash.js'
import { type Atom, type Equation, makeEquation, type Program } from './program.js'

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
  const seen = new Map<string, Equation>()
  const equations: Equation[] = []
  for (const eqn of program.equations) {
    const inputs = eqn.inputs.map(read)
    const key = `${eqn.primitive}(${eqn.params === null ? '' : paramKey(eqn.params)})${inputs.map(id).join()}`
    const first = seen.get(key)
    if (first !== undefined && !hasEffect(eqn)) {
      eqn.outputs.forEach((o, i) => same.set(o, first.outputs[i]!))
      continue
    }
    const kept = inputs.every((x, i) => x === eqn.inputs[i])
      ? eqn
      : makeEquation(eqn.primitive, eqn.params as never, inputs, eqn.outputs)
    seen.set(key, kept)
    equations.push(kept)
  }
  return same.size === 0 ? program : { inputs: program.inputs, equations, outputs: program.outputs.map(read) }
}
