import { ShapeError, type Tensor } from '@linum/tensor'
import { formatShape, sameShape } from '@linum/tensor/core'

/** Throws ShapeError, naming the function and both arguments, unless the shapes are equal. */
export const requireSameShape = (fn: string, names: readonly [string, string], a: Tensor, b: Tensor): void => {
  if (sameShape(a.shape, b.shape)) return
  throw new ShapeError(
    `${fn}: ${names[0]} and ${names[1]} must have the same shape, got ${formatShape(a.shape)} and ${formatShape(b.shape)}; reshape or broadcast one of them first`,
  )
}
