import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { batches } from '../src/dataset/batches.js'
import { pixels, side } from '../src/dataset/digits.js'
import type { Examples } from '../src/dataset/split.js'

/** Example i has the label i and one dot of level 51 (i + 1) at row 10 + i, column 5. */
const dots: Examples = {
  labels: Int32Array.from({ length: 5 }, (_, i) => i),
  images: Uint8Array.from({ length: 5 * pixels }, (_, at) => {
    const i = Math.floor(at / pixels)
    return at % pixels === (10 + i) * side + 5 ? 51 * (i + 1) : 0
  }),
}

const ink = (x: Float32Array): readonly (readonly [at: number, level: number])[] =>
  [...x.entries()].filter(([, level]) => level > 0).map(([at, level]) => [at, Math.round(level * 255)])

const order = Int32Array.of(3, 1, 4, 0, 2)

describe('batches', () => {
  test('takes the examples in order, levels scaled to 1', () => {
    const [first, second, third] = [...batches(dots, { order }, 2, 'keep')]
    expect([...(first?.y ?? [])]).toEqual([3, 1])
    expect([...(second?.y ?? [])]).toEqual([4, 0])
    expect([...(third?.y ?? [])]).toEqual([2])
    expect(third?.size).toBe(1)
    expect(ink(first?.x ?? new Float32Array())).toEqual([
      [13 * side + 5, 204],
      [pixels + 11 * side + 5, 102],
    ])
    expect(second?.x[14 * side + 5]).toBe(1)
  })

  test('drops the rest on request', () => {
    expect([...batches(dots, { order }, 2, 'drop')].map(({ size }) => size)).toEqual([2, 2])
    expect([...batches(dots, { order }, 5, 'drop')].map(({ size }) => size)).toEqual([5])
    expect([...batches(dots, { order }, 6, 'drop')]).toEqual([])
  })

  test.prop([fc.integer({ min: -40, max: 40 }), fc.integer({ min: -40, max: 40 })])(
    'moves an image, losing what leaves it',
    (down, right) => {
      const [batch] = batches(dots, { order: Int32Array.of(2), shifts: Int32Array.of(down, right) }, 1, 'keep')
      const [row, column] = [12 + down, 5 + right]
      const inside = row >= 0 && row < side && column >= 0 && column < side
      expect(ink(batch?.x ?? new Float32Array())).toEqual(inside ? [[row * side + column, 153]] : [])
    },
  )

  test('moves each image by its own shift', () => {
    const shifts = Int32Array.of(1, 0, 0, 1, 0, 0, -1, -1, 2, 2)
    const moved = [...batches(dots, { order, shifts }, 1, 'keep')].map(({ x }) => ink(x)[0]?.[0])
    expect(moved).toEqual([14 * side + 5, 11 * side + 6, 14 * side + 5, 9 * side + 4, 14 * side + 7])
  })
})
