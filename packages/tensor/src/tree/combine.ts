import { StateError } from '../core/errors.js'
import { describeMismatch } from './mismatch.js'
import { flatten, leaves, leavesWithPath, type Path, TreeDef, unflatten } from './tree.js'

/** Whether every leaf is true (a tensor's or number's own truth is not asked for: give leaves that are booleans). */
export const all = (tree: unknown): boolean => leaves(tree).every((leaf) => leaf === true)

/** The leaves with their paths, and the structure that puts them back. */
export const flattenWithPath = (tree: unknown): [leaves: (readonly [Path, unknown])[], def: TreeDef] => [
  leavesWithPath(tree),
  flatten(tree)[1],
]

/**
 * A tree of structure `outer` whose leaves are trees of structure `inner`, turned inside out. Throws StateError where
 * it is not.
 */
export const transpose = (outer: TreeDef, inner: TreeDef, tree: unknown): unknown => {
  const all = flatten(tree)[0]
  const whole = nest(outer, inner)
  const got = flatten(tree)[1]
  if (!whole.equals(got)) throw new StateError(`tree.transpose: ${describeMismatch(whole, got)}`)
  return unflatten(
    inner,
    Array.from({ length: inner.size }, (_, i) =>
      unflatten(
        outer,
        Array.from({ length: outer.size }, (_leaf, o) => all[o * inner.size + i]),
      ),
    ),
  )
}

/** The structure `outer` with `inner` in the place of every leaf. */
const nest = (outer: TreeDef, inner: TreeDef): TreeDef =>
  outer.kind === 'leaf'
    ? inner
    : new TreeDef(
        outer.kind,
        outer.aux,
        outer.node,
        outer.children.map((c) => nest(c, inner)),
      )

/**
 * A tree of the structure of `tree`, in which every leaf of `prefix` stands for all leaves of the subtree in its place.
 * Throws StateError where `prefix` is not the upper part of `tree`.
 */
export const broadcast = (prefix: unknown, tree: unknown): unknown => {
  const [values, upper] = flatten(prefix)
  const def = flatten(tree)[1]
  let at = 0
  const spread = (p: TreeDef, t: TreeDef): unknown[] => {
    if (p.kind === 'leaf') {
      const value = values[at++]
      return Array.from({ length: t.size }, () => value)
    }
    return p.children.flatMap((c, i) => spread(c, t.children[i]!))
  }
  const wrong = describeMismatch(upper, def, true)
  if (wrong !== null) throw new StateError(`tree.broadcast: ${wrong}`)
  return unflatten(def, spread(upper, def))
}
