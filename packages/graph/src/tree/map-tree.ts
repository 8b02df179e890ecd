import type { Path } from '@linum/filters'
import { setOwn } from '../keys.js'
import { isGraphNode } from '../kinds.js'

const isPlain = (x: object): boolean => {
  const proto: unknown = Object.getPrototypeOf(x)
  return proto === Object.prototype || proto === null
}

/** Maps what plain arrays and objects hold, in the order of a graph's walk: indices, sorted keys. */
export const mapTree = (f: (path: Path, leaf: unknown) => unknown, tree: unknown, path: Path = []): unknown => {
  if (typeof tree !== 'object' || tree === null) return f(path, tree)
  if (Array.isArray(tree) && !isGraphNode(tree)) return tree.map((x, i) => mapTree(f, x, [...path, i]))
  if (!isPlain(tree)) return f(path, tree)
  const out: object = {}
  for (const key of Object.keys(tree).sort())
    setOwn(out, key, mapTree(f, (tree as Readonly<Record<string, unknown>>)[key], [...path, key]))
  return out
}
