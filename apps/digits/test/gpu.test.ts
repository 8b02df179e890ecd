import { Rngs, setDefaultDevice, withDevice } from 'linum'
import { afterAll, expect, test } from 'vitest'
import { accuracy, confusionMatrix, predictions } from '../src/confusion.js'
import { splitDigits } from '../src/dataset/split.js'
import { evaluate } from '../src/evaluate.js'
import { Classifier } from '../src/model.js'
import { train } from '../src/train.js'
import { syntheticDigits } from './synthetic-digits.js'

afterAll(() => setDefaultDevice('wasm'))

const silent = { start: () => undefined, update: () => undefined, finish: () => undefined, stop: () => undefined }

test('the gpu learns as wasm does: the same first twenty losses, and nearly the same accuracy', async () => {
  const order = Array.from({ length: 400 }, (_, i) => (i * 101) % 400)
  const { train: examples, test: unseen } = splitDigits(syntheticDigits(40), order)
  const run = async (device: string): Promise<{ readonly losses: readonly number[]; readonly right: number }> => {
    setDefaultDevice(device)
    const model = withDevice(device, () => new Classifier([32, 16], { rngs: new Rngs(0) }))
    const { signal } = new AbortController()
    const options = { epochs: 4, batch: 32, lr: 0.01, seed: 0, progress: silent, signal }
    const { losses } = await train(model, examples, options)
    const reading = await evaluate(model, unseen)
    return { losses, right: accuracy(confusionMatrix(reading.labels, predictions(reading))) }
  }
  const [expected, got] = [await run('wasm'), await run('gpu')]
  expect(got.losses.length).toBeGreaterThanOrEqual(20)
  got.losses.slice(0, 20).forEach((loss, i) => expect(Math.abs(loss - expected.losses[i]!)).toBeLessThan(1e-4))
  expect(Math.abs(got.right - expected.right)).toBeLessThan(0.005)
})
