import { DtypeError, type Tensor, type TensorLike } from '@linum/tensor'
import { isFloat, toTensor } from '@linum/tensor/core'

/** The tensor that `x` stands for. Throws DtypeError, naming the function and the argument, unless it is floating point. */
export const toFloating = (fn: string, argument: string, x: TensorLike): Tensor => {
  const t = toTensor(fn, x)
  if (isFloat(t.dtype)) return t
  throw new DtypeError(
    `${fn}: ${argument} must be floating point, got dtype ${t.dtype}; convert with ${argument}.astype('float32')`,
  )
}
