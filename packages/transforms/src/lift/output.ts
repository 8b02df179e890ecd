import { isGraphNode, Variable } from '@linum/graph'
import { GraphError, Tensor, tree } from '@linum/tensor'

/** What a function returned to be differentiated. */
export interface Output {
  readonly tensors: readonly Tensor[]
  readonly def: tree.TreeDef
}

/** The differentiated part of a result as tensors. Throws GraphError for a module in it, TypeError for other values. */
export const outputOf = (fn: string, out: unknown, hasAux: boolean): Output => {
  if (hasAux && !(Array.isArray(out) && out.length === 2))
    throw new TypeError(
      `${fn}: with hasAux the function must return [output, aux], got ${Array.isArray(out) ? `an array of ${out.length}` : typeof out}`,
    )
  const main = hasAux ? (out as readonly unknown[])[0] : out
  const def = tree.structure(main)
  const tensors = tree.leavesWithPath(main).map(([path, leaf]) => {
    if (leaf instanceof Tensor) return leaf
    const where = path.length === 0 ? '' : ` at ${tree.keystr(path)}`
    if (isGraphNode(leaf) || leaf instanceof Variable)
      throw new GraphError(
        `${fn}: the output must be of tensors, got a ${(leaf as object).constructor.name}${where}; return it as aux, with { hasAux: true }`,
      )
    throw new TypeError(
      `${fn}: the output must be of tensors, got ${typeof leaf}${where}; return it as aux, with { hasAux: true }`,
    )
  })
  return { tensors, def }
}
