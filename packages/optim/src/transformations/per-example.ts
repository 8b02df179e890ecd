import {
  type ArrayOps,
  less,
  minimum,
  mul,
  nanToNum,
  ShapeError,
  sqrt,
  square,
  sum,
  tensordot,
  type Tensor,
  type TensorLike,
  tree,
} from '@linum/tensor'
import { formatShape } from '@linum/tensor/core'

const examples = (fn: string, grads: unknown): readonly ArrayOps[] => {
  const leaves = tree.leaves(grads) as readonly ArrayOps[]
  const odd = leaves.find((g) => g.ndim < 1 || g.shape[0] !== leaves[0]!.shape[0])
  if (odd === undefined && leaves.length > 0) return leaves
  throw new ShapeError(
    `${fn}: expects grads to have a batch dimension in the 0th axis, got ${leaves.map((g) => formatShape(g.shape)).join(', ') || 'no leaves'}; give one gradient for each example`,
  )
}

const clipped = (leaves: readonly ArrayOps[], norm: TensorLike): readonly [sums: readonly Tensor[], count: Tensor] => {
  const squares = leaves.map((g) => sum(square(g.reshape([g.shape[0]!, -1])), { axis: 1 }))
  const norms = sqrt(squares.reduce((a, b) => a.add(b)))
  const factors = nanToNum(minimum(norms.reciprocal().mul(norm), 1), { nan: 1 })
  return [leaves.map((g) => tensordot(factors.astype(g.dtype), g, { axes: 1 })), sum(less(factors, 1).astype('int32'))]
}

/**
 * The sum over examples, the leading axis, of gradients that are scaled to a global norm of at most `l2NormClip`, and
 * how many were scaled. Throws ShapeError where the leaves have no leading axis of one length.
 */
export const perExampleGlobalNormClip = <G>(
  grads: G,
  l2NormClip: TensorLike,
): readonly [sum: G, numClipped: Tensor] => {
  const [sums, count] = clipped(examples('perExampleGlobalNormClip', grads), l2NormClip)
  return [tree.unflatten(tree.structure(grads), sums) as G, count]
}

export interface LayerClipOptions {
  /** Whether all leaves get the same limit, the default, or by the root of their size. */
  readonly uniform?: boolean
}

/**
 * The sum over examples of gradients that are scaled leaf by leaf, such that the global norm is at most
 * `globalL2NormClip`, and how many of each leaf were scaled. Throws ShapeError as `perExampleGlobalNormClip`.
 */
export const perExampleLayerNormClip = <G>(
  grads: G,
  globalL2NormClip: TensorLike,
  { uniform = true }: LayerClipOptions = {},
): readonly [sum: G, numClipped: G] => {
  const leaves = examples('perExampleLayerNormClip', grads)
  const sizes = leaves.map((g) => g.size / Math.max(g.shape[0]!, 1))
  const all = sizes.reduce((a, b) => a + b, 0)
  const results = leaves.map((g, i) =>
    clipped([g], mul(globalL2NormClip, Math.sqrt(uniform ? 1 / leaves.length : sizes[i]! / all))),
  )
  const def = tree.structure(grads)
  return [
    tree.unflatten(
      def,
      results.map(([[only]]) => only),
    ) as G,
    tree.unflatten(
      def,
      results.map(([, count]) => count),
    ) as G,
  ]
}
