import { array, jit, random, Tensor, tree } from '@linum/tensor'
import { expect } from 'vitest'

/** Key words for keys, so that they can be read and compared. */
export const open = (x: Tensor): Tensor => (x.dtype === 'key' ? random.keyData(x) : x)

/** A tree of nested numbers. */
export const values = (x: unknown): unknown =>
  tree.map((t: unknown) => (t instanceof Tensor ? open(t).toArray() : t), x)

/** A tree of what tells tensors apart: dtype, shape and every bit. */
export const typed = (x: unknown): unknown =>
  tree.map((t: unknown) => (t instanceof Tensor ? [t.dtype, t.shape, [...open(t).dataSync()]] : t), x)

/** The value, after a check that compiling changes no bit of it. */
export const bothWays = <A extends readonly Tensor[], R>(f: (...args: A) => R, ...args: A): R => {
  const eager = f(...args)
  expect(typed(jit(f as never)(...(args as unknown as never[])))).toEqual(typed(eager))
  return eager
}

export const ints = (data: unknown): Tensor => array(data as never, { dtype: 'int32' })

/** Something to scan over, and a body that adds it up. */
export const xs: Tensor = array([1, 2, 3, 4])
export const running = (c: Tensor, x: Tensor): [Tensor, Tensor] => [c.add(x), c.mul(x)]
