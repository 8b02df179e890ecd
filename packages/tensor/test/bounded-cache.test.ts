import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { BoundedCache } from '../src/core/bounded-cache.js'

test('a cache makes a value once, until it is forgotten', () => {
  const cache = new BoundedCache<string, number>(2)
  const get = (key: string): number => cache.get(key, () => key.length)
  expect([get('a'), get('bb'), get('a')]).toEqual([1, 2, 1])
  expect([cache.misses, cache.size]).toEqual([2, 2])
  get('ccc')
  expect(cache.size).toBe(2)
  get('a')
  expect(cache.misses).toBe(3)
  get('bb')
  expect(cache.misses).toBe(4)
})

test('a value that could not be made is not remembered', () => {
  const cache = new BoundedCache<string, number>(2)
  expect(() =>
    cache.get('a', () => {
      throw new RangeError('no')
    }),
  ).toThrow('no')
  expect(cache.get('a', () => 5)).toBe(5)
})

test.prop([fc.integer({ min: 1, max: 6 }), fc.array(fc.nat(8), { maxLength: 60 })])(
  'a cache never holds more than its limit, and forgets what was used least recently',
  (limit, keys) => {
    const cache = new BoundedCache<number, number>(limit)
    let recent: number[] = []
    for (const key of keys) {
      const misses = cache.misses
      expect(cache.get(key, () => key * 10)).toBe(key * 10)
      expect(cache.size).toBeLessThanOrEqual(limit)
      const used = recent.indexOf(key)
      // Within half of the limit nothing can be forgotten, so the order does not matter yet.
      expect(cache.misses - misses).toBe(used >= 0 ? 0 : 1)
      recent =
        used >= 0 && recent.length * 2 <= limit ? recent : [...recent.filter((k) => k !== key), key].slice(-limit)
    }
  },
)
