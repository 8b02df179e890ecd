import { sameShape } from '../core/shape.js'
import type { PrimitiveName } from '../primitives/primitive.js'
import { type Atom, type Equation, makeEquation, type Program } from './program.js'

const isLiteral = (x: Atom | undefined, value: number): boolean =>
  x !== undefined && x.kind === 'literal' && Object.is(Number(x.value), value)

/** What an equation's only result is known to equal, or null. Only rewrites that are exact for every value, NaN, infinities and -0 included. */
const identityOf = (eqn: Equation, inputs: readonly Atom[]): Atom | null => {
  const [x, y] = inputs
  const out = eqn.outputs[0]
  if (x === undefined || out === undefined) return null
  const keepsType = (a: Atom): boolean => a.aval.dtype === out.aval.dtype && sameShape(a.aval.shape, out.aval.shape)
  switch (eqn.primitive) {
    case 'stop_gradient':
    case 'checkpoint_name':
      return x
    case 'mul':
      return isLiteral(y, 1) && keepsType(x) ? x : isLiteral(x, 1) && y !== undefined && keepsType(y) ? y : null
    case 'div':
    case 'pow':
      return isLiteral(y, 1) && keepsType(x) ? x : null
    case 'sub':
      return isLiteral(y, 0) && keepsType(x) ? x : null
    case 'convert':
    case 'reshape':
    case 'broadcast_in_dim':
      return keepsType(x) ? x : null
    case 'transpose':
      return eqn.params.perm.every((p, i) => p === i) ? x : null
    default:
      return null
  }
}

/** Removes operations that change nothing and joins chains of reshapes and of transposes. */
export const simplify = (program: Program): Program => {
  const same = new Map<Atom, Atom>()
  const read = (x: Atom): Atom => same.get(x) ?? x
  const producer = new Map<Atom, Equation>()
  const equations: Equation[] = []
  for (const eqn of program.equations) {
    const inputs = eqn.inputs.map(read)
    const identity = identityOf(eqn, inputs)
    if (identity !== null) {
      same.set(eqn.outputs[0]!, identity)
      continue
    }
    const kept = joined(eqn, inputs, producer)
    equations.push(kept)
    for (const o of kept.outputs) producer.set(o, kept)
  }
  return { inputs: program.inputs, equations, outputs: program.outputs.map(read) }
}

const joined = (eqn: Equation, inputs: readonly Atom[], producer: ReadonlyMap<Atom, Equation>): Equation => {
  const before = inputs[0] === undefined ? undefined : producer.get(inputs[0])
  if (eqn.primitive === 'reshape' && before?.primitive === 'reshape') {
    return makeEquation('reshape', eqn.params, before.inputs, eqn.outputs)
  }
  if (eqn.primitive === 'transpose' && before?.primitive === 'transpose') {
    return makeEquation(
      'transpose',
      { perm: eqn.params.perm.map((p) => before.params.perm[p]!) },
      before.inputs,
      eqn.outputs,
    )
  }
  if (inputs.every((x, i) => x === eqn.inputs[i])) return eqn
  return makeEquation(eqn.primitive as PrimitiveName, eqn.params as never, inputs, eqn.outputs)
}
