import { jit, nn, np, type Tensor } from 'linum'
import type { Reading } from './confusion.js'
import { batches } from './dataset/batches.js'
import { classes, pixels } from './dataset/digits.js'
import type { Examples } from './dataset/split.js'
import type { Classifier } from './model.js'

const batch = 500

const classify = jit((model: Classifier, x: Tensor) => nn.softmax(model.forward(x), { axis: -1 }))

/** The class probabilities of all examples, without dropout and with the collected statistics of the normalisation. */
export const evaluate = async (model: Classifier, examples: Examples, signal?: AbortSignal): Promise<Reading> => {
  model.eval()
  const { labels } = examples
  const probabilities = new Float32Array(labels.length * classes)
  let offset = 0
  for (const { x, size } of batches(examples, { order: Int32Array.from(labels, (_, i) => i) }, batch, 'keep')) {
    signal?.throwIfAborted()
    const rows = await classify(model, np.array(x).reshape([size, pixels])).data()
    probabilities.set(Float32Array.from(rows, Number), offset)
    offset += rows.length
  }
  return { labels, probabilities }
}
