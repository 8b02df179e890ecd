import { Rngs, setDefaultDevice } from 'linum'
import { afterAll, expect, test } from 'vitest'
import { Gpt } from '../src/gpt/model.js'
import { Vocabulary } from '../src/gpt/text.js'
import * as training from '../src/gpt/train.js'
import { unwatched } from './stage.js'

afterAll(() => setDefaultDevice('wasm'))

test('a transformer has the same first twenty losses on the gpu as on wasm', async () => {
  const text = 'the sea the ship the whale '.repeat(20)
  const vocabulary = new Vocabulary(text)
  const tokens = vocabulary.encode(text)
  const run = async (device: string): Promise<readonly number[]> => {
    setDefaultDevice(device)
    const sizes = { vocabulary: vocabulary.characters.length, time: 12, width: 16, heads: 2, depth: 2 }
    const model = new Gpt(sizes, { rngs: new Rngs(0) })
    const options = { steps: 20, batch: 4, lr: 0.01, seed: 0 }
    return training.train(model, tokens, options, 1, unwatched, async () => undefined)
  }
  const [expected, got] = [await run('wasm'), await run('gpu')]
  expect(got.length).toBe(20)
  got.forEach((loss, i) => expect(Math.abs(loss - expected[i]!)).toBeLessThan(1e-4))
})
