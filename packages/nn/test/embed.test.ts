import { Rngs } from '@linum/graph'
import { Embed } from '@linum/nn'
import { array } from '@linum/tensor'
import { describe, expect, test } from 'vitest'
import { expectClose } from './numbers.js'

const layer = new Embed(5, 3, { rngs: new Rngs(0) })
const integers = (data: number[] | number[][]) => array(data, { dtype: 'int32' })

describe('Embed', () => {
  test('gives the numbers of Flax, NaN out of range', () => {
    expectClose(
      layer.forward(
        integers([
          [0, 4],
          [-1, 5],
        ]),
      ),
      [
        [
          [0.57966787, -0.523274, -0.43195742],
          [-0.66570747, 0.13815777, 1.007365],
        ],
        [
          [-0.66570747, 0.13815777, 1.007365],
          [NaN, NaN, NaN],
        ],
      ],
    )
    expectClose(layer.forward(1), [-0.676289, -0.50300646, 0.33996582])
    expectClose(layer.forward(array(Uint32Array.of(1))), [[-0.676289, -0.50300646, 0.33996582]])
  })

  test('attend gives the inner products with all embeddings', () => {
    expectClose(layer.attend(array([1, 2, 3])), [-1.7627524, -0.66240454, 2.1117265, -2.3487024, 2.632703])
    expect(layer.attend(array([[[1, 2, 3]]])).shape).toEqual([1, 1, 5])
    expect(() => layer.attend(array([1, 2]))).toThrow(
      'Embed.attend: the last axis of x must be 3 (features), got shape (2,)',
    )
  })

  test('a single embedding stands for every integer', () => {
    const one = new Embed(1, 2, { rngs: new Rngs(0) })
    const [row] = one.embedding.value.toArray() as number[][]
    expectClose(one.forward(integers([0, 7])), [row!, row!])
  })

  test('indices must be integers', () => {
    expect(() => layer.forward(array([1, 2]))).toThrow(
      "Embed.forward: x must hold integers, got dtype float32; make it with { dtype: 'int32' }",
    )
    expect(() => layer.forward(1.5)).toThrow('Embed.forward: x must hold integers')
    expect(() => new Embed(-1, 3, { rngs: new Rngs(0) })).toThrow(
      'Embed: numEmbeddings must be a positive integer, got -1',
    )
  })
})
