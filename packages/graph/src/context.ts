import type { Filter } from '@linum/filters'
import { GraphError, TraceError } from '@linum/tensor'
import { currentTrace } from '@linum/tensor/core'
import { flatten, type Flat, type RefIndex } from './flatten/flatten.js'
import { type IndexRef, unflatten } from './flatten/unflatten.js'
import { leavesOf } from './functional/leaves.js'
import { splitFlat } from './functional/split-flat.js'
import type { GraphDef } from './graphdef.js'
import type { Split } from './state/state-of.js'
import { Variable } from './variable/variable.js'

/** Takes several values apart with one numbering, so that what they share becomes a reference in the later ones. */
export interface SplitContext {
  readonly refIndex: RefIndex
  /** GraphDef and live leaves. */
  flatten<M>(node: M): Flat<M>
  /** GraphDef and one State per filter. */
  split<M, const Fs extends readonly Filter[]>(node: M, ...filters: Fs): Split<M, Fs>
}

/** Puts together, in the same order, what a SplitContext took apart; what was shared is shared again. */
export interface MergeContext {
  readonly indexRef: IndexRef
  unflatten<M>(graphdef: GraphDef<M>, leaves: readonly unknown[]): M
  merge<M>(graphdef: GraphDef<M>, ...states: readonly object[]): M
}

const newSplitContext = (
  refIndex: RefIndex,
  outerIndex: ReadonlyMap<object, number> | undefined,
  check: (leaf: unknown) => void,
): SplitContext => {
  const take = <M>(node: M): Flat<M> => {
    const flat = flatten(node, { refIndex, outerIndex })
    flat.leaves.forEach(check)
    return flat
  }
  return {
    refIndex,
    flatten: take,
    split: <M, const Fs extends readonly Filter[]>(node: M, ...filters: Fs): Split<M, Fs> =>
      splitFlat(take(node), filters) as unknown as Split<M, Fs>,
  }
}

const newMergeContext = (indexRef: IndexRef, outerRefs: ReadonlyMap<number, object> | undefined): MergeContext => ({
  indexRef,
  unflatten: (graphdef, leaves) => unflatten(graphdef, leaves, { indexRef, outerRefs }),
  merge: (graphdef, ...states) => unflatten(graphdef, leavesOf(graphdef, states), { indexRef, outerRefs }),
})

/** A numbering of its own, for values that are taken apart together. */
export const splitContext = (): SplitContext => newSplitContext(new Map(), undefined, () => undefined)

/** The way back from a `splitContext`. */
export const mergeContext = (): MergeContext => newMergeContext(new Map(), undefined)

const checkLevel = (leaf: unknown): void => {
  if (leaf instanceof Variable && leaf.createdIn !== currentTrace()) {
    throw new TraceError(
      `Cannot extract graph node from different trace level, got ${leaf.type.name}; pass the object that holds it to the transformed function as an argument`,
    )
  }
}

/**
 * The four steps that lift a function of plain values to one of graphs, edits included: outer split of the arguments,
 * inner merge, inner split of arguments and results, outer merge into the original objects. Each step is one context
 * used for all values in order; the steps run in this order.
 */
export class UpdateContext {
  readonly #outer: RefIndex = new Map()
  readonly #inner: IndexRef = new Map()

  /** Step 1, outside: numbers the arguments' objects. */
  outerSplit(): SplitContext {
    return newSplitContext(this.#outer, undefined, () => undefined)
  }

  /** Step 2, inside: makes inner objects with the same numbers. */
  innerMerge(): MergeContext {
    return newMergeContext(this.#inner, undefined)
  }

  /**
   * Step 3, inside: records in each definition which outer object it is. Throws TraceError for a Variable that was
   * captured instead of passed.
   */
  innerSplit(): SplitContext {
    return newSplitContext(new Map(), new Map([...this.#inner].map(([index, value]) => [value, index])), checkLevel)
  }

  /** Step 4, outside: the outer objects are refilled and keep their identity; what is new is created. */
  outerMerge(): MergeContext {
    return newMergeContext(new Map(), new Map([...this.#outer].map(([value, index]) => [index, value])))
  }
}

/** Runs `f` on inner copies of the arguments and carries every change back; `transform` wraps the pure part. */
export const withUpdates = <A extends readonly unknown[], R>(
  f: (...args: A) => R,
  args: A,
  transform: (run: () => void) => void = (run) => run(),
): R => {
  const context = new UpdateContext()
  const outer = context.outerSplit().flatten(args)
  let inner: Flat<readonly [A, R]> | undefined
  transform(() => {
    const innerArgs = context.innerMerge().unflatten(outer.graphdef, outer.leaves)
    inner = context.innerSplit().flatten([innerArgs, f(...innerArgs)] as const)
  })
  if (inner === undefined) throw new TypeError('withUpdates: the transform did not run the function; call `run` once')
  const [, out] = context.outerMerge().unflatten(inner.graphdef, inner.leaves)
  return out
}

const running = new Map<unknown, UpdateContext[]>()

/** Runs `f` with a context that functions inside find by its tag; of nested ones with one tag, the innermost. */
export const updateContext = <R>(tag: unknown, f: (context: UpdateContext) => R): R => {
  const stack = running.get(tag) ?? []
  running.set(tag, stack)
  const context = new UpdateContext()
  stack.push(context)
  try {
    return f(context)
  } finally {
    stack.pop()
    if (stack.length === 0) running.delete(tag)
  }
}

/** The context of the running `updateContext` with this tag. Throws GraphError where none runs. */
export const currentUpdateContext = (tag: unknown): UpdateContext => {
  const context = running.get(tag)?.at(-1)
  if (context === undefined)
    throw new GraphError(`No update context found for tag '${String(tag)}'; call this inside updateContext(tag, f)`)
  return context
}
