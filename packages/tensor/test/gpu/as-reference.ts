import { type Tensor, withDevice } from '@linum/tensor'
import { expect } from 'vitest'

export const read = async (x: Tensor): Promise<number[]> => Array.from((await x.data()) as ArrayLike<number>, Number)

export const readAll = (xs: readonly Tensor[]): Promise<number[][]> => Promise.all(xs.map(read))

/** Computes on the gpu and on the js device and expects the same numbers. */
export const asReference = async (f: () => readonly Tensor[]): Promise<void> => {
  const got = f()
  expect(got.map((x) => x.device)).toEqual(got.map(() => 'gpu'))
  const want = withDevice('js', f)
  expect(got.map((x) => [x.dtype, x.shape])).toEqual(want.map((x) => [x.dtype, x.shape]))
  expect(await readAll(got)).toEqual(await readAll(want))
}
