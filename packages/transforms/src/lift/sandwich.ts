import { type Flat, type GraphDef, UpdateContext } from '@linum/graph'
import type { Tensor } from '@linum/tensor'
import { liftArguments } from './arguments.js'
import { checkLeaks, putValues, takeValues, type Values } from './values.js'

/** The arguments of a lifted transform, taken apart: what the pure transform sees are `values.tensors`. */
export interface Extracted {
  readonly label: string
  /** The arguments, numbers as tensors. */
  readonly given: readonly unknown[]
  readonly outer: Flat<readonly unknown[]>
  readonly values: Values
  /** Knows the original objects by their numbers. */
  readonly context: UpdateContext
}

/** What one run of the function left: arguments and result, taken apart. */
export interface Inside<R = unknown> {
  readonly inner: readonly unknown[]
  readonly out: R
  readonly flat: Flat<readonly [readonly unknown[], R]>
  readonly values: Values
}

/** Takes the arguments apart. `isTraced` says in which of them numbers become tensors. */
export const extract = (
  label: string,
  args: readonly unknown[],
  isTraced?: (position: number) => boolean,
): Extracted => {
  const given = liftArguments(label, args, isTraced)
  const context = new UpdateContext()
  const outer = context.outerSplit().flatten(given)
  const values = takeValues(outer.leaves)
  checkLeaks(label, values, outer.leaves, outer.graphdef)
  return { label, given, outer, values, context }
}

/** What a run may look at between the function and the taking apart of what it left. */
export interface RunOptions {
  /** Numbers in the result become tensors. */
  readonly liftsResult?: boolean
  /** Before the function sees the inner arguments. */
  readonly before?: (inner: readonly unknown[]) => void
  /** After it. */
  readonly after?: (inner: readonly unknown[], out: unknown) => void
}

/**
 * Runs `f` on inner copies of the arguments with these tensors in them, inside the pure transform. May be called more
 * than once: each run has copies of its own.
 */
export const runInside = <R>(
  { label, outer, values }: Pick<Extracted, 'label' | 'outer' | 'values'>,
  f: (...args: never[]) => R,
  tensors: readonly Tensor[],
  { liftsResult = false, before, after }: RunOptions = {},
): Inside<R> => {
  const context = new UpdateContext()
  const inner = context.innerMerge().unflatten(outer.graphdef, putValues(values.shapes, tensors))
  before?.(inner)
  const returned = f(...(inner as never[]))
  // The trace refuses a promise, and says so better.
  if (returned instanceof Promise) return returned as never
  const out = (liftsResult ? liftArguments(label, [returned])[0] : returned) as R
  after?.(inner, out)
  const flat = context.innerSplit().flatten([inner, out] as const)
  return { inner, out, flat, values: takeValues(flat.leaves) }
}

/** Puts the results of the pure transform into the original objects, and gives the function's own result. */
export const insert = <R>(
  { context }: Pick<Extracted, 'context'>,
  { flat, values }: Pick<Inside<R>, 'flat' | 'values'>,
  tensors: readonly Tensor[],
): R => {
  const [, result] = context
    .outerMerge()
    .unflatten(flat.graphdef as GraphDef<readonly [readonly unknown[], R]>, putValues(values.shapes, tensors))
  return result
}
