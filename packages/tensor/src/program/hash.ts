import { isRoutineObject, routineKey } from '../primitives/routine.js'
import { calledProgram, isProgram } from './nested.js'
import type { Atom, Program } from './program.js'

/** A parameter as text that is equal exactly for equal values. */
export const paramKey = (value: unknown): string => {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? `'${value}'` : String(value)
  if (Array.isArray(value)) {
    let key = '['
    for (const x of value as readonly unknown[]) key += `${paramKey(x)},`
    return `${key}]`
  }
  if (isProgram(value)) return programKey(value)
  if (isRoutineObject(value)) return routineKey(value)
  let key = '{'
  for (const name of Object.keys(value))
    key += `${name}:${paramKey((value as Readonly<Record<string, unknown>>)[name])},`
  return `${key}}`
}

const keys = new WeakMap<Program, string>()

/**
 * Text that two programs share exactly when they are the same up to the names of their variables. Of a
 * call only the program counts that it runs, not its name nor how it is differentiated.
 */
export const programKey = (program: Program): string => {
  const known = keys.get(program)
  if (known !== undefined) return known
  const ids = new Map<Atom, number>()
  const define = (v: Atom): string => {
    ids.set(v, ids.size)
    return `${v.aval.dtype}${v.aval.weak ? '*' : ''}${v.aval.shape.join('x')}`
  }
  const use = (x: Atom): string => (x.kind === 'literal' ? `#${paramKey(x.value)}:${x.aval.dtype}` : `%${ids.get(x)}`)
  let key = ''
  for (const v of program.inputs) key += `${define(v)},`
  for (const eqn of program.equations) {
    const called = calledProgram(eqn.primitive, eqn.params)
    const params = called !== null ? programKey(called) : eqn.params === null ? '' : paramKey(eqn.params)
    key += `;${eqn.primitive}(${params})`
    for (const x of eqn.inputs) key += `${use(x)},`
    key += '>'
    for (const v of eqn.outputs) key += `${define(v)},`
  }
  key += ';'
  for (const x of program.outputs) key += `${use(x)},`
  keys.set(program, key)
  return key
}
