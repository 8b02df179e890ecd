import { batches, type Examples, pixels, shuffled, side } from 'digits/images'
import { accuracyOf } from 'examples/accuracy'
import { Cnn } from 'examples/cnn'
import { np, random, Rngs, type Tensor } from 'linum'
import type { Readings, Samples, Settings } from '../protocol.js'
import { adamFor, classify, predict } from './classifier.js'
import { loadDigits } from './digits-file.js'
import type { Batch, Task } from './task.js'

/** Unseen digits that the page shows. */
const shown = 20

/** Batches without end, in another order in each epoch. */
async function* forever(examples: Examples, batch: number, seed: number): AsyncGenerator<Batch, never> {
  const key = random.key(seed)
  for (let epoch = 1; ; epoch++) {
    const arrangement = await shuffled(key, epoch, examples.labels.length)
    for (const { x, y, size } of batches(examples, arrangement, batch, 'drop'))
      yield { x: asImages(x), y: np.array(y), size }
  }
}

const asImages = (x: Float32Array): Tensor => np.array(x).reshape([-1, side, side, 1])

const first = ({ images, labels }: Examples, count: number): Samples => ({
  task: 'digits',
  images: images.slice(0, count * pixels),
  labels: labels.slice(0, count),
})

/** A convolutional network learns to read handwritten digits. */
export const openDigits = async (
  { channels = 8, batch = 64 }: Settings,
  seed: number,
  address: string,
): Promise<Task> => {
  const { train, test } = await loadDigits(address)
  const model = new Cnn({ channels: [channels, 2 * channels], hidden: 8 * channels }, { rngs: new Rngs(seed) })
  const source = forever(train, batch, seed)
  const samples = first(test, shown)
  const sampleImages = asImages(Float32Array.from(samples.images, (level) => level / 255))
  const never = new AbortController().signal

  /** Dropout is for training alone. */
  const evaluating = async <T>(f: () => Promise<T>): Promise<T> => {
    model.eval()
    try {
      return await f()
    } finally {
      model.train()
    }
  }
  const probabilities = (x: Tensor): Promise<Float32Array> =>
    evaluating(async () => Float32Array.from(await classify(model, x).data(), Number))

  return {
    model,
    optimizer: adamFor(model),
    example: np.zeros([1, side, side, 1]),
    data: samples,
    next: async () => (await source.next()).value,
    test: () =>
      evaluating(() => accuracyOf(test, (x) => predict(model, asImages(x)).data() as Promise<Int32Array>, never)),
    picture: async (): Promise<Readings> => ({ task: 'digits', probabilities: await probabilities(sampleImages) }),
    read: (image) => probabilities(asImages(image)),
  }
}
