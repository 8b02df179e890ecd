import { fc, test } from '@fast-check/vitest'
import { grad, jvp, vmap } from '@linum/autodiff'
import { arange, array, dynamicSliceInDim, dynamicUpdateSlice, jit, pad, scan, type Tensor, zeros } from '@linum/tensor'
import { expect } from 'vitest'

const numbers = (n: number): fc.Arbitrary<Tensor> =>
  fc.array(fc.integer({ min: -20, max: 20 }), { minLength: n, maxLength: n }).map((xs) => array(xs).mul(0.1))

/** Every step writes a row into a cache at its own number and reads the two rows that end there. */
const cached = (xs: Tensor): Tensor => {
  const steps = arange(xs.shape[0]!)
  const body = ([cache]: readonly [Tensor], [i, x]: readonly [Tensor, Tensor]): [[Tensor], Tensor] => {
    const next = dynamicUpdateSlice(cache, x.mul(x).reshape([1, 2]), [i, 0])
    return [[next], dynamicSliceInDim(next, i.sub(1).maximum(0), 2).sum().mul(next.slice(i, 0))]
  }
  const [, ys] = scan(body as never, [zeros([xs.shape[0]!, 2])] as never, [steps, xs] as never) as unknown as [
    unknown,
    Tensor,
  ]
  return ys
}

/** The same without a loop or a cache. */
const plain = (xs: Tensor): Tensor => {
  const squares = xs.mul(xs)
  const rows = Array.from({ length: xs.shape[0]! }, (_, i) => i)
  return rows
    .map((i) => {
      const [a, b] = i === 0 ? [squares.slice(0), null] : [squares.slice(i - 1), squares.slice(i)]
      return a
        .sum()
        .add(b === null ? 0 : b.sum())
        .mul(squares.slice(i, 0))
        .reshape([1])
    })
    .reduce((a, b) =>
      pad(a.at(':').get(), [[0, 1]])
        .at(-1)
        .set(b.slice(0)),
    )
}

const close = (got: Tensor, want: Tensor): void => {
  expect(got.shape).toEqual(want.shape)
  got.dataSync().forEach((v, i) => expect(v).toBeCloseTo(want.dataSync()[i]!, 3))
}

test.prop([numbers(8)], { numRuns: 15 })(
  'a cache that a loop writes and reads has the derivatives of what it holds',
  (flat) => {
    const xs = flat.reshape([4, 2])
    const weights = array([1, -2, 3, 0.5])
    const loss =
      (f: (x: Tensor) => Tensor) =>
      (x: Tensor): Tensor =>
        f(x).mul(weights).sum()
    close(cached(xs), plain(xs))
    close(grad(loss(cached))(xs), grad(loss(plain))(xs))
    close(jit(grad(loss(cached)))(xs), grad(loss(plain))(xs))
    const direction = xs.add(0.3)
    close(jvp(loss(cached), [xs], [direction])[1], jvp(loss(plain), [xs], [direction])[1])
  },
)

test.prop([numbers(12), fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 3, maxLength: 3 })], { numRuns: 20 })(
  'entries of a batch read and write windows of their own',
  (flat, starts) => {
    const xs = flat.reshape([3, 4])
    const at = array(starts, { dtype: 'int32' })
    const step = (x: Tensor, i: Tensor): Tensor =>
      dynamicUpdateSlice(x, dynamicSliceInDim(x, i.neg(), 2).mul(3), [i])
        .at(i)
        .add(1)
    const each = starts.map((_, k) => step(xs.slice(k), at.slice(k)))
    const got = vmap(step)(xs, at)
    each.forEach((want, k) => expect([...got.slice(k).dataSync()]).toEqual([...want.dataSync()]))
    const total = (x: Tensor, i: Tensor): Tensor => step(x, i).square().sum()
    const grads = vmap(grad(total))(xs, at)
    each.forEach((_, k) => close(grads.slice(k), grad(total)(xs.slice(k), at.slice(k))))
  },
)
