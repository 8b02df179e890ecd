import { describe, expect, test } from 'vitest'
import { inkBox, inkCentre } from '../src/page/digit-image.js'

const picture = ['.....', '..#..', '..##.', '.....']
  .join('')
  .split('')
  .map((c) => (c === '#' ? 255 : 0))

describe('ink on a pad', () => {
  test('is found by its box, and not where there is none', () => {
    expect(inkBox(picture, 5)).toEqual({ left: 2, top: 1, width: 2, height: 2 })
    expect(inkBox(new Uint8Array(20), 5)).toBeNull()
  })

  test('is a faint trace below a sixteenth', () => {
    expect(inkBox(Uint8Array.from([15, 15, 15, 15]), 2)).toBeNull()
    expect(inkBox(Uint8Array.from([15, 15, 15, 16]), 2)).toEqual({ left: 1, top: 1, width: 1, height: 1 })
  })

  test('has its middle weighed by its levels', () => {
    const [x, y] = inkCentre(picture, 5)
    expect(x).toBeCloseTo((2.5 + 2.5 + 3.5) / 3, 12)
    expect(y).toBeCloseTo((1.5 + 2.5 + 2.5) / 3, 12)
    expect(inkCentre(Uint8Array.from([0, 200, 0, 0]), 2)).toEqual([1.5, 0.5])
    expect(inkCentre(new Uint8Array(4), 2)).toEqual([1, 1])
  })
})
