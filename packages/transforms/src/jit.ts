import { flatten, flattenAgainst, type GraphDef, staticEqual, staticHash, UpdateContext, Variable } from '@linum/graph'
import type { Aval, Program, Tensor } from '@linum/tensor'
import {
  bind,
  BoundedCache,
  currentTrace,
  type FlatResult,
  flattenResult,
  mergeLeaves,
  type NumbersAreStatic,
  type Traced,
  traceProgram,
} from '@linum/tensor/core'
import { tree } from '@linum/tensor'
import { withoutStatics, withStatics } from './lift/arguments.js'
import {
  checkLeaks,
  putValues,
  sameShapes,
  takeValues,
  typesOf,
  type Values,
  valuesKey,
  type ValueTypes,
} from './lift/values.js'
import { structureKept } from './lift/write-back.js'

export interface JitOptions<S extends readonly number[] = readonly number[]> {
  /** Arguments that are part of the cache key instead of being traced; compared by content where they say how, else by identity. */
  readonly staticArgnums?: S
}

/** A compiled function of graphs: the same parameters and result, plus what it did so far. */
export interface Jitted<A extends readonly unknown[], R> {
  (...args: A): R
  /** How often the function was traced: once per combination of structures, types and static values. */
  readonly traceCount: number
  /** The program that a call with these arguments runs; nothing is updated. */
  lower(...args: A): Program
}

/** Where a value after the call comes from: an input of the program, or one of its outputs. */
type Source = { readonly from: 'input'; readonly at: number } | { readonly from: 'output'; readonly at: number }

/** One traced form of the function. */
interface Entry {
  readonly outer: GraphDef
  readonly values: ValueTypes
  readonly statics: readonly unknown[]
  readonly traced: Traced
  /** [arguments, result] after the call, and where each of its tensors comes from. */
  readonly pair: GraphDef
  readonly shapes: Values['shapes']
  readonly sources: readonly Source[]
  readonly simple: Simple | null
}

/** The way back where the structure stays: which leaves of the arguments change, and the plain result. */
interface Simple {
  readonly writes: readonly { readonly leaf: number; readonly output: number }[]
  readonly result: Pick<FlatResult, 'def' | 'statics'>
  /** Where the result's tensors come from, in the order of its tree. */
  readonly results: readonly Source[]
}

/** A function traced more often than this is told so. */
const manyTraces = 16
/** Traced forms that one function keeps. */
const manyEntries = 256

const isPlainStatic = (x: unknown): boolean => typeof x !== 'object' || x === null

/** What the body of a traced call leaves behind. */
interface Outcome {
  readonly pair: GraphDef
  readonly shapes: Values['shapes']
  readonly sources: readonly Source[]
  /** The result as a tree, where the structure stays and it holds no graph nodes. */
  readonly result: FlatResult | null
  readonly sourceOf: ReadonlyMap<Tensor, Source>
}

const trace = <A extends readonly unknown[], R>(
  f: (...args: A) => R,
  label: string,
  args: readonly unknown[],
  given: readonly unknown[],
  staticArgnums: readonly number[],
): Omit<Entry, 'statics'> => {
  const context = new UpdateContext()
  const outer = context.outerSplit().flatten(given)
  const values = takeValues(outer.leaves)
  let outcome: Outcome | undefined
  const traced = traceProgram(
    label,
    values.tensors.map((t) => t.aval),
    (tracers) => {
      const inner = context.innerMerge().unflatten(outer.graphdef, putValues(values.shapes, tracers))
      const out = f(...(withStatics(inner, args, staticArgnums) as unknown as A))
      if (out instanceof Promise) return out as never
      const pair = context.innerSplit().flatten([inner, out])
      const after = takeValues(pair.leaves)
      const inputs = new Map<Tensor, number>(tracers.map((t, i) => [t, i]))
      const outputs: Tensor[] = []
      const sources = after.tensors.map((t): Source => {
        const at = inputs.get(t)
        return at === undefined ? { from: 'output', at: outputs.push(t) - 1 } : { from: 'input', at }
      })
      const result = structureKept(pair.graphdef, outer.graphdef) ? flattenResult(out) : null
      outcome = {
        pair: pair.graphdef,
        shapes: after.shapes,
        sources,
        result,
        sourceOf: new Map(after.tensors.map((t, i) => [t, sources[i]!])),
      }
      return outputs
    },
  )
  const { pair, shapes, sources } = outcome!
  return {
    outer: outer.graphdef,
    values: typesOf(values),
    traced,
    pair,
    shapes,
    sources,
    simple: simplify(values, outer.leaves, outcome!),
  }
}

