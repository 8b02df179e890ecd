import { angle } from './angle.js'
import { basic } from './basic.js'
import { exponential } from './exponential.js'
import { integers } from './integers.js'
import { rounding } from './rounding.js'
import { special } from './special.js'
import { threefry } from './threefry.js'

/** A GLSL function that kernels may call, and what of it a translator has to know. */
export interface Native {
  readonly name: string
  readonly source: string
  /** In words of GLSL. */
  readonly returns: string
  readonly takes: readonly string[]
  /** The functions that its body calls. */
  readonly needs: readonly string[]
}

const parse = (source: string): Native => {
  const match = /^(\w+) (l_\w+)\(([^)]*)\)/.exec(source)
  if (match === null) throw new Error(`webgl2: a native function must begin with its type, got ${source.slice(0, 40)}`)
  const [, returns, name, parameters] = match as unknown as [string, string, string, string]
  return {
    name,
    source,
    returns,
    takes: parameters === '' ? [] : parameters.split(',').map((p) => p.trim().split(' ')[0]!),
    needs: [...new Set(source.match(/\bl_\w+(?=\()/g))].filter((other) => other !== name),
  }
}

let known: ReadonlyMap<string, Native> | null = null
const all = (): ReadonlyMap<string, Native> =>
  (known ??= new Map(
    [basic, rounding, exponential, angle, special, integers, threefry].flat().map((text) => {
      const native = parse(text)
      return [native.name, native] as const
    }),
  ))

/** Integer quotient and remainder, by nesting: a function that takes a call of itself would be kept in a float. */
const numbered = (name: string): Native | null => {
  const match = /^l_(div|mod)\d+$/.exec(name)
  return match === null
    ? null
    : parse(`int ${name}(int x, int by) { return ${match[1] === 'div' ? 'x / by' : 'x - (x / by) * by'}; }`)
}

export const nativeOf = (name: string): Native => {
  const found = all().get(name) ?? numbered(name)
  if (found === null) throw new Error(`webgl2: there is no native function ${name}`)
  return found
}

/** The functions that kernel text calls, and all that those need in an order in which each comes after what it calls. */
export const nativesOf = (text: string): { readonly called: readonly Native[]; readonly needed: readonly Native[] } => {
  const names = [...new Set(text.match(/\bl_\w+(?=\()/g))]
  const needed = new Map<string, Native>()
  const visit = (name: string): void => {
    if (needed.has(name)) return
    const native = nativeOf(name)
    native.needs.forEach(visit)
    needed.set(name, native)
  }
  names.forEach(visit)
  return { called: names.map(nativeOf), needed: [...needed.values()] }
}
