import { np, Rngs } from 'linum'
import { describe, expect, test } from 'vitest'
import { accuracy, confusionMatrix, predictions } from '../src/confusion.js'
import { splitDigits } from '../src/dataset/split.js'
import { evaluate } from '../src/evaluate.js'
import { Interrupted, TrainingError } from '../src/failure.js'
import { Classifier, layerWidths, parameterCount } from '../src/model.js'
import type { Progress } from '../src/report/progress.js'
import { train, type History } from '../src/train.js'
import { syntheticDigits } from './synthetic-digits.js'

const silent: Progress = {
  start: () => undefined,
  update: () => undefined,
  finish: () => undefined,
  stop: () => undefined,
}

// 101 has no common factor with 200, so this is a permutation.
const { train: examples, test: unseen } = splitDigits(
  syntheticDigits(20),
  Array.from({ length: 200 }, (_, i) => (i * 101) % 200),
)

const classifier = (seed: number): Classifier => new Classifier([16], { rngs: new Rngs(seed) })

const run = (
  model: Classifier,
  { epochs = 3, seed = 0, progress = silent, signal = new AbortController().signal } = {},
): Promise<History> => train(model, examples, { epochs, batch: 32, lr: 0.01, seed, progress, signal })

describe('Classifier', () => {
  test('gives ten logits for each image', () => {
    expect(classifier(0).forward(np.zeros([3, 784])).shape).toEqual([3, 10])
  })

  test('has the layers that were asked for', () => {
    expect(layerWidths([256, 128])).toEqual([784, 256, 128, 10])
    // Weights and biases of three layers, scale and bias of two normalisations.
    expect(parameterCount(new Classifier([256, 128], { rngs: new Rngs(0) }))).toBe(
      784 * 256 + 256 * 128 + 128 * 10 + 394 + 2 * 384,
    )
  })
})

describe('train', () => {
  test('learns to read digits that it has not seen', async () => {
    const model = classifier(0)
    const { losses } = await run(model, { epochs: 8 })
    expect(losses).toHaveLength(8 * 5)
    expect(losses.at(-1)).toBeLessThan(0.5 * (losses[0] ?? 0))
    const reading = await evaluate(model, unseen)
    expect(accuracy(confusionMatrix(reading.labels, predictions(reading)))).toBeGreaterThan(0.9)
  })

  test('gives the same losses and readings, bit for bit, for the same seed', async () => {
    const once = async (seed: number): Promise<readonly [readonly number[], readonly number[]]> => {
      const model = classifier(seed)
      const { losses } = await run(model, { seed })
      return [losses, [...(await evaluate(model, unseen)).probabilities]]
    }
    const first = await once(5)
    expect(await once(5)).toEqual(first)
    expect(await once(6)).not.toEqual(first)
  })

  test('tells the progress of every epoch', async () => {
    const told: string[] = []
    const progress: Progress = {
      ...silent,
      start: (epoch, steps) => told.push(`start ${epoch} ${steps}`),
      finish: ({ loss, accuracy: share, stepsPerSecond }) => {
        expect(loss).toBeGreaterThan(0)
        expect(share).toBeGreaterThanOrEqual(0)
        expect(share).toBeLessThanOrEqual(1)
        expect(stepsPerSecond).toBeGreaterThan(0)
        told.push('finish')
      },
    }
    await run(classifier(0), { epochs: 2, progress })
    expect(told).toEqual(['start 1 5', 'finish', 'start 2 5', 'finish'])
  })

  test('stops soon after it is told to', async () => {
    const controller = new AbortController()
    let epochs = 0
    const progress: Progress = {
      ...silent,
      start: () => {
        epochs += 1
        if (epochs === 2) controller.abort(new Interrupted('SIGINT'))
      },
    }
    const reason = await run(classifier(0), { epochs: 1000, progress, signal: controller.signal }).then(
      () => null,
      (error: unknown) => error,
    )
    expect(reason).toBe(controller.signal.reason)
    expect(reason).toBeInstanceOf(Interrupted)
    expect(epochs).toBeLessThan(1000)
  })

  test('fails when the loss is no number', async () => {
    const model = classifier(0)
    model.head.bias?.set(np.full([10], NaN))
    const failure = run(model)
    await expect(failure).rejects.toThrow(TrainingError)
    await expect(failure).rejects.toThrow('the loss became NaN in step 1 of epoch 1; try a smaller --lr')
  })
})

describe('evaluate', () => {
  test('gives probabilities, the same every time', async () => {
    const model = classifier(0)
    const { probabilities } = await evaluate(model, unseen)
    expect(probabilities).toHaveLength(40 * 10)
    const sums = Array.from({ length: 40 }, (_, i) =>
      probabilities.subarray(10 * i, 10 * i + 10).reduce((a, b) => a + b, 0),
    )
    for (const sum of sums) expect(sum).toBeCloseTo(1, 5)
    expect((await evaluate(model, unseen)).probabilities).toEqual(probabilities)
  })
})
