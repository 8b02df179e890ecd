import type { Program } from './program.js'

/** What a compiled function can tell about itself. */
export interface Compiled {
  traceCount(): number
  lower(args: readonly unknown[]): Program
}

const compiled = new WeakMap<object, Compiled>()

/** Makes `f` known to `traceCount` and `lower`. */
export const setCompiled = <F extends object>(f: F, tells: Compiled): F => {
  compiled.set(f, tells)
  return f
}

const compiledOf = (fn: string, f: object): Compiled => {
  const known = compiled.get(f)
  if (known === undefined) {
    const what = typeof f === 'function' ? `the function '${f.name || 'anonymous'}'` : typeof f
    throw new TypeError(`${fn}: expected a function that jit returned, got ${what}; pass what jit(f) gave, not f`)
  }
  return known
}

/**
 * How often a compiled function was traced: once per combination of types, structures and static values. Throws
 * TypeError for a function that is not compiled.
 */
export const traceCount = (f: (...args: never[]) => unknown): number => compiledOf('traceCount', f).traceCount()

/** The program that a call of a compiled function with these arguments runs; nothing is computed or updated. */
export const lower = <A extends readonly unknown[]>(f: (...args: A) => unknown, ...args: A): Program =>
  compiledOf('lower', f).lower(args)
