import type { Path } from '@linum/filters'
import type { Flat, Variable } from '@linum/graph'

/** The next definition, attribute and leaf of a walk through a GraphDef. */
interface Position {
  readonly node: number
  readonly attribute: number
  readonly leaf: number
}

/** Every path to every Variable of a graph, those that sharing makes included; a cycle is followed once. */
export const allPaths = ({
  graphdef: { nodes, attributes },
  leaves,
}: Flat): ReadonlyMap<Variable<unknown>, readonly Path[]> => {
  const found = new Map<Variable<unknown>, Path[]>()
  const first = new Map<number, Position>()
  const open: (number | null)[] = []
  const visit = (at: Position, path: Path): Position => {
    const def = nodes[at.node]!
    let next = { ...at, node: at.node + 1 }
    if (def.kind === 'ref') {
      const shared = first.get(def.index)
      if (shared !== undefined && !open.includes(def.index)) visit(shared, path)
      return next
    }
    if (def.kind === 'leaf') return { ...next, leaf: next.leaf + 1 }
    if (def.index !== null) first.set(def.index, at)
    if (def.kind === 'variable') {
      const variable = leaves[at.leaf] as Variable<unknown>
      found.set(variable, [...(found.get(variable) ?? []), path])
      return { ...next, leaf: next.leaf + 1 }
    }
    open.push(def.index)
    for (const key of def.keys) {
      const { kind } = attributes[next.attribute]!
      next = { ...next, attribute: next.attribute + 1, leaf: next.leaf + (kind === 'leaf' ? 1 : 0) }
      if (kind === 'node') next = visit(next, [...path, key])
    }
    open.pop()
    return next
  }
  visit({ node: 0, attribute: 0, leaf: 0 }, [])
  return found
}
