import { BoundedCache } from '../core/bounded-cache.js'
import type { Aval } from '../core/dtype.js'
import { keepTensor } from '../core/tensor.js'
import { bind, currentTrace } from '../core/trace.js'
import { type TreeDef, unflatten } from '../tree/tree.js'
import { flattenArguments, flattenResult, type FlatArguments, mergeLeaves } from './arguments.js'
import { type Traced, traceProgram } from './build.js'
import { setCompiled } from './compiled.js'
import type { Program } from './program.js'
import type { NumbersAreStatic } from './static-numbers.js'

export interface JitOptions<S extends readonly number[] = readonly number[]> {
  /** Arguments that are part of the cache key instead of being traced; compared by value, objects by identity. */
  readonly staticArgnums?: S
  /** Arguments whose tensors may be overwritten: using them afterwards throws. */
  readonly donateArgnums?: readonly number[]
}

interface Entry extends Traced {
  readonly def: TreeDef
  readonly result: TreeDef
  readonly statics: readonly unknown[]
}

/** A function traced more often than this is told so. */
const manyTraces = 16
/** Traced forms that one function keeps. */
const manyEntries = 256

const nameOf = (f: { readonly name: string }): string => f.name || 'anonymous'

const traceEntry = <A extends readonly unknown[], R>(
  f: (...args: A) => R,
  label: string,
  flat: FlatArguments,
  args: readonly unknown[],
  staticArgnums: readonly number[],
): Entry => {
  let result: { readonly def: TreeDef; readonly statics: readonly unknown[] } | undefined
  const tracedProgram = traceProgram(
    label,
    flat.tensors.map((t) => t.aval),
    (tracers) => {
      const rebuilt = unflatten(flat.def, mergeLeaves(flat.statics, tracers)) as unknown[]
      const full = rebuilt.map((x, i) => (staticArgnums.includes(i) ? args[i] : x))
      const out = f(...(full as unknown as A))
      if (out instanceof Promise) return out as never
      const flatOut = flattenResult(out)
      result = flatOut
      return flatOut.tensors
    },
  )
  return { ...tracedProgram, def: flat.def, result: result!.def, statics: result!.statics }
}

/**
 * Compiles a function of tensors (and trees of tensors): traced once per combination of argument types, then run as
 * one fused program. The function must be pure; what it does besides computing happens only while tracing. `traceCount`
 * and `lower` tell what became of it.
 */
export const jit = <A extends readonly unknown[], R, const S extends readonly number[] = readonly []>(
  f: (...args: A) => R,
  ...[options = {}]: NumbersAreStatic<A, S, JitOptions<S>>
): ((...args: A) => R) => {
  const name = nameOf(f)
  const label = `jit(${name})`
  const staticArgnums: readonly number[] = options.staticArgnums ?? []
  const cache = new BoundedCache<string, Entry[]>(manyEntries)
  let previous = ''
  let traceCount = 0

  const entryFor = (flat: FlatArguments, args: readonly unknown[]): Entry => {
    const bucket = cache.get(flat.key, () => [])
    const known = bucket.find((e) => e.def.equals(flat.def))
    if (known !== undefined) return known
    traceCount++
    if (traceCount === manyTraces) {
      console.warn(
        `${label}: traced ${manyTraces} times; the types or static values of its arguments keep changing, from (${previous}) to (${flat.key}). Keep shapes fixed, or list what should not be traced in staticArgnums.`,
      )
    }
    const entry = traceEntry(f, label, flat, args, staticArgnums)
    // A program that captured an outer transform's values is of no use outside it.
    if (entry.captured.every((t) => t.concrete)) {
      bucket.push(entry)
      entry.captured.forEach(keepTensor)
    }
    previous = flat.key
    return entry
  }

  const call = (...args: A): R => {
    const flat = flattenArguments(label, args, staticArgnums)
    const { program, captured, result, statics } = entryFor(flat, args)
    const donated =
      // Under a transform the values are still needed: by its program, or by its backward pass.
      options.donateArgnums === undefined || currentTrace() !== null
        ? null
        : donatedInputs(label, args, options.donateArgnums, staticArgnums).map((i) => captured.length + i)
    const outs = bind(
      'jit',
      [...captured, ...flat.tensors],
      donated === null ? { program, name } : { program, name, donated },
    )
    return unflatten(result, mergeLeaves(statics, outs)) as R
  }
  Object.defineProperty(call, 'name', { value: name })
  return setCompiled(call, {
    traceCount: () => traceCount,
    lower: (args) => entryFor(flattenArguments(label, args, staticArgnums), args).program,
  })
}

/** The positions, among all tensors of the arguments, of those of donated arguments. */
const donatedInputs = (
  label: string,
  args: readonly unknown[],
  donated: readonly number[],
  staticArgnums: readonly number[],
): number[] => {
  let at = 0
  return args.flatMap((arg, i) => {
    if (staticArgnums.includes(i)) return []
    const { length } = flattenArguments(label, [arg]).tensors
    const own = Array.from({ length }, (_, k) => at + k)
    at += length
    return donated.includes(i) ? own : []
  })
}

/** What is known of a value without computing it. */
export type ShapeDtype = Pick<Aval, 'shape' | 'dtype' | 'weak'>

/** The types of a function's results, each tensor replaced by its shape and dtype; nothing is computed. */
export const evalShape = <A extends readonly unknown[], R>(f: (...args: A) => R, ...args: A): unknown => {
  const flat = flattenArguments('evalShape', args)
  const entry = traceEntry(f, `evalShape(${nameOf(f)})`, flat, args, [])
  return unflatten(
    entry.result,
    mergeLeaves(
      entry.statics,
      entry.program.outputs.map((o): ShapeDtype => o.aval),
    ),
  )
}

/** The Program that a function is, for arguments of given types; captured tensors are its leading inputs. */
export const makeProgram =
  <A extends readonly unknown[], R>(f: (...args: A) => R): ((...args: A) => Program) =>
  (...args) =>
    traceEntry(f, `makeProgram(${nameOf(f)})`, flattenArguments('makeProgram', args), args, []).program
