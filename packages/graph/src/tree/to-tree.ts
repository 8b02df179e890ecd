import type { Path, PathKey } from '@linum/filters'
import { mergeContext, type MergeContext, splitContext, type SplitContext } from '../context.js'
import { kindOf } from '../kinds.js'
import { AliasingCheck } from './aliasing.js'
import { mapTree } from './map-tree.js'
import { NodeStates } from './node-states.js'

export interface ToTreeOptions {
  /** A tree that the structure of the value begins with: what it says of a node holds for all of it. */
  readonly prefix?: unknown
  /** Takes one node apart. By default into NodeStates of one State. */
  split?(context: SplitContext, path: Path, prefix: unknown, node: object): unknown
  /** False: a Variable reached with different prefixes is no error. */
  readonly checkAliasing?: boolean
}

const isNode = (value: unknown): boolean => {
  const { role } = kindOf(value)
  return role === 'node' || role === 'variable'
}

const splitWhole = (context: SplitContext, _: Path, __: unknown, node: object): NodeStates => {
  const [graphdef, ...states] = context.split(node) as unknown as readonly [never, ...unknown[]]
  return new NodeStates(graphdef, states)
}

const isPlainObject = (x: unknown): x is Readonly<Record<PathKey, unknown>> =>
  typeof x === 'object' && x !== null && Object.getPrototypeOf(x) === Object.prototype

/** The part of a prefix for one child; a prefix that is no tree holds for all. */
const below = (prefix: unknown, key: PathKey): unknown =>
  Array.isArray(prefix) || isPlainObject(prefix) ? (prefix as Readonly<Record<PathKey, unknown>>)[key] : prefix

const prefixAt = (prefix: unknown, path: Path): unknown => path.reduce(below, prefix)

/**
 * Arguments as a tree for transforms of pure functions: graph nodes and Variables in arrays and plain objects become
 * NodeStates, numbered together, so that what they share is shared again after `fromTree`. Throws GraphError where one
 * Variable is reached with different prefixes.
 */
export const toTree = (
  value: unknown,
  { prefix = null, split = splitWhole, checkAliasing = true }: ToTreeOptions = {},
): unknown => {
  const context = splitContext()
  const aliasing = new AliasingCheck()
  const take = (path: Path, node: object): (() => unknown) => {
    const own = prefixAt(prefix, path)
    if (prefix !== null && checkAliasing) aliasing.add(node, own)
    return () => split(context, path, own, node)
  }
  const waiting = mapTree((path, leaf) => (isNode(leaf) ? take(path, leaf as object) : () => leaf), value)
  aliasing.check()
  return mapTree((_, run) => (run as () => unknown)(), waiting)
}

export interface FromTreeOptions {
  /** Puts one node together. By default from the GraphDef and the States of NodeStates. */
  merge?(context: MergeContext, path: Path, node: NodeStates): unknown
}

const mergeWhole = (context: MergeContext, _: Path, node: NodeStates): unknown =>
  context.merge(node.graphdef, ...(node.states as readonly object[]))

/** The inverse of `toTree`: new nodes and Variables, shared as the originals were. */
export const fromTree = (tree: unknown, { merge = mergeWhole }: FromTreeOptions = {}): unknown => {
  const context = mergeContext()
  return mapTree((path, leaf) => (leaf instanceof NodeStates ? merge(context, path, leaf) : leaf), tree)
}
