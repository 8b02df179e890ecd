import { grad, jvp, vmap } from '@linum/autodiff'
import { array, jit, random, type Tensor, topK, TraceError, unique } from '@linum/tensor'
import { expect, test } from 'vitest'

const key = random.key(3)

/** The mean of gamma(a) is a, so the mean of the samples' derivatives is 1. */
test.each([0.4, 3, 40])('samples of gamma(%s) move with the parameter', (a) => {
  const n = 2000
  const mean = (x: Tensor): Tensor => random.gamma(key, x, { shape: [n] }).mean()
  expect(Math.abs(Number(grad(mean)(array(a)).item()) - 1)).toBeLessThan(0.1)
  const logMean = (x: Tensor): Tensor =>
    random
      .loggamma(key, x, { shape: [n] })
      .exp()
      .mean()
  expect(Math.abs(Number(grad(logMean)(array(a)).item()) - 1)).toBeLessThan(0.1)
})

test('forward and reverse derivatives of beta and dirichlet samples agree, compiled too', () => {
  const f = (a: Tensor): Tensor => random.beta(key, a, 2, { shape: [5] }).sum()
  const reverse = Number(grad(f)(array(1.5)).item())
  expect(Number(jvp(f, [array(1.5)], [array(1)])[1].item())).toBeCloseTo(reverse, 5)
  expect(Number(jit(grad(f))(array(1.5)).item())).toBeCloseTo(reverse, 5)
  const g = (a: Tensor): Tensor => random.dirichlet(key, a).square().sum()
  const gradient = grad(g)(array([1, 2, 3]))
  const along = jvp(g, [array([1, 2, 3])], [array([1, 0, 0])])[1]
  expect(Number(along.item())).toBeCloseTo(Number(gradient.slice(0).item()), 5)
})

test('a gamma sample has no second derivative', () => {
  const f = (a: Tensor): Tensor => random.gamma(key, a)
  expect(() => grad(grad(f))(array(2))).toThrow(TypeError)
})

test('vmap over keys draws for each key alone', () => {
  const keys = random.split(key, 3)
  const all = vmap((k: Tensor) => random.gamma(k, 2, { shape: [2] }))(keys)
  expect(all.toArray()).toEqual([0, 1, 2].map((i) => random.gamma(keys.slice(i), 2, { shape: [2] }).toArray()))
})

test('the greatest values pass derivatives to where they came from', () => {
  const x = array([3, 1, 5, 4])
  const f = (t: Tensor): Tensor =>
    topK(t, 2)[0]
      .mul(array([10, 1]))
      .sum()
  expect(grad(f)(x).toArray()).toEqual([0, 0, 10, 1])
})

test('unique asks for a size inside traced functions', () => {
  expect(() => jit((x: Tensor) => unique(x))(array([1, 2]))).toThrow(TraceError)
})
