import type { Variable } from './variable.js'

/**
 * What a Variable carries beside its value, part of the GraphDef. Any key is allowed; the three hooks see every value
 * as it is created, read and set, and may return another one.
 */
export interface Metadata<A = unknown> {
  /** Matched by string filters. */
  readonly tag?: string
  onCreateValue?(variable: Variable<A>, value: A): A
  onGetValue?(variable: Variable<A>, value: A): A
  onSetValue?(variable: Variable<A>, value: A): A
  readonly [key: string]: unknown
}

/** Shared by all Variables without metadata, so that comparing them is one pointer comparison. */
export const noMetadata: Metadata<never> = Object.freeze({})

/** A frozen copy; keys whose value is undefined are left out. */
export const freezeMetadata = <A>(metadata: Metadata<A>): Metadata<A> => {
  if (metadata === noMetadata || Object.isFrozen(metadata)) return metadata
  const keys = Object.keys(metadata).filter((key) => metadata[key] !== undefined)
  if (keys.length === 0) return noMetadata as Metadata<A>
  return Object.freeze(Object.fromEntries(keys.map((key) => [key, metadata[key]]))) as Metadata<A>
}
