import { fc, test } from '@fast-check/vitest'
import { Rngs, split } from '@linum/graph'
import { Dropout, Linear } from '@linum/nn'
import { array, jit, ones, random, type Tensor } from '@linum/tensor'
import { describe, expect } from 'vitest'
import { expectClose } from './numbers.js'

const count = (rngs: Rngs, name = 'default'): unknown => rngs.stream(name).count.value.item()

describe('Dropout', () => {
  test('each call draws one mask from the shared stream', () => {
    const rngs = new Rngs(0)
    new Linear(2, 3, { rngs })
    const layer = new Dropout(0.5, { rngs })
    expect(layer.rngs).toBe(rngs)
    const x = ones([4, 5])
    const mask = random.bernoulli(random.foldIn(random.key(0), 2), { p: 0.5, shape: [4, 5] })
    expectClose(layer.forward(x), mask.astype('float32').mul(2).toArray())
    expect(count(rngs)).toBe(3)
    expect(layer.forward(x).toArray()).not.toEqual(mask.astype('float32').mul(2).toArray())
    expect(count(rngs)).toBe(4)
  })

  test('a stream named dropout is used before the default one, and rngCollection names another', () => {
    const rngs = new Rngs(0, { dropout: 1, noise: 2 })
    new Dropout(0.5, { rngs }).forward(ones([2]))
    new Dropout(0.5, { rngs, rngCollection: 'noise' }).forward(ones([2]))
    expect([count(rngs), count(rngs, 'dropout'), count(rngs, 'noise')]).toEqual([0, 1, 1])
  })

  test('it may keep one stream alone', () => {
    const stream = new Rngs(7).stream()
    const layer = new Dropout(0.5, { rngs: stream })
    const x = ones([9])
    expect(layer.forward(x).toArray()).toEqual(new Dropout(0.5, { rngs: new Rngs(7) }).forward(x).toArray())
    expect([layer.rngs === stream, stream.count.value.item()]).toEqual([true, 1])
  })

  test('its state is that of its Rngs', () => {
    const [, state] = split(new Dropout(0.1, { rngs: new Rngs(0) }))
    expect(Object.keys(state)).toEqual(['rngs'])
  })

  test('deterministic layers, calls and rate 0 return the argument without drawing', () => {
    const rngs = new Rngs(0)
    const x = array([1, 2, 3])
    expect(new Dropout(0.5, { deterministic: true, rngs }).forward(x)).toBe(x)
    expect(new Dropout(0.5, { rngs }).forward(x, { deterministic: true })).toBe(x)
    expect(new Dropout(0).forward(x)).toBe(x)
    expect(count(rngs)).toBe(0)
    new Dropout(0.5, { deterministic: true, rngs }).forward(x, { deterministic: false })
    expect(count(rngs)).toBe(1)
  })

  test('rate 1 gives zeros without drawing', () => {
    expectClose(new Dropout(1).forward(array([1, Infinity])), [0, 0])
  })

  test('rngs of the call come first: an Rngs, a stream or a key', () => {
    const own = new Rngs(0)
    const layer = new Dropout(0.5, { rngs: own })
    const x = ones([6])
    const [other, stream] = [new Rngs(7), new Rngs(7).stream()]
    const expected = random
      .bernoulli(random.foldIn(random.key(7), 0), { shape: [6] })
      .astype('float32')
      .mul(2)
      .toArray()
    expectClose(layer.forward(x, { rngs: other }), expected)
    expectClose(layer.forward(x, { rngs: stream }), expected)
    expectClose(layer.forward(x, { rngs: random.foldIn(random.key(7), 0) }), expected)
    expect([count(own), count(other), stream.count.value.item()]).toEqual([0, 1, 1])
  })

  test('along broadcastDims one draw holds for all', () => {
    const y = new Dropout(0.5, { broadcastDims: [0, -1], rngs: new Rngs(1) })
      .forward(ones([3, 16, 2]))
      .toArray() as number[][][]
    for (let i = 0; i < 16; i++) expect(new Set(y.flatMap((row) => row[i]!)).size).toBe(1)
    expect(new Set(y[0]!.flat()).size).toBe(2)
  })

  test.prop([fc.constantFrom(0.1, 0.25, 0.5, 0.9), fc.nat(1000)], { numRuns: 12 })(
    'the expectation stays',
    (rate, seed) => {
      const y = new Dropout(rate, { rngs: new Rngs(seed) }).forward(ones([20_000]))
      // Five standard deviations of the mean.
      expect(Math.abs(Number(y.mean().item()) - 1)).toBeLessThan(5 * Math.sqrt(rate / (1 - rate) / 20_000))
      expect([...new Set(y.toArray() as number[])].sort((a, b) => a - b)).toEqual([
        0,
        Math.fround(1 / Math.fround(1 - rate)),
      ])
    },
  )

  test('inside a jitted function the mask is that of the eager call', () => {
    const x = ones([8])
    const jitted = jit((x: Tensor, key: Tensor) => new Dropout(0.3).forward(x, { rngs: key }))
    expect(jitted(x, random.key(3)).toArray()).toEqual(new Dropout(0.3).forward(x, { rngs: random.key(3) }).toArray())
  })

  test('errors say what is missing', () => {
    expect(() => new Dropout(0.5).forward(ones([2]))).toThrow(
      'Dropout.forward: `deterministic` is false, but `rngs` was given neither to the constructor nor to the call',
    )
    expect(() => new Dropout(0.5, { deterministic: null }).forward(ones([2]))).toThrow(
      'Dropout.forward: `deterministic` was given neither',
    )
    expect(() => new Dropout(1.5)).toThrow('Dropout: rate must be a number from 0 to 1, got 1.5')
    expect(() => new Dropout(0.5, { rngs: 3 as never })).toThrow('Dropout: rngs must be an Rngs or an RngStream, got 3')
    expect(() => new Dropout(0.5, { rngs: new Rngs({ params: 0 }) }).forward(ones([2]))).toThrow(
      "No RngStream named 'dropout' found in Rngs",
    )
    expect(() => new Dropout(0.5, { broadcastDims: [2], rngs: new Rngs(0) }).forward(ones([2]))).toThrow(
      'Dropout.forward: axis 2 is out of bounds',
    )
  })
})
