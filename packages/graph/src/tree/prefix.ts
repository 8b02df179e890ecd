import { type Filter, formatPath, type Path, toPredicate } from '@linum/filters'
import { GraphError } from '@linum/tensor'
import { mapState } from '../state/operations.js'
import { isMapping } from '../state/state.js'
import { VariableState } from '../variable/variable-state.js'
import { mapTree } from './map-tree.js'
import { NodeStates } from './node-states.js'
import { toTree } from './to-tree.js'

/** What stands for a leaf: by filter, first match wins, or a function. */
export type PrefixRules<P> = readonly (readonly [filter: Filter, prefix: P])[] | ((path: Path, leaf: unknown) => P)

const byRules = <P>(rules: readonly (readonly [Filter, P])[]): ((path: Path, leaf: unknown) => P) => {
  const predicates = rules.map(([filter]) => toPredicate(filter))
  return (path, leaf) => {
    const at = predicates.findIndex((matches) => matches(path, leaf))
    if (at >= 0) return rules[at]![1]
    const what = leaf instanceof VariableState ? leaf.type.name : 'a value that is no Variable'
    throw new GraphError(
      `prefix: No filter matched leaf at path '${formatPath(path)}', ${what}; add [rest, null] for all others`,
    )
  }
}

/**
 * The tree that `toTree` makes of a value with something else, such as an axis, in the place of each leaf: what a
 * transform of pure functions takes for it. All values that go through one transform are given together, in an array,
 * because what they share belongs to the first of them. Throws GraphError for a leaf that no rule takes.
 */
export const prefix = <P>(value: unknown, rules: PrefixRules<P>): unknown => {
  const prefixOf = typeof rules === 'function' ? rules : byRules(rules)
  return mapTree((path, leaf) => {
    if (!(leaf instanceof NodeStates)) return prefixOf(path, leaf)
    const states = leaf.states.map((state) =>
      isMapping(state)
        ? mapState<P, unknown>((below, x) => prefixOf([...path, ...below], x), state)
        : prefixOf(path, state),
    )
    return new NodeStates(leaf.graphdef, states, leaf.metadata)
  }, toTree(value))
}
