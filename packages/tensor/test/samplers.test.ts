import { array, random, type Tensor } from '@linum/tensor'
import { expect, test } from 'vitest'

const n = 4000
const moments = (x: Tensor): readonly [mean: number, variance: number] => {
  const data = Array.from(x.astype('float32').dataSync())
  const mean = data.reduce((a, b) => a + b, 0) / data.length
  return [mean, data.reduce((a, b) => a + (b - mean) ** 2, 0) / data.length]
}

const shape = [n]
const key = random.key(7)
test.each<[name: string, draw: () => Tensor, mean: number, variance: number]>([
  ['exponential', () => random.exponential(key, shape), 1, 1],
  ['laplace', () => random.laplace(key, shape), 0, 2],
  ['logistic', () => random.logistic(key, shape), 0, Math.PI ** 2 / 3],
  ['gumbel', () => random.gumbel(key, shape, { mode: 'highest' }), 0.5772, Math.PI ** 2 / 6],
  ['gamma below 1', () => random.gamma(key, 0.5, { shape }), 0.5, 0.5],
  ['gamma', () => random.gamma(key, 4, { shape }), 4, 4],
  ['beta', () => random.beta(key, 2, 3, { shape }), 0.4, 0.04],
  ['chisquare', () => random.chisquare(key, 3, { shape }), 3, 6],
  ['t', () => random.t(key, 9, { shape }), 0, 9 / 7],
  ['poisson of a low rate', () => random.poisson(key, 3, { shape }), 3, 3],
  ['poisson of a high rate', () => random.poisson(key, 30, { shape }), 30, 30],
  ['binomial of few', () => random.binomial(key, 10, 0.3, { shape }), 3, 2.1],
  ['binomial of many', () => random.binomial(key, 100, 0.6, { shape }), 60, 24],
  ['geometric', () => random.geometric(key, 0.25, { shape }), 4, 12],
  ['triangular', () => random.triangular(key, 0, 1, 2, { shape }), 1, 1 / 6],
  ['rayleigh', () => random.rayleigh(key, 1, { shape }), Math.sqrt(Math.PI / 2), 2 - Math.PI / 2],
  ['maxwell', () => random.maxwell(key, shape), Math.sqrt(8 / Math.PI), 3 - 8 / Math.PI],
  ['rademacher', () => random.rademacher(key, shape), 0, 1],
  ['bernoulli', () => random.bernoulli(key, { p: 0.3, shape }), 0.3, 0.21],
  ['randint of int8', () => random.randint(key, shape, -128, 128, { dtype: 'int8' }), -0.5, (256 ** 2 - 1) / 12],
  ['uniform in float16', () => random.uniform(key, shape, { dtype: 'float16' }), 0.5, 1 / 12],
])('%s has the mean and variance of its distribution', (_name, draw, mean, variance) => {
  const [m, v] = moments(draw())
  expect(Math.abs(m - mean)).toBeLessThan(5 * Math.sqrt(variance / n))
  expect(Math.abs(v / variance - 1)).toBeLessThan(0.25)
})

test('samples without replacement hold nothing twice', () => {
  const p = array([0.1, 0.2, 0.3, 0.4])
  const drawn = random.choice(key, 4, { shape: [4], replace: false, p }).dataSync()
  expect([...drawn].sort((a, b) => a - b)).toEqual([0, 1, 2, 3])
  const classes = random.categorical(key, array([1, 2, 3]), { shape: [3], replace: false }).dataSync()
  expect([...classes].sort((a, b) => a - b)).toEqual([0, 1, 2])
})

test('dirichlet samples sum to 1, orthogonal matrices undo their transposes', () => {
  const d = random.dirichlet(key, array([0.01, 2, 5]), { shape: [50] })
  for (const total of d.sum({ axis: -1 }).dataSync()) expect(total).toBeCloseTo(1, 5)
  const q = random.orthogonal(key, 4)
  const product = q.matmul(q.mT).dataSync()
  for (let i = 0; i < 16; i++) expect(product[i]).toBeCloseTo(i % 5 === 0 ? 1 : 0, 5)
})
