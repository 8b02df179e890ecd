import { type Aval, dtypeShort } from '../core/dtype.js'
import { Tied } from '../primitives/custom.js'
import { isRoutineObject } from '../primitives/routine.js'
import { isProgram } from './nested.js'
import type { Atom, Program } from './program.js'

/** a, b, ..., z, aa, ab, ... */
const letters = (n: number): string =>
  (n < 26 ? '' : letters(Math.floor(n / 26) - 1)) + String.fromCharCode(97 + (n % 26))

const typeName = (aval: Aval): string => `${dtypeShort(aval.dtype)}[${aval.shape.join(',')}]`

const printParam = (value: unknown, indent: string): string => {
  if (isProgram(value)) return print(value, `${indent}    `)
  if (isRoutineObject(value)) return value.name
  // May refer to itself.
  if (value instanceof Tied) return '<rule>'
  if (Array.isArray(value))
    return `(${(value as readonly unknown[]).map((v) => printParam(v, indent)).join(', ')}${value.length === 1 ? ',' : ''})`
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
}

const print = (program: Program, indent: string): string => {
  const names = new Map<Atom, string>()
  const bindName = (v: Atom): string => {
    const name = letters(names.size)
    names.set(v, name)
    return `${name}:${typeName(v.aval)}`
  }
  const use = (x: Atom): string =>
    x.kind === 'literal'
      ? `${Object.is(x.value, -0) ? '-0' : String(x.value)}:${typeName(x.aval)}`
      : (names.get(x) ?? '?')
  const inputs = program.inputs.map(bindName).join(' ')
  const lines = program.equations.map((eqn) => {
    const params =
      eqn.params === null ? [] : Object.entries(eqn.params).map(([k, v]) => `${k}=${printParam(v, indent)}`)
    const args = eqn.inputs.map(use)
    return `${indent}    ${eqn.outputs.map(bindName).join(' ')} = ${[eqn.primitive + (params.length > 0 ? `[${params.join(' ')}]` : ''), ...args].join(' ')}`
  })
  const outs = `(${program.outputs.map(use).join(', ')}${program.outputs.length === 1 ? ',' : ''})`
  return lines.length === 0
    ? `{ lambda ; ${inputs}. let in ${outs} }`
    : `{ lambda ; ${inputs}. let\n${lines.join('\n')}\n${indent}  in ${outs} }`
}

/** A program in the notation of JAX's jaxprs: inputs, one line per equation with its types, outputs. */
export const printProgram = (program: Program): string => print(program, '')
