import type { Variable } from './variable.js'

// A method type, so that a Variable of one value type is still one of a wider.
type ValueHookOf<A> = { hook(variable: Variable<A>, value: A): A }['hook']
type AxisHookOf<A> = { hook(variable: Variable<A>, axis: number, name: string | null): void }['hook']

/** Sees a value on its way and may return another one. Of several, each gets what the one before returned. */
export type ValueHook<A = unknown> = ValueHookOf<A> | readonly ValueHookOf<A>[]

/** Called by `addAxis` and `removeAxis`, with the position and the name of the axis. */
export type AxisHook<A = unknown> = AxisHookOf<A> | readonly AxisHookOf<A>[]

/**
 * What a Variable carries beside its value, part of the GraphDef. Any key is allowed; the value hooks see every value
 * as it is created, read and set, the axis hooks are told when a transform stacks or unstacks the Variable.
 */
export interface Metadata<A = unknown> {
  /** Matched by string filters. */
  readonly tag?: string
  readonly onCreateValue?: ValueHook<A>
  readonly onGetValue?: ValueHook<A>
  readonly onSetValue?: ValueHook<A>
  readonly onAddAxis?: AxisHook<A>
  readonly onRemoveAxis?: AxisHook<A>
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

/** The value after one hook or several. */
export const runValueHooks = <A>(hooks: ValueHook<A>, variable: Variable<A>, value: A): A =>
  typeof hooks === 'function' ? hooks(variable, value) : hooks.reduce((current, hook) => hook(variable, current), value)

export const runAxisHooks = <A>(
  hooks: AxisHook<A> | undefined,
  variable: Variable<A>,
  axis: number,
  name: string | null,
): void => {
  if (hooks === undefined) return
  for (const hook of typeof hooks === 'function' ? [hooks] : hooks) hook(variable, axis, name)
}
