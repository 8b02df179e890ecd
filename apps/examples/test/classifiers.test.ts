import { np, Rngs } from 'linum'
import { describe, expect, test } from 'vitest'
import { Cnn } from '../src/cnn/model.js'
import * as cnn from '../src/cnn/train.js'
import { RowReader } from '../src/lstm/model.js'
import * as lstm from '../src/lstm/train.js'
import { digits, falls, unwatched } from './stage.js'

const options = { epochs: 5, batch: 16, lr: 0.01, seed: 0 }

describe('cnn', () => {
  const fresh = (seed: number): Cnn => new Cnn({ channels: [4, 8], hidden: 16 }, { rngs: new Rngs(seed) })

  test('gives ten logits for each image', () => {
    expect(fresh(0).forward(np.zeros([3, 28, 28, 1])).shape).toEqual([3, 10])
  })

  test('learns to read digits that it has not seen, the same way for the same seed', async () => {
    const once = async (seed: number): Promise<readonly number[]> => {
      const model = fresh(seed)
      const losses = await cnn.train(model, digits.train, { ...options, seed }, unwatched)
      return [await cnn.test(model, digits.test, unwatched.signal), ...losses]
    }
    const [accuracy, ...losses] = await once(0)
    expect(losses).toHaveLength(25)
    expect(falls(losses)).toBe(true)
    expect(accuracy).toBeGreaterThan(0.5)
    expect(await once(0)).toEqual([accuracy, ...losses])
    expect(await once(1)).not.toEqual([accuracy, ...losses])
  })
})

describe('lstm', () => {
  const fresh = (): RowReader => new RowReader(16, { rngs: new Rngs(0) })

  test('depends on every row', () => {
    const model = fresh()
    const blank = model.forward(np.zeros([1, 28, 28]))
    expect(blank.shape).toEqual([1, 10])
    for (const row of [0, 13, 27]) {
      const marked = model.forward(np.zeros([1, 28, 28]).at(0, row).set(1))
      expect(marked.toArray()).not.toEqual(blank.toArray())
    }
  })

  test('learns to read digits that it has not seen', async () => {
    const model = fresh()
    const losses = await lstm.train(model, digits.train, { ...options, lr: 0.03 }, unwatched)
    expect(falls(losses)).toBe(true)
    expect(await lstm.test(model, digits.test, unwatched.signal)).toBeGreaterThan(0.3)
  })
})
