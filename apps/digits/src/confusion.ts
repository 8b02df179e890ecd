import { classes } from './dataset/digits.js'

/** What the classifier made of a set of images: one row of class probabilities per image. */
export type Reading = { readonly labels: Int32Array; readonly probabilities: Float32Array }

/** One image that was taken for another digit, and how sure the classifier was. */
export type Misread = {
  readonly index: number
  readonly truth: number
  readonly read: number
  readonly confidence: number
}

/** How often one digit was read as another. */
export type Confusion = { readonly truth: number; readonly read: number; readonly count: number }

/** The most probable class of each image, the lowest of equals. */
export const predictions = ({ labels, probabilities }: Reading): Int32Array =>
  Int32Array.from(labels, (_, image) => {
    const row = probabilities.subarray(image * classes, (image + 1) * classes)
    return row.reduce((best, value, label) => (value > (row[best] ?? 0) ? label : best), 0)
  })

/** Row: the truth, column: what was read, 10 x 10 in row-major order. */
export const confusionMatrix = (labels: Int32Array, read: Int32Array): Uint32Array => {
  const matrix = new Uint32Array(classes * classes)
  labels.forEach((truth, i) => {
    const cell = truth * classes + (read[i] ?? 0)
    matrix[cell] = (matrix[cell] ?? 0) + 1
  })
  return matrix
}

const sum = (counts: Uint32Array): number => counts.reduce((a, b) => a + b, 0)

/** The share of images on the diagonal, from 0 to 1. */
export const accuracy = (matrix: Uint32Array): number => {
  const right = matrix.filter((_, cell) => cell % (classes + 1) === 0)
  return sum(right) / sum(matrix)
}

/** The `limit` most frequent confusions, equals by truth, then by what was read. */
export const mostConfused = (matrix: Uint32Array, limit: number): readonly Confusion[] =>
  Array.from(matrix, (count, cell): Confusion => ({ truth: Math.floor(cell / classes), read: cell % classes, count }))
    .filter(({ truth, read, count }) => truth !== read && count > 0)
    .sort((a, b) => b.count - a.count)
    .slice(0, limit)

/** The `limit` mistakes that the classifier was surest of, equals by index. */
export const surestMistakes = (reading: Reading, limit: number): readonly Misread[] =>
  Array.from(predictions(reading), (read, index): Misread => ({
    index,
    truth: reading.labels[index] ?? 0,
    read,
    confidence: reading.probabilities[index * classes + read] ?? 0,
  }))
    .filter(({ truth, read }) => truth !== read)
    .sort((a, b) => b.confidence - a.confidence)
    .slice(0, limit)
