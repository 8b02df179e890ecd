import { ArrayOps, Tensor, tree } from '@linum/tensor'
import { keepTensor } from '@linum/tensor/core'

const isContainer = (x: unknown): x is object => typeof x === 'object' && x !== null && !(x instanceof ArrayOps)

const strongTensor = (x: Tensor): Tensor => {
  const strong = x.weak ? x.astype(x.dtype) : x
  keepTensor(strong)
  return strong
}

const strongLeaf = (x: unknown): unknown => (x instanceof Tensor ? strongTensor(x) : x)

/**
 * A value as a Variable keeps it: tensors lose the weak flag (a second step would see another type and retrace),
 * containers are copied. Throws TypeError for a Variable or its snapshot.
 */
export const toStored = <A>(value: A): A => {
  if (value instanceof Tensor) return strongTensor(value) as A
  if (isContainer(value)) return tree.map(strongLeaf, value) as A
  if (value instanceof ArrayOps) throw new TypeError('Cannot set value to a Variable, use `copyFrom` method instead')
  return value
}

/** A value as it is handed out: a container is copied, so that changing it does not change the Variable. */
export const handOut = <A>(value: A): A => (isContainer(value) ? (tree.map((x: unknown) => x, value) as A) : value)
