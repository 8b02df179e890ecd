import { ArrayOps } from '../core/array-ops.js'
import { type Cell, watchCells } from '../core/cell.js'
import { TraceError } from '../core/errors.js'
import { leaves } from '../tree/tree.js'

/**
 * Runs `f` and frees at once the tensors that were made in it, but for those that it returns (in any tree), those
 * that were stored in a Variable, and those that a compiled function has captured. A freed tensor throws when it is
 * used. Only a saving: without scopes the garbage collector frees the same tensors later. `f` must be synchronous.
 */
export const scope = <R>(f: () => R): R => {
  const made = new Set<Cell>()
  const out = watchCells(made, f)
  if (out instanceof Promise) {
    out.catch(() => undefined)
    throw new TraceError(
      'scope: the function returned a Promise; a scope frees when its function returns, so await outside',
    )
  }
  for (const leaf of leaves(out)) {
    const t = leaf instanceof ArrayOps ? leaf.asTensor() : null
    if (t?.concrete === true) made.delete(t.cell('scope'))
  }
  for (const cell of made) if (!cell.kept) cell.free('the scope that it was made in has ended')
  return out
}
