import { toPathKey } from '@linum/filters'
import { produce } from 'immer'
import { compareKeys } from '../keys.js'
import { freezeState, isMapping, isState, mappingEntries, newState, type State } from './state.js'

/** What a recipe may write: the same nesting without readonly, and leaves that a tensor or a snapshot may replace. */
export type StateDraft<S> = S extends { readonly is: { readonly VariableState: true } }
  ? { -readonly [K in keyof S]: S[K] }
  : S extends { readonly asTensor: unknown }
    ? S
    : { -readonly [K in keyof S]: StateDraft<S[K]> }

const inOrder = (keys: readonly string[]): boolean => {
  for (let i = 1; i < keys.length; i++) if (compareKeys(toPathKey(keys[i - 1]!), toPathKey(keys[i]!)) > 0) return false
  return true
}

// A recipe may have added keys at the end and plain objects as levels. What it left alone stays the same object.
const normal = (mapping: object): State => {
  const entries = mappingEntries(mapping).map(
    ([key, value]) => [key, isMapping(value) ? normal(value) : value] as const,
  )
  if (isState(mapping) && inOrder(Object.keys(mapping)) && entries.every(([key, value]) => mapping[key] === value))
    return mapping
  const draft = newState()
  for (const [key, value] of entries) draft[key] = value
  return freezeState(draft)
}

/**
 * A new State made by writing into a draft of the old one, which stays as it is; what the recipe does not touch is
 * shared. For sparse edits: to change every leaf, `mapState` is twenty times as fast.
 */
export const editState = <S extends object>(state: S, recipe: (draft: StateDraft<S>) => void): S =>
  normal(
    produce(isState(state) ? state : normal(state), (draft) => {
      recipe(draft as StateDraft<S>)
    }),
  ) as S
