import { auxEqual } from './node.js'
import type { TreeDef } from './tree.js'

const kinds: Readonly<Record<TreeDef['kind'], string>> = {
  leaf: 'a leaf',
  none: 'nothing',
  array: 'an array',
  object: 'an object',
  node: 'a node',
}

const nameOf = (def: TreeDef): string => {
  if (def.kind === 'array') return `an array of ${def.children.length}`
  if (def.kind === 'object') return `an object with keys ${(def.aux as readonly string[]).join(', ')}`
  return kinds[def.kind]
}

const sameNode = (a: TreeDef, b: TreeDef): boolean => {
  if (a.kind !== b.kind || a.node !== b.node || a.children.length !== b.children.length) return false
  return a.kind === 'object'
    ? (a.aux as readonly string[]).every((k, i) => k === (b.aux as readonly string[])[i])
    : auxEqual(a.aux, b.aux)
}

const step = (def: TreeDef, i: number): string =>
  def.kind === 'object' ? `['${(def.aux as readonly string[])[i]}']` : `[${i}]`

/** Where two structures first differ, as text, or null; a leaf of a prefix stands for any subtree. */
export const describeMismatch = (want: TreeDef, got: TreeDef, prefix = false, path = ''): string | null => {
  if (prefix && want.kind === 'leaf') return null
  if (!sameNode(want, got)) {
    const at = path === '' ? '' : ` at ${path}`
    return want.kind === 'node' && got.kind === 'node'
      ? `the trees have different structures${at}, got nodes of different class or static data`
      : `the trees have different structures${at}, got ${nameOf(want)} and ${nameOf(got)}`
  }
  for (let i = 0; i < want.children.length; i++) {
    const inside = describeMismatch(want.children[i]!, got.children[i]!, prefix, `${path}${step(want, i)}`)
    if (inside !== null) return inside
  }
  return null
}
