import { DtypeError, ShapeError, type Tensor, type TensorLike } from '@linum/tensor'
import { formatShape, isFloat, toTensor } from '@linum/tensor/core'

/** `x` as a tensor of numbers. `fn` names who asks, for errors. */
export const numberOperand = (fn: string, x: TensorLike): Tensor => {
  const t = toTensor(fn, x)
  if (t.dtype !== 'key') return t
  throw new DtypeError(
    `${fn}: x must hold numbers, got random keys; draw from them with random.normal(key, shape) and the like`,
  )
}

/** `x` as a float tensor: integers and bool become float32. */
export const floatOperand = (fn: string, x: TensorLike): Tensor => {
  const t = numberOperand(fn, x)
  return isFloat(t.dtype) ? t : t.astype('float32')
}

/** `x` as a tensor whose `axis` has the extent that the layer was made for, by its `parameter`. */
export const featureOperand = (fn: string, x: TensorLike, extent: number, parameter: string, axis = -1): Tensor => {
  const t = numberOperand(fn, x)
  if (t.shape.at(axis) !== extent) {
    const which = axis === -1 ? 'the last axis' : `axis ${axis}`
    throw new ShapeError(`${fn}: ${which} of x must be ${extent} (${parameter}), got shape ${formatShape(t.shape)}`)
  }
  return t
}
