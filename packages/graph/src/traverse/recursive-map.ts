import { formatPath, type Path } from '@linum/filters'
import { GraphError } from '@linum/tensor'
import { clone } from '../functional/merge.js'
import { kindOf, sortedKeys } from '../kinds.js'

const unfinished = Symbol('unfinished')

class Mapper {
  readonly f: (path: Path, value: unknown) => unknown
  readonly results = new Map<unknown, unknown>()

  constructor(f: (path: Path, value: unknown) => unknown) {
    this.f = f
  }

  visit(value: unknown, path: Path): unknown {
    const kind = kindOf(value)
    const hasIdentity = kind.role === 'node' || kind.role === 'variable'
    if (hasIdentity) {
      const known = this.results.get(value)
      if (known === unfinished) {
        throw new GraphError(
          `Found cycle in the graph at path '${formatPath(path)}'. Node of type ${kind.type.name} has already been visited but has not been returned yet.`,
        )
      }
      if (this.results.has(value)) return known
      this.results.set(value, unfinished)
    }
    const result = this.f(path, this.withMappedChildren(value, path))
    if (hasIdentity) this.results.set(value, result)
    return result
  }

  withMappedChildren(value: unknown, path: Path): unknown {
    const kind = kindOf(value)
    if (kind.role !== 'node' && kind.role !== 'pytree') return value
    const node = value as object
    const keys = sortedKeys(kind, node)
    const values = keys.map((key) => this.visit(kind.access.get(node, key), [...path, key]))
    if (kind.role === 'pytree') return kind.access.build(kind.type, keys, values, kind.access.metadata?.(node))
    keys.forEach((key, i) => {
      if (!Object.is(kind.access.get(node, key), values[i])) kind.access.set(node, key, values[i])
    })
    return value
  }
}

/**
 * A copy of a graph, with the same Variables, in which every value is replaced by `f(path, value)`, children before
 * parents. Shared values are mapped once and stay shared. Throws GraphError for a cycle.
 */
export const recursiveMap = (f: (path: Path, value: unknown) => unknown, node: unknown): unknown =>
  new Mapper(f).visit(clone(node, { variables: false }), [])