/** The fast way back, where there is one: every leaf one tensor, only Variables written, a result without nodes. */
const simplify = (
  values: Values,
  leaves: readonly unknown[],
  { shapes, sources, result, sourceOf }: Outcome,
): Simple | null => {
  if (result === null) return null
  const plain =
    values.shapes.every((s) => s === null) && shapes.every((s) => s === null) && result.statics.every(isPlainStatic)
  if (!plain || sources.length !== leaves.length + result.tensors.length) return null
  const writes: { readonly leaf: number; readonly output: number }[] = []
  for (let i = 0; i < leaves.length; i++) {
    const source = sources[i]!
    if (source.from === 'input' && source.at === i) continue
    if (source.from === 'input' || !(leaves[i] instanceof Variable)) return null
    writes.push({ leaf: i, output: source.at })
  }
  // By value, since a tree lists the keys of an object in another order than a graph does.
  const results = result.tensors.flatMap((t) => sourceOf.get(t) ?? [])
  if (results.length !== result.tensors.length) return null
  return { writes, result: { def: result.def, statics: result.statics }, results }
}

/**
 * Compiles a function of modules, Variables and trees of tensors: traced once per combination of structure and types,
 * then run as one fused program. Updates of Variables, and edits of the graph, appear in the original objects.
 */
export const jit = <A extends readonly unknown[], R, const S extends readonly number[] = readonly []>(
  f: ((...args: A) => R) & NumbersAreStatic<A, S>,
  options: JitOptions<S> = {},
): Jitted<A, R> => {
  const name = f.name || 'anonymous'
  const label = `jit(${name})`
  const staticArgnums: readonly number[] = options.staticArgnums ?? []
  const cache = new BoundedCache<string, Entry[]>(manyEntries)
  let last: Entry | null = null
  let traceCount = 0

  const sameStatics = (entry: Entry, args: readonly unknown[]): boolean =>
    entry.statics.every((s, k) => staticEqual(s, args[staticArgnums[k]!]))

  const entryFor = (args: readonly unknown[], given: readonly unknown[], graphdef: GraphDef, values: Values): Entry => {
    const statics = staticArgnums.map((i) => args[i])
    const key = `${graphdef.hash}${statics.map((x) => `#${staticHash(x)}`).join('')}${valuesKey(values)}`
    const bucket = cache.get(key, () => [])
    const known = bucket.find(
      (e) => e.outer.equals(graphdef) && sameStatics(e, args) && sameShapes(e.values.shapes, values.shapes),
    )
    if (known !== undefined) return known
    traceCount++
    if (traceCount === manyTraces) {
      console.warn(
        `${label}: traced ${manyTraces} times; ${last === null ? 'something' : difference(last, graphdef, values)} keeps changing. Keep shapes, static attributes and structure fixed, or list what varies in staticArgnums.`,
      )
    }
    const entry: Entry = { ...trace(f, label, args, given, staticArgnums), statics }
    // A program that captured an outer transform's values is of no use outside it.
    if (entry.traced.captured.every((t) => t.concrete)) {
      bucket.push(entry)
      last = entry
    }
    return entry
  }

  /** The entry of the last call if nothing but values changed, with the leaves to read from. */
  const repeat = (
    args: readonly unknown[],
    given: readonly unknown[],
  ): { readonly entry: Entry; readonly leaves: readonly unknown[]; readonly values: Values } | null => {
    if (last === null || last.simple === null || !sameStatics(last, args)) return null
    const leaves = flattenAgainst(last.outer, given)
    if (leaves === null) return null
    const values = takeValues(leaves)
    const { avals } = last.values
    const same =
      values.tensors.length === avals.length &&
      values.shapes.every((s) => s === null) &&
      values.tensors.every((t, i) => sameType(t.aval, avals[i]!))
    return same ? { entry: last, leaves, values } : null
  }

  const call = (...args: A): R => {
    const given = withoutStatics(args, staticArgnums)
    const again = repeat(args, given)
    if (again !== null) {
      checkLeaks(label, again.values, again.leaves, again.entry.outer)
      return finishSimple<R>(again.entry, again.leaves, again.values, name)
    }
    const context = new UpdateContext()
    const outer = context.outerSplit().flatten(given)
    const values = takeValues(outer.leaves)
    checkLeaks(label, values, outer.leaves, outer.graphdef)
    const entry = entryFor(args, given, outer.graphdef, values)
    if (entry.simple !== null) {
      if (entry.traced.captured.every((t) => t.concrete)) last = entry
      return finishSimple<R>(entry, outer.leaves, values, name)
    }
    const outs = run(entry, values, name)
    const tensors = entry.sources.map((s) => (s.from === 'input' ? values.tensors[s.at]! : outs[s.at]!))
    const [, result] = context
      .outerMerge()
      .unflatten(entry.pair as GraphDef<readonly [unknown, R]>, putValues(entry.shapes, tensors))
    return result
  }

  const lower = (...args: A): Program => {
    const given = withoutStatics(args, staticArgnums)
    const { graphdef, leaves } = flatten(given)
    return entryFor(args, given, graphdef, takeValues(leaves)).traced.program
  }
  Object.defineProperty(call, 'name', { value: name })
  return Object.defineProperties(call, { traceCount: { get: () => traceCount }, lower: { value: lower } }) as Jitted<
    A,
    R
  >
}

