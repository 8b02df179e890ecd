import { fc, test } from '@fast-check/vitest'
import { avgPool, maxPool, minPool, pool } from '@linum/nn'
import { add, arange, array, maximum, ones, random, ShapeError, type Tensor } from '@linum/tensor'
import { vmap } from '@linum/autodiff'
import { expect } from 'vitest'
import { expectClose } from './numbers.js'

const image = arange(16).reshape([4, 4, 1])
const flat = (y: Tensor): unknown => y.reshape([-1]).toArray()

test('the mean, the greatest and the least of every window', () => {
  expect(flat(avgPool(image, [2, 2], { strides: [2, 2] }))).toEqual([2.5, 4.5, 10.5, 12.5])
  expect(flat(maxPool(image, [2, 2], { strides: [2, 2] }))).toEqual([5, 7, 13, 15])
  expect(flat(minPool(image, [2, 2], { strides: 2 }))).toEqual([0, 2, 8, 10])
  expect(maxPool(image, [2, 2]).shape).toEqual([3, 3, 1])
})

test('padding counts in a mean, or does not', () => {
  const x = ones([3, 1])
  expect(flat(avgPool(x, [2], { padding: 'SAME' }))).toEqual([1, 1, 0.5])
  expect(flat(avgPool(x, [2], { padding: 'SAME', countIncludePad: false }))).toEqual([1, 1, 1])
  expect(flat(maxPool(ones([3, 1]).neg(), [2], { padding: [[1, 1]] }))).toEqual([-1, -1, -1, -1])
})

test('integers stay integers, but for their mean', () => {
  const x = array([3, 1, 2], { dtype: 'int32' }).reshape([3, 1])
  expect(maxPool(x, [2]).dtype).toBe('int32')
  expect([avgPool(x, [2]).dtype, flat(avgPool(x, [2]))]).toEqual(['float32', [2, 1.5]])
})

test('the first element takes part in every window', () => {
  expect(flat(pool(image, 9, 'max', [2, 2], { strides: [2, 2] }))).toEqual([9, 9, 13, 15])
})

const extent = fc.integer({ min: 1, max: 3 })
test.prop(
  [
    fc.integer({ min: 0, max: 9 }),
    fc.tuple(extent, extent),
    fc.tuple(extent, extent),
    fc.constantFrom('SAME', 'SAME_LOWER', 'VALID'),
  ],
  { numRuns: 10 },
)('a function gives what its name gives', (seed, window, strides, padding) => {
  const x = random.normal(random.key(seed), [2, 4, 5, 2])
  const options = { strides, padding } as const
  expectClose(pool(x, 0.5, add, window, options), pool(x, 0.5, 'sum', window, options).toArray(), 1e-5, 1e-5)
  expectClose(pool(x, 0.5, maximum, window, options), pool(x, 0.5, 'max', window, options).toArray())
})

test('padding takes no part in a function of the caller', () => {
  const x = array([1, 2, 3]).reshape([3, 1])
  expect(flat(pool(x, 2, (a, b) => a.mul(b), [2], { padding: [[1, 0]] }))).toEqual([2, 4, 12])
})

test('it is mapped over an axis', () => {
  const x = random.normal(random.key(0), [2, 4, 4, 1])
  expect(vmap((t: Tensor) => maxPool(t, [2, 2]))(x).toArray()).toEqual(maxPool(x, [2, 2]).toArray())
  expect(vmap((t: Tensor) => pool(t, 0, add, [2, 2]))(x).toArray()).toEqual(pool(x, 0, add, [2, 2]).toArray())
})

test('errors name the function, the argument, and what was got', () => {
  expect(() => maxPool(image, [2, 2, 2])).toThrow(
    new ShapeError('maxPool: x must have 3 axes for the window [2, 2, 2] before that of features, got shape (4, 4, 1)'),
  )
  expect(() => avgPool(image, [2, 2], { strides: [2] })).toThrow(
    'avgPool: strides must have one number for each axis of the window [2, 2], got [2]',
  )
  expect(() => minPool(image, [0, 2])).toThrow('minPool: windowShape must be a positive integer, got 0')
  expect(() => maxPool(image, [2, 2], { padding: [[1, 1]] })).toThrow(
    "maxPool: padding must be 'SAME', 'SAME_LOWER', 'VALID' or a pair for each axis of the window [2, 2], got [[1,1]]",
  )
  expect(() => pool(image, 0, 'mean' as never, [2, 2])).toThrow(
    "pool: unknown reduction, got 'mean'; use 'sum', 'max', 'min' or a function",
  )
  expect(() =>
    pool(image, 0, add, [2, 2], {
      padding: [
        [-1, 0],
        [0, 0],
      ],
    }),
  ).toThrow('pool: a function of your own takes no negative padding')
  expect(() => maxPool(random.key(0), [2])).toThrow('maxPool: x must hold numbers, got random keys')
})
