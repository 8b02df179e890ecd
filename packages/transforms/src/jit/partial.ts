import { flatten, UpdateContext } from '@linum/graph'
import { GraphError, Tensor } from '@linum/tensor'
import { BoundedCache, flattenArguments, type FlatArguments, setCompiled } from '@linum/tensor/core'
import { withoutStatics } from '../lift/arguments.js'
import { takeValues, type Values } from '../lift/values.js'
import { argumentsKept } from '../lift/write-back.js'
import { capturesOnlyConstants, sameType } from './cache.js'
import { type Entry, traceEntry } from './entry.js'
import type { JitOptions } from './jit.js'
import { runAny, runSimple } from './run.js'

/** The parameters of F after its first ones, which are P. */
type Remaining<F extends readonly unknown[], P extends readonly unknown[]> = F extends readonly [
  ...{ readonly [K in keyof P]: unknown },
  ...infer R,
]
  ? R
  : never

/** The first parameters of F, as many as there are in P. */
type First<F extends readonly unknown[], P extends readonly unknown[]> = {
  readonly [K in keyof P]: K extends keyof F ? F[K] : never
}

const manyEntries = 256

/**
 * `jit` with its first arguments given once and for all: they are taken apart here instead of at each call, which costs
 * a large model nothing then. Their Variables are read and written at each call as ever; their structure and static
 * attributes stay those of now, and a function that edits them throws GraphError. The other arguments hold no modules and
 * no Variables. `staticArgnums` counts all parameters of `f`.
 */
export const jitPartial = <F extends readonly unknown[], R, const P extends readonly unknown[]>(
  f: (...args: F) => R,
  first: P & First<F, P>,
  { staticArgnums = [] }: JitOptions = {},
): ((...rest: Remaining<F, P>) => R) => {
  const label = `jitPartial(${f.name || 'anonymous'})`
  const given = withoutStatics(label, first, staticArgnums)
  const context = new UpdateContext()
  const { leaves } = context.outerSplit().flatten(given)
  const statics = staticArgnums.filter((n) => n >= first.length).map((n) => n - first.length)
  const cache = new BoundedCache<string, { readonly entry: Entry; readonly def: FlatArguments['def'] }[]>(manyEntries)
  let traceCount = 0

  const entryFor = (rest: readonly unknown[], own: Values): { readonly entry: Entry; readonly flat: FlatArguments } => {
    checkRest(label, rest, first.length, statics)
    const flat = flattenArguments(label, rest, statics)
    const bucket = cache.get(flat.key, () => [])
    const known = bucket.find(
      ({ entry, def }) => def.equals(flat.def) && own.tensors.every((t, i) => sameType(t.aval, entry.values.avals[i]!)),
    )
    if (known !== undefined) return { entry: known.entry, flat }
    traceCount++
    const entry = traceEntry(
      f as (...args: never[]) => unknown,
      label,
      [...first, ...rest],
      [...given, ...withoutStatics(label, rest, statics)],
      staticArgnums,
    )
    if (!argumentsKept(entry.pair, entry.outer))
      throw new GraphError(
        `${label}: the function changed the structure or a static attribute of an argument given beforehand, which is not allowed; use jit for a function that edits modules`,
      )
    if (capturesOnlyConstants(entry)) bucket.push({ entry, def: flat.def })
    return { entry, flat }
  }

  const call = (...rest: Remaining<F, P>): R => {
    const own = takeValues(leaves)
    const { entry, flat } = entryFor(rest, own)
    const values: Values = {
      tensors: [...own.tensors, ...flat.tensors],
      shapes: [...own.shapes, ...flat.tensors.map(() => null)],
    }
    return entry.simple === null
      ? runAny<R>(entry, values, context, f.name)
      : runSimple<R>(entry, [...leaves, ...flat.tensors], values, f.name)
  }
  Object.defineProperty(call, 'name', { value: f.name })
  return setCompiled(call, {
    traceCount: () => traceCount,
    lower: (rest) => entryFor(rest, takeValues(leaves)).entry.traced.program,
  })
}

const checkRest = (label: string, rest: readonly unknown[], offset: number, statics: readonly number[]): void =>
  rest.forEach((arg, i) => {
    if (statics.includes(i) || typeof arg !== 'object' || arg === null || arg instanceof Tensor) return
    const found = flattenNodes(arg)
    if (found !== null)
      throw new GraphError(
        `${label}: argument ${i + offset} holds a ${found}; modules and Variables are only among the arguments given beforehand, here or with jit`,
      )
  })

/** The class of the first object with identity in a value, or null. */
const flattenNodes = (arg: object): string | null => {
  const def = flatten([arg]).graphdef.nodes.find(
    (d) => d.kind === 'variable' || (d.kind === 'node' && d.index !== null),
  )
  return def === undefined || !('type' in def) ? null : def.type.name
}
