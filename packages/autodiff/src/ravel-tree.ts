import { concatenate, DtypeError, ShapeError, type Tensor, tree, zeros } from '@linum/tensor'
import { formatShape } from '@linum/tensor/core'
import { leafTensor } from './vjp.js'

/**
 * The leaves of a tree one behind the other in one vector, and the function that takes such a vector apart again:
 * `[vector, unravel]`. Leaves of different dtypes are promoted to a common one, and `unravel` converts them back; of no
 * leaves at all the vector is an empty one of float32. Throws TypeError for a leaf that is no tensor, naming its path.
 */
export const ravelTree = <T>(x: T): readonly [Tensor, (vector: Tensor) => T] => {
  const [leaves, def] = tree.flatten(x)
  const tensors = leaves.map((leaf, i): Tensor => {
    const t = leafTensor(leaf)
    if (t !== null && t.dtype !== 'key') return t
    const path = tree.keystr(tree.leavesWithPath(x)[i]![0])
    const got = t === null ? typeof leaf : 'a random key'
    throw new TypeError(`ravelTree: expected tensors, got ${got}${path === '' ? '' : ` at ${path}`}; leave it out`)
  })
  const vector = tensors.length === 0 ? zeros([0]) : concatenate(tensors.map((t) => t.reshape([t.size])))
  const unravel = (flat: Tensor): T => {
    if (flat.ndim !== 1 || flat.size !== vector.size)
      throw new ShapeError(
        `ravelTree: unravel takes a vector of shape ${formatShape(vector.shape)}, got ${formatShape(flat.shape)}`,
      )
    if (flat.dtype !== vector.dtype)
      throw new DtypeError(
        `ravelTree: unravel takes a vector of dtype ${vector.dtype}, got ${flat.dtype}; convert it with astype`,
      )
    let from = 0
    return tree.unflatten(
      def,
      tensors.map((t) =>
        flat
          .slice([from, (from += t.size)])
          .reshape(t.shape)
          .astype(t.dtype),
      ),
    ) as T
  }
  return [vector, unravel]
}
