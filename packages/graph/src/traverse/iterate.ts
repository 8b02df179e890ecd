import type { Path, PathKey } from '@linum/filters'
import { describeValue } from '../class-name.js'
import { isGraphNode, isModule, isNodeKind, kindOf, sortedKeys } from '../kinds.js'
import type { Module } from '../module.js'

/** One stop of a walk. */
export type Visit<T = unknown> = readonly [path: Path, value: T]

const childrenOf = (node: unknown): readonly (readonly [PathKey, unknown])[] | null => {
  const kind = kindOf(node)
  if (!isNodeKind(kind)) return null
  return sortedKeys(kind, node as object).map((key) => [key, kind.access.get(node as object, key)] as const)
}

/**
 * Every value of a graph with its path, children before parents in the order of keys. Nodes, containers and Variables
 * come once, at the first path that reaches them; tensors and static values at every one.
 */
export function* iterGraph(node: unknown): Generator<Visit> {
  const seen = new Set<unknown>()
  const stack: { readonly path: Path; readonly value: unknown; readonly done: boolean }[] = [
    { path: [], value: node, done: false },
  ]
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { path, value, done } = top
    const { role } = kindOf(value)
    if (done || role === 'leaf' || role === 'static') {
      yield [path, value]
      continue
    }
    if (seen.has(value)) continue
    seen.add(value)
    const children = childrenOf(value)
    stack.push({ path, value, done: true })
    if (children === null) continue
    for (let i = children.length - 1; i >= 0; i--)
      stack.push({ path: [...path, children[i]![0]], value: children[i]![1], done: false })
  }
}

/** The Modules of a graph, the root among them, children before parents, each once. */
export function* iterModules(node: unknown): Generator<Visit<Module>> {
  for (const [path, value] of iterGraph(node)) if (isModule(value)) yield [path, value as Module]
}

const direct = (name: string, node: unknown): readonly (readonly [PathKey, unknown])[] => {
  const children = childrenOf(node)
  if (children === null)
    throw new TypeError(
      `${name}: expected a graph node, got ${describeValue(node)}; pass a Module, or an array or object of such`,
    )
  return children
}

/** The attributes of a node that are graph nodes, with their keys. */
export function* iterChildren(node: unknown): Generator<readonly [key: PathKey, child: object]> {
  for (const [key, value] of direct('iterChildren', node)) if (isGraphNode(value)) yield [key, value as object]
}

/** The attributes of a node that are Modules, with their keys. */
export function* iterModuleChildren(node: unknown): Generator<readonly [key: PathKey, child: Module]> {
  for (const [key, value] of direct('iterModuleChildren', node)) if (isModule(value)) yield [key, value as Module]
}
