import { type PathKey, toPathKey } from '@linum/filters'
import { type Tensor, treeNode } from '@linum/tensor'
import { immerable } from './immerable.js'
import { inspectState, inspectSymbol } from '../display/inspect.js'
import { compareKeys, sameKeys } from '../keys.js'
import { hashString, hashSeed, mix, type Structural } from '../structural.js'
import type { VariableState } from '../variable/variable-state.js'

/** In types only: tells a State of unknown keys from the State of a class, which has none but its attributes. */
export declare const anyKeys: unique symbol

/**
 * A frozen nested mapping of leaves, the changing half of a graph. It has no methods, so that any attribute name may
 * be a key; functions such as `flatState` and `mapState` work on it. Keys that are canonical integers come first, by
 * value, then strings by code point. `StateOf<M>` is the same with the attributes of a class, and is a State too.
 */
export interface State<Leaf = StateLeaf> {
  readonly [anyKeys]?: true
  readonly [key: string]: State<Leaf> | Leaf | undefined
}

/** A snapshot of a Variable, or the Tensor of an attribute that is no Variable. */
export type StateLeaf = VariableState<unknown> | Tensor

/** Where a State that carries its GraphDef has it. */
export const graphdefKey: unique symbol = Symbol('linum.graphdef')

interface Carrying {
  readonly [graphdefKey]?: Structural
}

class StateKeys implements Structural {
  readonly keys: readonly string[]
  readonly graphdef: Structural | undefined

  constructor(keys: readonly string[], graphdef: Structural | undefined) {
    this.keys = keys
    this.graphdef = graphdef
  }

  equals(other: unknown): boolean {
    if (!(other instanceof StateKeys) || !sameKeys(this.keys, other.keys)) return false
    return this.graphdef === undefined ? other.graphdef === undefined : this.graphdef.equals(other.graphdef)
  }

  toString(): string {
    return `State {${this.keys.join(', ')}}`
  }

  get hash(): number {
    return this.keys.reduce((h, key) => mix(h, hashString(key)), hashSeed)
  }
}

// Without Object.prototype above it: no inherited names, and `__proto__` is a key like any other.
const prototype: object = Object.create(null) as object

interface Draft {
  [key: PathKey]: unknown
}
const Empty = function (this: Draft): void {} as unknown as { new (): Draft; prototype: object }
Empty.prototype = prototype

/** An empty mapping to fill in order of keys and then freeze. */
export const newState = (): Draft => new Empty()

/** With a GraphDef, which no function of States sees but `merge` and those of trees. */
export const carrying = (draft: Draft, graphdef: Structural): Draft =>
  Object.defineProperty(draft, graphdefKey, { value: graphdef })

/** Ends the filling. Integer keys need no order: JavaScript keeps them first and sorted. */
export const freezeState = <Leaf = StateLeaf>(draft: Draft): State<Leaf> =>
  Object.freeze(draft) as object as State<Leaf>

Object.defineProperties(prototype, {
  [immerable]: { value: true },
  [treeNode]: {
    value: {
      flatten: (state: State & Carrying): readonly [readonly unknown[], unknown] => [
        Object.values(state),
        new StateKeys(Object.keys(state), state[graphdefKey]),
      ],
      unflatten: ({ keys, graphdef }: StateKeys, children: readonly unknown[]): State => {
        const draft = newState()
        for (let i = 0; i < keys.length; i++) draft[keys[i]!] = children[i]
        return freezeState(graphdef === undefined ? draft : carrying(draft, graphdef))
      },
      keys: (state: State): readonly PathKey[] => Object.keys(state).map(toPathKey),
    },
  },
  [inspectSymbol]: { value: inspectState },
  [Symbol.toStringTag]: { value: 'State' },
  [Symbol.toPrimitive]: { value: (): string => '[object State]' },
})

/** The State without leaves. */
export const emptyState: State = freezeState(newState())

/** Whether this is a State; plain objects of the same form are not. */
export const isState = (x: unknown): x is State =>
  typeof x === 'object' && x !== null && Object.getPrototypeOf(x) === prototype

export const isEmptyState = (x: unknown): boolean => isState(x) && Object.keys(x).length === 0

const isPlain = (x: object): boolean => {
  const proto: unknown = Object.getPrototypeOf(x)
  return proto === null || proto === Object.prototype
}

/** What stands for a nested level in a state given by hand: a State, a plain object, an array or a Map. */
export const isMapping = (x: unknown): x is object =>
  typeof x === 'object' &&
  x !== null &&
  (Object.getPrototypeOf(x) === prototype || Array.isArray(x) || x instanceof Map || isPlain(x))

/** The entries of a mapping in the order of keys. */
export const mappingEntries = (mapping: object): readonly (readonly [PathKey, unknown])[] => {
  const entries = mapping instanceof Map ? [...mapping] : Object.entries(mapping)
  return entries
    .map(([key, value]): readonly [PathKey, unknown] => [toPathKey(key as PathKey), value])
    .sort((a, b) => compareKeys(a[0], b[0]))
}
