import { formatPath } from '@linum/filters'
import { type GraphDef, staticHash } from '@linum/graph'
import type { Aval } from '@linum/tensor'
import { axisEnvironment, BoundedCache } from '@linum/tensor/core'
import { sameShapes, type Values, valuesKey } from '../lift/values.js'
import { type Entry, sameStatics, traceEntry } from './entry.js'

/** A function traced more often than this is told so. */
const manyTraces = 16
/** Traced forms that one function keeps. */
const manyEntries = 256

/** A call taken apart. */
export interface Call {
  readonly args: readonly unknown[]
  /** The arguments as a graph: numbers as tensors, static ones left out. */
  readonly given: readonly unknown[]
  readonly graphdef: GraphDef
  readonly values: Values
}

export interface EntryCacheOptions {
  readonly label: string
  readonly staticArgnums: readonly number[]
  /** Whether an entry may serve a later call. */
  readonly keeps: (entry: Entry) => boolean
}

/** A program that captured an outer transform's values is of no use outside it. */
export const capturesOnlyConstants = ({ traced }: Entry): boolean => traced.captured.every((t) => t.concrete)

/** The traced forms of one function: one per combination of structures, types and static values. */
export class EntryCache {
  readonly f: (...args: never[]) => unknown
  readonly options: EntryCacheOptions
  /** The entry that the next call will most likely need. */
  last: Entry | null = null
  traceCount = 0
  readonly #buckets: BoundedCache<string, Entry[]> = new BoundedCache(manyEntries)

  constructor(f: (...args: never[]) => unknown, options: EntryCacheOptions) {
    this.f = f
    this.options = options
  }

  entryFor({ args, given, graphdef, values }: Call): Entry {
    const { label, staticArgnums, keeps } = this.options
    const key = `${axisEnvironment()}${graphdef.hash}${staticArgnums.map((i) => `#${staticHash(args[i])}`).join('')}${valuesKey(values)}`
    const bucket = this.#buckets.get(key, () => [])
    const known = bucket.find(
      (e) =>
        e.outer.equals(graphdef) && sameStatics(e, args, staticArgnums) && sameShapes(e.values.shapes, values.shapes),
    )
    if (known !== undefined) return known
    this.traceCount++
    if (this.traceCount === manyTraces) {
      const what = this.last === null ? 'something' : difference(this.last, graphdef, values)
      console.warn(
        `${label}: traced ${manyTraces} times; ${what} keeps changing. Keep shapes, static attributes and structure fixed, or list what varies in staticArgnums.`,
      )
    }
    const entry = traceEntry(this.f, label, args, given, staticArgnums)
    if (keeps(entry)) {
      bucket.push(entry)
      this.last = entry
    }
    return entry
  }
}

export const sameType = (x: Aval, y: Aval): boolean => {
  if (x === y) return true
  if (x.dtype !== y.dtype || x.weak !== y.weak || x.shape.length !== y.shape.length) return false
  for (let i = 0; i < x.shape.length; i++) if (x.shape[i] !== y.shape[i]) return false
  return true
}

/** The first thing in which a call differs from an earlier one, in words. */
const difference = (last: Entry, graphdef: GraphDef, values: Values): string => {
  if (!last.outer.equals(graphdef)) return 'the structure of the arguments (a static attribute, a class or sharing)'
  const { avals } = last.values
  const at = values.tensors.findIndex((t, i) => avals[i] === undefined || !sameType(t.aval, avals[i]))
  if (at < 0) return 'a static value'
  const path = graphdef.paths[at]
  return `the type of ${path === undefined ? `leaf ${at}` : formatPath(path)} (${String(avals[at]?.shape)} ${avals[at]?.dtype}, then ${String(values.tensors[at]!.shape)} ${values.tensors[at]!.dtype})`
}
