import { type ArrayOps, type DType, promoteTypes, tree } from '@linum/tensor'
import { isFloat } from '@linum/tensor/core'

const floats = (t: unknown): readonly DType[] =>
  (tree.leaves(t) as readonly ArrayOps[]).map((x) => x.dtype).filter(isFloat)

/** The widest float dtype of the leaves; float32 if there is none. */
export const widestFloat = (t: unknown): DType => {
  const [first = 'float32', ...others] = floats(t)
  return others.reduce((a, b) => promoteTypes(a, b), first)
}

/** The narrowest float dtype of the leaves; float32 if there is none. */
export const lowestFloat = (t: unknown): DType => {
  const [first = 'float32', ...others] = floats(t)
  return others.reduce((a, b) => (a !== b && promoteTypes(a, b) === a ? b : a), first)
}
