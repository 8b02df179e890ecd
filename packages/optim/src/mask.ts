import { isState, VariableState } from '@linum/graph'
import { StateError, tree } from '@linum/tensor'
import { isArray, isLevel, type Level, sameKeys } from './level.js'

// Written as a method, so that a function of a more precise type of tree is one too.
interface TreeMaker {
  of(params: unknown): unknown
}

/**
 * Which leaves of a tree are meant: a tree of booleans of the same structure, where a boolean stands for all below it
 * and null for nothing, or a function from the tree to such a tree, called with the parameters at `init` and with the
 * updates at `update`.
 */
export type Mask = boolean | null | readonly Mask[] | { readonly [key: string]: Mask } | TreeMaker['of']

/**
 * Of which kind each leaf of a tree is: a tree of names of the same structure, where a name stands for all below it and
 * null for nothing, or a function from the tree to such a tree, called with the parameters at `init` and with the
 * updates at `update`.
 */
export type Labels = string | null | readonly Labels[] | { readonly [key: string]: Labels } | TreeMaker['of']

/** A tree of values of one type over another tree. */
interface Overlay {
  readonly fn: string
  /** What `typeof` says of its values. */
  readonly type: 'boolean' | 'string'
}

const refuse = ({ fn, type }: Overlay, path: tree.Path, what: string): never => {
  throw new StateError(
    `${fn}: does not fit the tree at ${tree.keystr(path) || 'its root'}, got ${what}; give a ${type} for every leaf, or one for a whole level`,
  )
}

const describe = (x: unknown): string =>
  Array.isArray(x)
    ? `an array of ${x.length}`
    : typeof x === 'object' && x !== null
      ? `keys ${Object.keys(x).join(', ') || '(none)'}`
      : String(x)

// As the functions of trees visit them: a State is sorted already, in its own way.
const keysOf = (level: Level): readonly string[] => (isState(level) ? Object.keys(level) : Object.keys(level).sort())

/** One value for every leaf, in the order of leaves. Both trees may be States or plain objects, alike or not. */
const expand = (overlay: Overlay, values: unknown, t: unknown, path: tree.Path, out: unknown[]): void => {
  if (values instanceof VariableState) return expand(overlay, values.value, t, path, out)
  if (typeof values === overlay.type) {
    for (let n = tree.leaves(t).length; n > 0; n--) out.push(values)
    return
  }
  // Where another mask has left out a leaf there is nothing to say of it.
  if (t === null || t === undefined) return
  if (t instanceof VariableState) return expand(overlay, values, t.value, path, out)
  if (isArray(t)) {
    if (!isArray(values) || values.length !== t.length) return refuse(overlay, path, describe(values))
    t.forEach((child, i) => expand(overlay, values[i], child, [...path, i], out))
    return
  }
  if (!isLevel(t) || !isLevel(values) || !sameKeys(t, values)) return refuse(overlay, path, describe(values))
  for (const key of keysOf(t)) expand(overlay, values[key], t[key], [...path, key], out)
}

/** The mask of each leaf of a tree. Throws StateError where it does not fit. */
export const maskOf = (mask: Mask, t: unknown): readonly boolean[] => {
  const out: unknown[] = []
  expand({ fn: 'mask', type: 'boolean' }, typeof mask === 'function' ? mask(t) : mask, t, [], out)
  return out as readonly boolean[]
}

/** The label of each leaf of a tree. Throws StateError where they do not fit. */
export const labelsOf = (labels: Labels, t: unknown): readonly string[] => {
  const out: unknown[] = []
  expand({ fn: 'labels', type: 'string' }, typeof labels === 'function' ? labels(t) : labels, t, [], out)
  return out as readonly string[]
}

/** The tree with null in the place of each leaf that the mask leaves out. */
export const hide = (keep: readonly boolean[], t: unknown): unknown => {
  const [leaves, def] = tree.flatten(t)
  return tree.unflatten(
    def,
    leaves.map((leaf, i) => (keep[i] ? leaf : null)),
  )
}

/** `changed` where the mask holds, the leaves of `t` elsewhere. */
export const reveal = (keep: readonly boolean[], changed: unknown, t: unknown): unknown => {
  const [leaves, def] = tree.flatten(t)
  const kept = tree.leaves(changed)
  let next = 0
  const merged = leaves.map((leaf, i) => (keep[i] ? kept[next++] : leaf))
  if (next !== kept.length)
    throw new StateError(
      `masked: expected ${next} updates from the inner transformation, got ${kept.length}; it must keep the structure of its updates`,
    )
  return tree.unflatten(def, merged)
}
