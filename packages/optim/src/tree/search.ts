import type { tree } from '@linum/tensor'
import { findKey, getKey, replaceKey } from '../state-search.js'
import { rawTree } from '../raw.js'

/** The one entry of that name in a nested state, as raw tensors; undefined if there is none. Throws StateError where there are several. */
export const get = (state: unknown, key: string): unknown => getKey('tree.get', rawTree(state), key)

/** All entries of that name in a nested state, with their paths. */
export const getAllWithPath = (state: unknown, key: string): readonly (readonly [path: tree.Path, value: unknown])[] =>
  findKey(rawTree(state), key).map(({ path, value }) => [path, value] as const)

/** The state with entries of these names replaced, wherever they are. Throws TypeError for a name that does not occur. */
export const set = <S>(state: S, values: Readonly<Record<string, unknown>>): S =>
  Object.entries(values).reduce<unknown>((current, [key, value]) => {
    if (findKey(current, key).length > 0) return replaceKey(current, key, value)
    throw new TypeError(`tree.set: Found no value for '${key}', got a state without it; look at what the state has`)
  }, state) as S
