import { InputError } from '../failure.js'
import { labelsOf, pixels, type Digits } from './digits.js'

/** Images and their classes in the same order. */
export type Examples = { readonly images: Uint8Array; readonly labels: Int32Array }

const pick = (images: Uint8Array, labels: Int32Array, indices: Int32Array): Examples => {
  const picked = new Uint8Array(indices.length * pixels)
  indices.forEach((from, to) => picked.set(images.subarray(from * pixels, (from + 1) * pixels), to * pixels))
  return { images: picked, labels: Int32Array.from(indices, (from) => labels[from] ?? -1) }
}

/**
 * The first four fifths of the permuted digits for training, the rest for the test; every digit is in exactly one of
 * the two.
 *
 * @param permutation - the indices 0 to n - 1 in any order
 */
export const splitDigits = (
  digits: Digits,
  permutation: ArrayLike<number>,
): { readonly train: Examples; readonly test: Examples } => {
  const labels = labelsOf(digits.counts)
  const order = Int32Array.from(permutation)
  if (
    order.length !== labels.length ||
    !order
      .slice()
      .sort()
      .every((index, i) => index === i)
  ) {
    throw new RangeError(`splitDigits: expected a permutation of ${labels.length} indices, got ${order.length} values`)
  }
  const border = Math.floor(order.length * 0.8)
  if (border < 2)
    throw new InputError(`there are too few digits to train on, got ${order.length}; at least 3 are needed`)
  return {
    train: pick(digits.images, labels, order.subarray(0, border)),
    test: pick(digits.images, labels, order.subarray(border)),
  }
}
