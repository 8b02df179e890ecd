import { array, random, Tensor, tree } from '@linum/tensor'

export const ints = (data: unknown): Tensor => array(data as never, { dtype: 'int32' })

/** Key words for keys, so that they can be read and compared. */
const open = (x: Tensor): Tensor => (x.dtype === 'key' ? random.keyData(x) : x)

/** A tree of nested numbers. */
export const values = (x: unknown): unknown =>
  tree.map((t: unknown) => (t instanceof Tensor ? open(t).toArray() : t), x)

/** A tree of what tells tensors apart: dtype, shape and every bit. */
export const bits = (x: unknown): unknown =>
  tree.map((t: unknown) => (t instanceof Tensor ? [t.dtype, t.shape, [...open(t).dataSync()]] : t), x)
