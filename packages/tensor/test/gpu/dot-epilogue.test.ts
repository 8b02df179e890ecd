import { describe, expect, test } from 'vitest'
import type { StoredDType } from '../../src/core/dtype.js'
import { emitDot } from '../../src/device/gpu/webgpu/dot/emit.js'
import type { Epilogue } from '../../src/device/gpu/webgpu/dot/epilogue.js'
import { wordsOf } from '../../src/device/gpu/webgpu/host-words.js'
import { type DotCase, matrices, planOf, reference, samples, sizesOf } from '../dot-cases.js'
import { room } from './dot-products.js'
import { runStep } from './run-step.js'

/** relu(product + bias of the column), in float32. */
const biasAndRelu = (n: number): Epilogue => ({
  product: 'float32',
  inputs: [n],
  declarations: ['fn relu(x: f32) -> f32 { return select(x, 0.0, x < 0.0); }'],
  value: (product, at, word) => `relu(${product} + bitcast<f32>(${word(0, `(${at} % ${n})`)}))`,
})

const positive = (): Epilogue => ({
  product: 'float32',
  inputs: [],
  declarations: [],
  value: (product) => `(${product} > 0.0)`,
})

const run = async (c: DotCase, output: StoredDType, epilogue: Epilogue, bias: readonly Float32Array[]) => {
  const plan = planOf(c)
  const [l, r, length] = sizesOf(plan)
  const [a, b] = [samples('float32', l, 1, true), samples('float32', r, 2, true)]
  const inputs: StoredDType[] = ['float32', 'float32', ...bias.map(() => 'float32' as const)]
  const out = room(output, length)
  const code = emitDot(plan, { inputs, output }, epilogue)
  await runStep(code, [wordsOf(a, 'float32'), wordsOf(b, 'float32'), ...bias], [out])
  return { out, product: reference(plan, 'float32', a, b) }
}

describe('an epilogue', () => {
  test.each([
    [5, 6, 7],
    [40, 68, 32],
    [40, 67, 32],
    [40, 68, 300],
    [2, 68, 72],
    [68, 1, 300],
    [3, 5, 0],
  ])('adds a bias and cuts off below zero in a product of %i x %i numbers of %i steps', async (m, n, k) => {
    const bias = Float32Array.from({ length: n }, (_, j) => (j % 7) - 3)
    const { out, product } = await run(matrices(m, n, k), 'float32', biasAndRelu(n), [bias])
    expect(out).toEqual(product.map((x, i) => Math.max(0, x + bias[i % n]!)))
  })

  test('may change the dtype', async () => {
    for (const [m, n, k] of [
      [5, 6, 7],
      [36, 68, 20],
    ] as const) {
      const { out, product } = await run(matrices(m, n, k), 'bool', positive(), [])
      expect([...out]).toEqual(Array.from(product, (x) => (x > 0 ? 1 : 0)))
    }
  })
})
