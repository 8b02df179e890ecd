import * as np from '@linum/tensor'
import type { ArrayOps, DType, TensorLike } from '@linum/tensor'
import { lowestFloat, widestFloat } from '../dtypes.js'
import { mapAligned, mapLeaves } from '../leaves.js'

/** Leaves of one value in the shapes of those there, and in their dtypes unless one is given. */
export const fullLike = <T>(t: T, fillValue: TensorLike, { dtype: wanted }: { readonly dtype?: DType } = {}): T =>
  mapLeaves((x) => np.full(x.shape, fillValue, { dtype: wanted ?? x.dtype }), t) as T

/** `fullLike` of 0. */
export const zerosLike = <T>(t: T, options: { readonly dtype?: DType } = {}): T => fullLike(t, 0, options)

/** `fullLike` of 1. */
export const onesLike = <T>(t: T, options: { readonly dtype?: DType } = {}): T => fullLike(t, 1, options)

/** The leaves in that dtype; as they are without one. */
export const cast = <T>(t: T, wanted: DType | null | undefined): T =>
  wanted === null || wanted === undefined ? t : (mapLeaves((x) => x.astype(wanted), t) as T)

/** The leaves in the dtypes of those of another tree. */
export const castLike = <T>(t: T, other: T): T =>
  mapAligned('tree.castLike', (x, y) => x!.astype(y!.dtype), t, other) as T

/**
 * The dtype of all leaves. With `mixedDtypeHandler` 'lowest' or 'highest' the narrowest or widest float where they
 * differ; else that throws TypeError.
 */
export const dtype = (t: unknown, mixedDtypeHandler?: 'lowest' | 'highest'): DType => {
  if (mixedDtypeHandler !== undefined) return mixedDtypeHandler === 'lowest' ? lowestFloat(t) : widestFloat(t)
  const found = new Set((np.tree.leaves(t) as readonly ArrayOps[]).map((x) => x.dtype))
  if (found.size > 1)
    throw new TypeError(
      `tree.dtype: found multiple dtypes, got ${[...found].join(', ')}; give 'lowest' or 'highest' to choose one`,
    )
  return [...found][0] ?? 'float32'
}
