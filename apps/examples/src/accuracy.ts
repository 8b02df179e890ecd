import { batches, type Examples } from 'digits/images'

const batch = 500

/** The share of examples whose class `predict` finds; it gets `size` images of 784 levels and gives `size` classes. */
export const accuracyOf = async (
  examples: Examples,
  predict: (images: Float32Array, size: number) => Promise<ArrayLike<number>>,
  signal: AbortSignal,
): Promise<number> => {
  let right = 0
  const order = examples.labels.map((_, i) => i)
  for (const { x, y, size } of batches(examples, { order }, batch, 'keep')) {
    signal.throwIfAborted()
    const found = await predict(x, size)
    right += y.filter((label, i) => found[i] === label).length
  }
  return right / examples.labels.length
}
