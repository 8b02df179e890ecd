import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { accuracy, confusionMatrix, mostConfused, predictions, surestMistakes, type Reading } from '../src/confusion.js'

const classOf = fc.nat(9)

/** Every image has 0.6 to 0.9 at the class it is read as, the rest elsewhere. */
const reading = (pairs: readonly (readonly [truth: number, read: number, confidence: number])[]): Reading => ({
  labels: Int32Array.from(pairs, ([truth]) => truth),
  probabilities: Float32Array.from(
    pairs.flatMap(([, read, p]) => Array.from({ length: 10 }, (_, label) => (label === read ? p : (1 - p) / 9))),
  ),
})

const example = reading([
  [4, 9, 0.7],
  [4, 4, 0.9],
  [4, 9, 0.9],
  [3, 5, 0.8],
  [0, 0, 0.6],
])

describe('predictions', () => {
  test('takes the most probable class of each image', () => {
    expect([...predictions(example)]).toEqual([9, 4, 9, 5, 0])
  })

  test('takes the lowest of equals', () => {
    expect([...predictions({ labels: Int32Array.of(1), probabilities: new Float32Array(10).fill(0.1) })]).toEqual([0])
  })
})

describe('confusionMatrix', () => {
  const matrix = confusionMatrix(example.labels, predictions(example))

  test('counts truth by row and reading by column', () => {
    expect([matrix[49], matrix[44], matrix[35], matrix[0]]).toEqual([2, 1, 1, 1])
    expect(matrix.reduce((a, b) => a + b, 0)).toBe(5)
  })

  test('gives the accuracy and the most frequent confusions', () => {
    expect(accuracy(matrix)).toBeCloseTo(2 / 5)
    expect(mostConfused(matrix, 5)).toEqual([
      { truth: 4, read: 9, count: 2 },
      { truth: 3, read: 5, count: 1 },
    ])
    expect(mostConfused(matrix, 1)).toHaveLength(1)
  })

  test.prop([fc.array(fc.tuple(classOf, classOf), { minLength: 1 })])('accounts for every image', (pairs) => {
    const m = confusionMatrix(
      Int32Array.from(pairs, ([truth]) => truth),
      Int32Array.from(pairs, ([, read]) => read),
    )
    const wrong = mostConfused(m, 100)
    expect(wrong.reduce((sum, { count }) => sum + count, 0)).toBe(
      pairs.filter(([truth, read]) => truth !== read).length,
    )
    expect(accuracy(m)).toBeCloseTo(pairs.filter(([truth, read]) => truth === read).length / pairs.length)
    const frequencies = wrong.map(({ count }) => count)
    expect(frequencies).toEqual([...frequencies].sort((a, b) => b - a))
  })
})

describe('surestMistakes', () => {
  test('sorts by confidence and leaves out what was read right', () => {
    expect(surestMistakes(example, 2).map(({ index, truth, read }) => [index, truth, read])).toEqual([
      [2, 4, 9],
      [3, 3, 5],
    ])
    expect(surestMistakes(example, 9).at(-1)?.confidence).toBeCloseTo(0.7)
  })
})
