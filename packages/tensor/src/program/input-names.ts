import type { Atom, Equation, Program } from './program.js'

const names = new WeakMap<Program, () => readonly string[]>()

/** Says what a program's inputs are called where it came from, for messages; `list` runs only if one is written. */
export const nameInputs = (program: Program, list: () => readonly string[]): void => {
  names.set(program, list)
}

/** A program's inputs by name: as they were given, else by position. */
export const inputNames = (program: Program): ReadonlyMap<Atom, string> => {
  const given = names.get(program)?.()
  return new Map(program.inputs.map((v, i) => [v, given?.[i] ?? `input ${i}`]))
}

/** At most this many names: those of a value that everything flows into would fill a page. */
const most = 4

/** The named inputs that an equation's operands were made of, nearest first. */
export const nearestInputs = (
  program: Program,
  equation: Equation,
  named: ReadonlyMap<Atom, string>,
): readonly string[] => {
  const producer = new Map<Atom, Equation>()
  for (const eqn of program.equations) for (const o of eqn.outputs) producer.set(o, eqn)
  const found: string[] = []
  const seen = new Set<Atom>()
  let front: readonly Atom[] = equation.inputs
  while (front.length > 0 && found.length < most) {
    const next: Atom[] = []
    for (const x of front) {
      if (seen.has(x)) continue
      seen.add(x)
      const name = named.get(x)
      if (name === undefined) next.push(...(producer.get(x)?.inputs ?? []))
      else if (found.length < most) found.push(name)
    }
    front = next
  }
  return found
}
