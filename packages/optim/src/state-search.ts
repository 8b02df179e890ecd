import { StateError, tree } from '@linum/tensor'
import { isArray, isLevel, mapLevel } from './level.js'

interface Found {
  readonly path: tree.Path
  readonly value: unknown
}

/** All entries of that key, also inside one another. */
export const findKey = (state: unknown, key: string, path: tree.Path = []): readonly Found[] => {
  if (isArray(state)) return state.flatMap((child, i) => findKey(child, key, [...path, i]))
  if (!isLevel(state)) return []
  return Object.keys(state).flatMap((own) => [
    ...(own === key ? [{ path: [...path, own], value: state[own] }] : []),
    ...findKey(state[own], key, [...path, own]),
  ])
}

/** The one entry of that key in a nested state, or undefined. Throws StateError where there are several. */
export const getKey = (fn: string, state: unknown, key: string): unknown => {
  const found = findKey(state, key)
  if (found.length > 1)
    throw new StateError(
      `${fn}: found multiple values for '${key}', got ${found.length} at ${found.map(({ path }) => tree.keystr(path)).join(', ')}; look into one part of the state`,
    )
  return found[0]?.value
}

/** The state with all entries of a key replaced. */
export const replaceKey = (state: unknown, key: string, value: unknown): unknown => {
  if (isArray(state)) return state.map((child) => replaceKey(child, key, value))
  if (!isLevel(state)) return state
  const next = mapLevel((child) => replaceKey(child, key, value), state)
  return Object.hasOwn(state, key) ? { ...next, [key]: value } : next
}
