import type { Path } from '@linum/filters'
import { flattenInterned } from '../flatten/interned.js'
import { unflatten } from '../flatten/unflatten.js'
import type { StateLeaf } from '../state/state.js'
import { Variable } from '../variable/variable.js'

/**
 * A new graph of the same structure whose leaves are `f(path, leaf)`: f is given a snapshot of each Variable, or a bare
 * Tensor, and returns another one, or a raw value for a Variable of the same type. Shared Variables are mapped once.
 */
export const map = <M>(f: (path: Path, leaf: StateLeaf) => unknown, node: M): M => {
  const { graphdef, leaves } = flattenInterned(node)
  const { paths } = graphdef
  return unflatten(
    graphdef,
    leaves.map((leaf, i) => f(paths[i]!, leaf instanceof Variable ? leaf.toState() : (leaf as StateLeaf))),
  )
}