const sameType = (x: Aval, y: Aval): boolean => {
  if (x === y) return true
  if (x.dtype !== y.dtype || x.weak !== y.weak || x.shape.length !== y.shape.length) return false
  for (let i = 0; i < x.shape.length; i++) if (x.shape[i] !== y.shape[i]) return false
  return true
}

const run = (entry: Entry, values: Values, name: string): readonly Tensor[] =>
  bind('jit', [...entry.traced.captured, ...values.tensors], { program: entry.traced.program, name })

/** Runs the program and writes the changed Variables. */
const finishSimple = <R>(entry: Entry, leaves: readonly unknown[], values: Values, name: string): R => {
  const { writes, result, results } = entry.simple!
  // A Variable that may not be written says so before anything has changed.
  const trace = currentTrace()
  for (const { leaf } of writes) {
    const variable = leaves[leaf] as Variable<unknown>
    if (variable.createdIn !== trace) variable.setRaw(variable.raw)
  }
  const outs = run(entry, values, name)
  for (const { leaf, output } of writes) (leaves[leaf] as Variable<unknown>).setRaw(outs[output])
  const tensors = results.map((s) => (s.from === 'input' ? values.tensors[s.at]! : outs[s.at]!))
  return tree.unflatten(result.def, mergeLeaves(result.statics, tensors)) as R
}

/** The first thing in which a call differs from an earlier one, in words. */
const difference = (last: Entry, graphdef: GraphDef, values: Values): string => {
  if (!last.outer.equals(graphdef)) return 'the structure of the arguments (a static attribute, a class or sharing)'
  const { avals } = last.values
  const at = values.tensors.findIndex((t, i) => avals[i] === undefined || !sameType(t.aval, avals[i]))
  if (at < 0) return 'a static value'
  return `the type of ${graphdef.paths[at]?.join('/') ?? `leaf ${at}`} (${String(avals[at]?.shape)} ${avals[at]?.dtype}, then ${String(values.tensors[at]!.shape)} ${values.tensors[at]!.dtype})`
}
