import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { pixels } from '../src/dataset/digits.js'
import { splitDigits, type Examples } from '../src/dataset/split.js'
import { InputError } from '../src/failure.js'
import { syntheticDigits } from './synthetic-digits.js'

const digits = syntheticDigits(3)
const size = 30
const permutations = fc.shuffledSubarray(
  Array.from({ length: size }, (_, i) => i),
  { minLength: size },
)

const keys = ({ images, labels }: Examples): readonly string[] =>
  Array.from(
    labels,
    (label, i) => `${label} ${Buffer.from(images.subarray(i * pixels, (i + 1) * pixels)).toString('hex')}`,
  )

describe('splitDigits', () => {
  test('takes the first four fifths for training, in the given order', () => {
    const { train, test: rest } = splitDigits(
      digits,
      Array.from({ length: size }, (_, i) => size - 1 - i),
    )
    expect([...train.labels]).toEqual([9, 9, 9, 8, 8, 8, 7, 7, 7, 6, 6, 6, 5, 5, 5, 4, 4, 4, 3, 3, 3, 2, 2, 2])
    expect([...rest.labels]).toEqual([1, 1, 1, 0, 0, 0])
    expect(rest.images.subarray(5 * pixels)).toEqual(digits.images.subarray(0, pixels))
  })

  test.prop([permutations])('puts every digit, with its label, into exactly one of the two', (permutation) => {
    const { train, test: rest } = splitDigits(digits, permutation)
    const whole = splitDigits(
      digits,
      Array.from({ length: size }, (_, i) => i),
    )
    expect([...keys(train), ...keys(rest)].sort()).toEqual([...keys(whole.train), ...keys(whole.test)].sort())
    expect(new Set([...keys(train), ...keys(rest)]).size).toBe(size)
  })

  test.prop([permutations])('gives the same split for the same permutation', (permutation) => {
    const [once, again] = [splitDigits(digits, permutation), splitDigits(digits, Uint32Array.from(permutation))]
    expect([keys(once.train), keys(once.test)]).toEqual([keys(again.train), keys(again.test)])
  })

  test.each([[[0, 1]], [Array.from({ length: size }, () => 0)], [Array.from({ length: size }, (_, i) => i + 1)]])(
    'refuses what is no permutation',
    (order) => {
      expect(() => splitDigits(digits, order)).toThrow(
        `splitDigits: expected a permutation of 30 indices, got ${order.length} values`,
      )
    },
  )

  test('refuses too few digits to train on', () => {
    const two = { images: digits.images.subarray(0, 2 * pixels), counts: [2, 0, 0, 0, 0, 0, 0, 0, 0, 0] }
    expect(() => splitDigits(two, [0, 1])).toThrow(InputError)
  })
})
