import { type ArrayOps, type DType, tree } from '@linum/tensor'
import { isFloat } from '@linum/tensor/core'

/** In which dtype steps and losses are kept: that of the first leaf, or float32. */
export const scalarDtype = (params: unknown): DType => {
  const [first] = tree.leaves(params) as readonly ArrayOps[]
  return first !== undefined && isFloat(first.dtype) ? first.dtype : 'float32'
}
