import { fc, test } from '@fast-check/vitest'
import { pixels } from 'digits/images'
import { describe, expect } from 'vitest'
import { decodeDigits, encodeDigits } from '../src/tasks/digits-file.js'

const examples = (labels: readonly number[], salt: number) => ({
  labels: Int32Array.from(labels),
  images: Uint8Array.from({ length: labels.length * pixels }, (_, i) => (i * 31 + salt) % 256),
})

const labels = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 5 })

describe('the file of digits', () => {
  test.prop([labels, labels], { numRuns: 20 })('gives back what was put in', (train, test) => {
    const sets = { train: examples(train, 1), test: examples(test, 2) }
    expect(decodeDigits(encodeDigits(sets))).toEqual(sets)
  })

  test('is refused where it is cut off or too long', () => {
    const bytes = encodeDigits({ train: examples([1, 2], 0), test: examples([3], 0) })
    for (const wrong of [bytes.slice(0, 4), bytes.slice(0, -1), Uint8Array.from([...bytes, 0])])
      expect(() => decodeDigits(wrong)).toThrow(
        `decodeDigits: the length must fit the header, got ${wrong.length} bytes; build the page again`,
      )
  })
})
