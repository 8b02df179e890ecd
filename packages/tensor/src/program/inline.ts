import type { PrimitiveName } from '../primitives/primitive.js'
import { calledProgram, isCall } from './nested.js'
import { type Atom, type Equation, makeEquation, makeVar, type Program, type Var } from './program.js'

/**
 * Replaces calls of programs by their equations, at every depth, so that passes see one flat list. With `inlined` calls
 * of these kinds alone: what is still to be differentiated must keep the calls that have derivatives of their own.
 */
export const inlineCalls = (program: Program, inlined: (name: PrimitiveName) => boolean = isCall): Program => {
  if (!program.equations.some((e) => inlined(e.primitive))) return program
  const equations: Equation[] = []
  const splice = (p: Program, env: Map<Atom, Atom>): void => {
    const read = (x: Atom): Atom => env.get(x) ?? x
    for (const eqn of p.equations) {
      const inputs = eqn.inputs.map(read)
      const inner = inlined(eqn.primitive) ? calledProgram(eqn.primitive, eqn.params) : null
      if (inner !== null) {
        const scope = new Map<Atom, Atom>(inner.inputs.map((v, i) => [v, inputs[i]!]))
        splice(inner, scope)
        eqn.outputs.forEach((o, i) => {
          const result = inner.outputs[i]!
          env.set(o, scope.get(result) ?? result)
        })
      } else {
        const outputs = eqn.outputs.map((o): Var => makeVar(o.aval))
        equations.push(makeEquation(eqn.primitive, eqn.params as never, inputs, outputs))
        eqn.outputs.forEach((o, i) => env.set(o, outputs[i]!))
      }
    }
  }
  const env = new Map<Atom, Atom>()
  splice(program, env)
  return { inputs: program.inputs, equations, outputs: program.outputs.map((o) => env.get(o) ?? o) }
}
