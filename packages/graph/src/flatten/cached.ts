import type { GraphDef } from '../graphdef.js'
import type { Variable } from '../variable/variable.js'
import type { Metadata } from '../variable/metadata.js'

/** Where a walk through a GraphDef stands. */
export interface WalkPosition {
  readonly node: number
  readonly attribute: number
  readonly refs: number
}

/** What a walk has met in a node: enough to do without walking it again while its structure stays. */
export interface Visited {
  readonly from: WalkPosition
  readonly to: WalkPosition
  /** The objects numbered, in order. */
  readonly objects: readonly object[]
  readonly leaves: readonly Variable<unknown>[]
  readonly metadata: readonly Metadata<unknown>[]
}

/** A node whose structure does not change, with what the walk through each GraphDef met in it. */
export interface CachedNode {
  readonly visits: WeakMap<GraphDef, Visited>
}

let active: ReadonlyMap<object, CachedNode> | null = null

/** The cached nodes of the running `cachedPartial`. */
export const cachedNodes = (): ReadonlyMap<object, CachedNode> | null => active

/** Runs `f` with these nodes known not to change their structure. */
export const withCachedNodes = <R>(nodes: ReadonlyMap<object, CachedNode>, f: () => R): R => {
  const outer = active
  active = outer === null ? nodes : new Map([...outer, ...nodes])
  try {
    return f()
  } finally {
    active = outer
  }
}

let edits = 0

/** How often a node has been given other attributes by a transform's way back. */
export const editCount = (): number => edits

/** For `refill`. */
export const noteEdit = (): void => {
  edits++
}
