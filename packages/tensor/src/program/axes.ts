import { Tied } from '../primitives/custom.js'
import type { PrimitiveName } from '../primitives/primitive.js'
import { carriesProgram, nestedPrograms, rulePrograms } from './nested.js'
import type { Program } from './program.js'

const none: readonly string[] = []

/** Primitives that name axes. */
const naming: ReadonlySet<PrimitiveName> = new Set<PrimitiveName>(['psum', 'pmax', 'pmin', 'all_gather', 'axis_index'])

const ownAxes = (params: object): readonly string[] =>
  'names' in params ? (params.names as readonly string[]) : 'name' in params ? [params.name as string] : none

const known = new WeakMap<Program, readonly string[]>()

/**
 * Adds what a program names, programs inside it included; `seen` stops at rules that refer to themselves. Whether all
 * of it was there to be read: a rule may be in the making.
 */
const collect = (program: Program, seen: Set<Program>, out: Set<string>): boolean => {
  if (seen.has(program)) return true
  seen.add(program)
  let complete = true
  for (const { primitive, params } of program.equations) {
    if (params === null) continue
    if (naming.has(primitive)) ownAxes(params).forEach((a) => out.add(a))
    if (!carriesProgram(primitive)) continue
    if ('rule' in params && params.rule instanceof Tied && params.rule.made === null) complete = false
    for (const p of [...nestedPrograms(params), ...rulePrograms(params)]) complete = collect(p, seen, out) && complete
  }
  return complete
}

const axesOf = (program: Program): readonly string[] => {
  const axes = known.get(program)
  if (axes !== undefined) return axes
  const out = new Set<string>()
  const complete = collect(program, new Set(), out)
  const found = out.size === 0 ? none : [...out]
  if (complete) known.set(program, found)
  return found
}

/** The named axes that an application of a primitive uses, itself or in its programs. */
export const axesUsed = (name: PrimitiveName, params: unknown): readonly string[] => {
  // Most primitives, at every application of which this runs.
  if (!(naming.has(name) || carriesProgram(name))) return none
  if (naming.has(name)) return ownAxes(params as object)
  if (name === 'jit') return axesOf((params as { readonly program: Program }).program)
  const axes = [...nestedPrograms(params), ...rulePrograms(params)].flatMap(axesOf)
  return axes.length === 0 ? none : [...new Set(axes)]
}
