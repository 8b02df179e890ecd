import {
  type Filter,
  FilterError,
  type FilterFn,
  firstMatch,
  type Path,
  type PathKey,
  toPredicate,
} from '@linum/filters'
import { GraphError } from '@linum/tensor'
import { describeValue } from '../class-name.js'
import { isNodeKind, kindOf, type NodeKind, sortedKeys } from '../kinds.js'
import type { PopResult } from '../state/state-of.js'
import { fromFlatState } from '../state/flat-state.js'
import type { State, StateLeaf } from '../state/state.js'
import type { Variable } from '../variable/variable.js'

interface Found {
  readonly node: object
  readonly kind: NodeKind
  readonly keys: PathKey[]
}

class Popper {
  readonly predicates: readonly FilterFn[]
  readonly states: (readonly [Path, StateLeaf])[][]
  readonly found: Found[] = []
  readonly seen = new Set<object>()

  constructor(predicates: readonly FilterFn[]) {
    this.predicates = predicates
    this.states = predicates.map(() => [])
  }

  visit(node: object, kind: NodeKind, path: Path): void {
    if (this.seen.has(node)) return
    this.seen.add(node)
    const keys: PathKey[] = []
    for (const key of sortedKeys(kind, node)) {
      const value = kind.access.get(node, key)
      const childKind = kindOf(value)
      const at = [...path, key]
      if (isNodeKind(childKind)) this.visit(value as object, childKind, at)
      else if (childKind.role === 'variable' && !this.seen.has(value as object)) {
        const group = firstMatch(this.predicates, at, value)
        if (group < 0) continue
        this.seen.add(value as object)
        this.states[group]!.push([at, (value as Variable<unknown>).toState()])
        keys.push(key)
      }
    }
    if (keys.length === 0) return
    if (!canRemove(node, kind)) throw new GraphError(`Cannot pop key '${keys[0]}' from node of type ${kind.type.name}`)
    this.found.push({ node, kind, keys })
  }
}

const canRemove = (node: object, kind: NodeKind): boolean =>
  kind.role === 'node' || (kind.access.removeAll !== undefined && !Object.isFrozen(node))

const removeAll = ({ node, kind, keys }: Found): void => {
  if (kind.role === 'pytree') kind.access.removeAll?.(node, keys)
  else for (let i = keys.length - 1; i >= 0; i--) kind.access.remove(node, keys[i]!)
}

/**
 * Takes the Variables that match out of the graph and returns them: one State for one filter, else an array of States.
 * A shared one is removed where it is met first. Bare Tensors stay. Throws FilterError without a filter.
 */
export const pop = <M, const Fs extends readonly Filter[]>(node: M, ...filters: Fs): PopResult<M, Fs> => {
  if (filters.length === 0) throw new FilterError('pop: Expected at least one filter')
  const kind = kindOf(node)
  if (!isNodeKind(kind))
    throw new TypeError(
      `pop: expected a graph node, got ${describeValue(node)}; pass a Module, or an array or object of such`,
    )
  const popper = new Popper(filters.map(toPredicate))
  popper.visit(node as object, kind, [])
  const states = popper.states.map((entries): State => fromFlatState(entries))
  for (const found of popper.found) removeAll(found)
  return (states.length === 1 ? states[0] : states) as PopResult<M, Fs>
}
