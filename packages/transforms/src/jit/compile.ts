import { flatten, flattenAgainst, UpdateContext, Variable } from '@linum/graph'
import { Tensor } from '@linum/tensor'
import { axisEnvironment, setCompiled } from '@linum/tensor/core'
import { withoutStatics } from '../lift/arguments.js'
import { checkLeaks, takeValues, type Values } from '../lift/values.js'
import { capturesOnlyConstants, EntryCache, sameType } from './cache.js'
import { type Entry, sameStatics } from './entry.js'
import { runAny, runSimple } from './run.js'

export interface CompileOptions {
  readonly label: string
  readonly staticArgnums?: readonly number[]
  /** Whether an entry may serve a later call; where it captured nothing but constants by default. */
  readonly keeps?: (entry: Entry) => boolean
}

/** The values of leaves, where they are one tensor each and of an entry's types. */
const valuesFor = ({ values: { avals, shapes } }: Entry, leaves: readonly unknown[]): Values | null => {
  if (leaves.length !== avals.length) return null
  const tensors: Tensor[] = []
  for (let i = 0; i < leaves.length; i++) {
    const leaf = leaves[i]
    // What is only handed to the program stays unseen.
    const raw: unknown = leaf instanceof Variable ? leaf.stored : leaf
    if (!(raw instanceof Tensor) || !sameType(raw.aval, avals[i]!)) return null
    tensors.push(raw)
  }
  return { tensors, shapes }
}

/** `f` compiled: what `jit` and the transforms that keep what they traced are made of. */
export const compile = <A extends readonly unknown[], R>(
  f: (...args: A) => R,
  { label, staticArgnums = [], keeps = capturesOnlyConstants }: CompileOptions,
): ((...args: A) => R) => {
  const name = f.name || 'anonymous'
  const cache = new EntryCache(f as (...args: never[]) => unknown, { label, staticArgnums, keeps })

  const call = (...args: A): R => {
    const given = withoutStatics(label, args, staticArgnums)
    // Most often nothing but values has changed since the last call.
    const { last } = cache
    if (
      last !== null &&
      last.simple !== null &&
      last.axes === axisEnvironment() &&
      sameStatics(last, args, staticArgnums)
    ) {
      const leaves = flattenAgainst(last.outer, given)
      const values = leaves === null ? null : valuesFor(last, leaves)
      if (leaves !== null && values !== null) {
        checkLeaks(label, values, leaves, last.outer)
        return runSimple<R>(last, leaves, values, name)
      }
    }
    const context = new UpdateContext()
    const { graphdef, leaves } = context.outerSplit().flatten(given)
    const values = takeValues(leaves)
    checkLeaks(label, values, leaves, graphdef)
    const entry = cache.entryFor({ args, given, graphdef, values })
    if (entry.simple === null) return runAny<R>(entry, values, context, name)
    if (keeps(entry)) cache.last = entry
    return runSimple<R>(entry, leaves, values, name)
  }
  Object.defineProperty(call, 'name', { value: name })
  return setCompiled(call, {
    traceCount: () => cache.traceCount,
    lower: (args) => {
      const given = withoutStatics(label, args, staticArgnums)
      const { graphdef, leaves } = flatten(given)
      return cache.entryFor({ args, given, graphdef, values: takeValues(leaves) }).traced.program
    },
  })
}
