import { type PathKey, toPathKey } from '@linum/filters'
import { compareKeys, sameKeys } from '../keys.js'
import { kindOf, type NodeType, sortedKeys } from '../kinds.js'
import { noteEdit } from './cached.js'

/**
 * The old container where the new one says the same, else the new one with the unchanged containers inside kept.
 * Containers have no identity in the graph, but whoever holds `model.layers` should not lose it for nothing.
 */
const keep = (old: unknown, value: unknown): unknown => {
  if (Object.is(old, value)) return old
  const kind = kindOf(value)
  const oldKind = kindOf(old)
  if (
    kind.role !== 'pytree' ||
    oldKind.role !== 'pytree' ||
    kind.access !== oldKind.access ||
    kind.type !== oldKind.type
  )
    return value
  const [a, b] = [old as object, value as object]
  const keys = sortedKeys(kind, b)
  if (!sameKeys(sortedKeys(oldKind, a), keys)) return value
  let same = true
  for (const key of keys) {
    const now = kind.access.get(b, key)
    const kept = keep(kind.access.get(a, key), now)
    if (kept !== now && !Object.is(kept, now)) kind.access.set?.(b, key, kept)
    same &&= Object.is(kept, kind.access.get(a, key))
  }
  return same ? old : value
}

/** Gives a node exactly these attributes, writing only what differs: deleting and adding again would slow the object down for good. */
export const refill = (access: NodeType, node: object, keys: readonly PathKey[], values: readonly unknown[]): void => {
  const old = access.keys(node).map(toPathKey)
  const wanted = new Set(keys)
  const gone = old.filter((key) => !wanted.has(key)).sort(compareKeys)
  if (gone.length > 0) noteEdit()
  for (let i = gone.length - 1; i >= 0; i--) access.remove(node, gone[i]!)
  const had = new Set(old)
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!
    if (!had.has(key)) {
      noteEdit()
      access.set(node, key, values[i])
      continue
    }
    const before = access.get(node, key)
    const value = keep(before, values[i])
    if (Object.is(before, value)) continue
    noteEdit()
    access.set(node, key, value)
  }
}
