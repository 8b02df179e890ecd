import * as np from '@linum/tensor'
import type { ArrayOps, DType, Tensor } from '@linum/tensor'

/** One random key for each leaf, split off from one. */
export const splitKeyLike = (key: Tensor, t: unknown): unknown => {
  const def = np.tree.structure(t)
  const keys = np.random.split(key, Math.max(def.size, 1))
  return np.tree.unflatten(
    def,
    Array.from({ length: def.size }, (_, i) => keys.slice(i)),
  )
}

export interface RandomLikeOptions {
  /** What draws a leaf; normal numbers if absent. */
  readonly sampler?: (key: Tensor, shape: readonly number[], options: { readonly dtype: never }) => Tensor
  /** The dtype of all leaves; their own if absent. */
  readonly dtype?: DType | undefined
}

/** Random leaves in the shapes and dtypes of those of a tree, each from a key of its own. */
export const randomLike = <T>(
  key: Tensor,
  targetTree: T,
  { sampler = np.random.normal, dtype }: RandomLikeOptions = {},
): T =>
  np.tree.map(
    (x: ArrayOps, k: ArrayOps) => sampler(k.asTensor(), x.shape, { dtype: (dtype ?? x.dtype) as never }),
    targetTree,
    splitKeyLike(key, targetTree),
  ) as T
