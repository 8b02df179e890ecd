import { fc, test } from '@fast-check/vitest'
import { InputError } from 'digits/program'
import { np, Rngs } from 'linum'
import { describe, expect } from 'vitest'
import { Gpt } from '../src/gpt/model.js'
import { Vocabulary } from '../src/gpt/text.js'
import * as training from '../src/gpt/train.js'
import { write } from '../src/gpt/write.js'
import { falls, unwatched } from './stage.js'

const text = 'the sea the ship the whale '.repeat(20)
const vocabulary = new Vocabulary(text)
const sizes = { vocabulary: vocabulary.characters.length, time: 12, width: 16, heads: 2 }
const fresh = (depth: number): Gpt => new Gpt({ ...sizes, depth }, { rngs: new Rngs(0) })
const tokens = vocabulary.encode(text)

describe('Vocabulary', () => {
  test.prop([fc.string()])('gives back the text', (any) => {
    const own = new Vocabulary(any)
    expect(own.decode([...own.encode(any)])).toBe(any)
  })

  test('refuses a character that the text has not', () => {
    expect(() => vocabulary.encode('z')).toThrow(new InputError('the text has no character "z"'))
  })
})

describe('Gpt', () => {
  test('sees what comes before a character and nothing after it', () => {
    const model = fresh(2)
    const logits = model.forward(np.array(tokens.slice(0, 12)).reshape([1, 12]))
    expect(logits.shape).toEqual([1, 12, sizes.vocabulary])
    const other = tokens.slice(0, 12)
    other[7] = (other[7]! + 1) % sizes.vocabulary
    const changed = model.forward(np.array(other).reshape([1, 12]))
    const differs = np
      .abs(changed.sub(logits))
      .max({ axis: [0, 2] })
      .gt(1e-6)
    expect(differs.toArray()).toEqual(Array.from({ length: 12 }, (_, i) => i >= 7))
  })

  test('reads one character after the other as it reads all at once', () => {
    const model = fresh(2)
    const logits = model.forward(np.array(tokens.slice(0, 12)).reshape([1, 12]))
    model.startReading()
    for (let at = 0; at < 12; at++) {
      const next = model.next(np.array(tokens[at]!, { dtype: 'int32' }), np.array(at, { dtype: 'int32' }))
      expect(
        np
          .abs(next.sub(logits.slice(0, at)))
          .max()
          .item(),
      ).toBeLessThan(1e-5)
    }
  })
})

describe('train and write', () => {
  test('the loss falls, and the seed decides what is written', async () => {
    const options = { steps: 30, batch: 4, lr: 0.02, seed: 0 }
    const parts: number[] = []
    const model = fresh(1)
    const before = await training.test(model, tokens)
    const losses = await training.train(model, tokens, options, 3, unwatched, (part) =>
      Promise.resolve(void parts.push(part)),
    )
    expect(parts).toEqual([1, 2, 3])
    expect(losses).toHaveLength(30)
    expect(falls(losses)).toBe(true)
    expect(await training.test(model, tokens)).toBeLessThan(0.8 * before)

    const sample = { prompt: vocabulary.encode('the '), length: 20, temperature: 1, seed: 0 }
    const written = await write(model, sample)
    expect(written).toHaveLength(20)
    expect(vocabulary.decode(written)).toMatch(/^the [ aehilpstw]{16}$/)
    expect(await write(model, sample)).toEqual(written)
    expect(await write(model, { ...sample, seed: 1 })).not.toEqual(written)
  })
})
