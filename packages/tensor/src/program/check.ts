import { sameShape } from '../core/shape.js'
import type { Aval } from '../core/dtype.js'
import type { PrimitiveName } from '../primitives/primitive.js'
import { inferTypes } from '../primitives/type-rules.js'
import { nestedPrograms } from './nested.js'
import type { Atom, Equation, Program } from './program.js'

const describe = (a: Aval): string => `${a.dtype}${a.weak ? '*' : ''}[${a.shape.join(',')}]`

const fail = (pass: string, what: string): never => {
  throw new Error(`checkProgram: after ${pass}, ${what}`)
}

const checkTypes = (pass: string, eqn: Equation, at: number): void => {
  const types = inferTypes(
    eqn.primitive,
    eqn.inputs.map((x) => x.aval),
    eqn.params as never,
  )
  if (types.length !== eqn.outputs.length)
    fail(pass, `equation ${at} (${eqn.primitive}) has ${eqn.outputs.length} results, its rule gives ${types.length}`)
  types.forEach((t, k) => {
    const own = eqn.outputs[k]!.aval
    if (t.dtype !== own.dtype || !sameShape(t.shape, own.shape))
      fail(pass, `result ${k} of equation ${at} (${eqn.primitive}) is ${describe(own)}, its rule gives ${describe(t)}`)
  })
}

/** Primitives that keep their names but take words where their type rules ask for keys. */
const takesWords: ReadonlySet<PrimitiveName> = new Set<PrimitiveName>(['random_bits', 'random_split', 'random_fold_in'])

/**
 * Throws unless a program is well formed: every variable is bound once and before its use, and every equation's results
 * have the types that its primitive's rule gives. `pass` names what made the program. With `lowered`, keys have become
 * words, which the random primitives and programs inside others take for keys.
 */
export const checkProgram = (program: Program, pass: string, lowered = false): void => {
  const bound = new Set<Atom>()
  const bind = (v: Atom, what: string): void => {
    if (bound.has(v)) fail(pass, `${what} is bound twice`)
    bound.add(v)
  }
  const use = (x: Atom, what: string): void => {
    if (x.kind === 'var' && !bound.has(x)) fail(pass, `${what} is used before it is bound`)
  }
  program.inputs.forEach((v, i) => bind(v, `input ${i}`))
  program.equations.forEach((eqn, at) => {
    eqn.inputs.forEach((x, k) => use(x, `operand ${k} of equation ${at} (${eqn.primitive})`))
    const wordy = lowered && (takesWords.has(eqn.primitive) || nestedPrograms(eqn.params).length > 0)
    if (!wordy) checkTypes(pass, eqn, at)
    for (const inner of nestedPrograms(eqn.params)) checkProgram(inner, `${pass}, inside ${eqn.primitive}`)
    eqn.outputs.forEach((o, k) => bind(o, `result ${k} of equation ${at} (${eqn.primitive})`))
  })
  program.outputs.forEach((o, i) => use(o, `output ${i}`))
}
