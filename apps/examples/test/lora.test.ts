import { LoRAParam, np, Param, Rngs } from 'linum'
import { expect, test } from 'vitest'
import { adapted, Classifier, freshLayers } from '../src/lora/model.js'
import { train } from '../src/lora/train.js'
import { turned } from '../src/lora/turned.js'
import { bytesOf, frozen } from '../src/lora/weights.js'
import { sizeOf } from '../src/sizes.js'
import { digits, falls, unwatched } from './stage.js'

const options = { epochs: 3, batch: 16, lr: 0.01, seed: 0 }
const rngs = (): Rngs => new Rngs(0)

test('adapters change nothing before they are trained', () => {
  const layers = freshLayers(16, { rngs: rngs() })
  const x = np.linspace(0, 1, 2 * 784).reshape([2, 784])
  const plain = new Classifier(layers).forward(x)
  expect(plain.shape).toEqual([2, 10])
  expect(new Classifier(adapted(layers, 2, { rngs: rngs() })).forward(x).toArray()).toEqual(plain.toArray())
})

test('counts what is trained and what is frozen', () => {
  const model = new Classifier(adapted(freshLayers(16, { rngs: rngs() }), 2, { rngs: rngs() }))
  const own = 784 * 16 + 16 + 16 * 16 + 16 + 16 * 10 + 10
  expect(sizeOf(model, frozen)).toBe(own)
  expect(sizeOf(model, LoRAParam)).toBe(2 * (784 + 16 + 16 + 16 + 16 + 10))
})

test('trains the adapters and leaves every bit of the base as it is', async () => {
  const layers = freshLayers(16, { rngs: rngs() })
  const base = new Classifier(layers)
  const first = await bytesOf(base)
  expect(falls(await train(base, digits.train, { ...options, wrt: Param }, unwatched))).toBe(true)
  const trained = await bytesOf(base)
  expect(trained.equals(first)).toBe(false)

  const model = new Classifier(adapted(layers, 2, { rngs: rngs() }))
  const before = await bytesOf(model, LoRAParam)
  expect(falls(await train(model, turned(digits.train), { ...options, wrt: LoRAParam }, unwatched))).toBe(true)
  expect((await bytesOf(model, LoRAParam)).equals(before)).toBe(false)
  expect((await bytesOf(model)).equals(trained)).toBe(true)
})

test('turns images by a quarter, clockwise', () => {
  const images = new Uint8Array(2 * 784)
  images[784 + 2 * 28 + 5] = 9
  const once = turned({ images, labels: Int32Array.of(3, 4) })
  expect([...once.images.entries()].filter(([, level]) => level > 0)).toEqual([[784 + 5 * 28 + 25, 9]])
  expect(once.labels).toEqual(Int32Array.of(3, 4))
  expect(turned(turned(turned(once))).images).toEqual(images)
})
