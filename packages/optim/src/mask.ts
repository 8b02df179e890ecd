import { isState, VariableState } from '@linum/graph'
import { StateError, tree } from '@linum/tensor'
import { isArray, isLevel, type Level, sameKeys } from './level.js'

// Written as a method, so that a function of a more precise type of tree is one too.
interface MaskMaker {
  of(params: unknown): unknown
}

/**
 * Which leaves of a tree are meant: a tree of booleans of the same structure, where a boolean stands for all below it
 * and null for nothing, or a function from the tree to such a tree, called with the parameters at `init` and with the
 * updates at `update`.
 */
export type Mask = boolean | null | readonly Mask[] | { readonly [key: string]: Mask } | MaskMaker['of']

const refuse = (path: tree.Path, what: string): never => {
  throw new StateError(
    `mask: does not fit the tree at ${tree.keystr(path) || 'its root'}, got ${what}; give a boolean for every leaf, or one for a whole level`,
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

/** One boolean for every leaf, in the order of leaves. Masks and trees may be States or plain objects, alike or not. */
const expand = (mask: unknown, t: unknown, path: tree.Path, out: boolean[]): void => {
  if (mask instanceof VariableState) return expand(mask.value, t, path, out)
  if (typeof mask === 'boolean') {
    for (let n = tree.leaves(t).length; n > 0; n--) out.push(mask)
    return
  }
  if (t === null || t === undefined) {
    if (mask !== null && mask !== undefined) refuse(path, describe(mask))
    return
  }
  if (t instanceof VariableState) return expand(mask, t.value, path, out)
  if (isArray(t)) {
    if (!isArray(mask) || mask.length !== t.length) return refuse(path, describe(mask))
    t.forEach((child, i) => expand(mask[i], child, [...path, i], out))
    return
  }
  if (!isLevel(t) || !isLevel(mask) || !sameKeys(t, mask)) return refuse(path, describe(mask))
  for (const key of keysOf(t)) expand(mask[key], t[key], [...path, key], out)
}

/** The mask of each leaf of a tree. Throws StateError where it does not fit. */
export const maskOf = (mask: Mask, t: unknown): readonly boolean[] => {
  const out: boolean[] = []
  expand(typeof mask === 'function' ? mask(t) : mask, t, [], out)
  return out
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
