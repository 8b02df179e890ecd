import { LoRAParam, Param, Rngs, state, withMetadata } from '@linum/graph'
import { Einsum, initializers, Linear, LinearGeneral, LoRA, LoRALinear, PReLU } from '@linum/nn'
import { arange, array, einsum, ones, random, ShapeError } from '@linum/tensor'
import { describe, expect, test } from 'vitest'
import { expectClose } from './numbers.js'

const rngs = new Rngs(0)

describe('LinearGeneral', () => {
  test('over the last axis it is Linear', () => {
    const [general, linear] = [new LinearGeneral(3, 4, { rngs: new Rngs(1) }), new Linear(3, 4, { rngs: new Rngs(1) })]
    const x = arange(6).reshape([2, 3])
    expect(general.kernel.toArray()).toEqual(linear.kernel.toArray())
    expect(general.forward(x).toArray()).toEqual(linear.forward(x).toArray())
  })

  test('over several axes it is a sum of products, each batch index with a kernel of its own', () => {
    const layer = new LinearGeneral([2, 3], [4, 5], {
      axis: [1, 3],
      batchAxis: { 0: 2 },
      biasInit: initializers.normal(1),
      rngs,
    })
    const x = random.normal(random.key(0), [2, 2, 6, 3])
    expect([layer.kernel.shape, layer.bias!.shape]).toEqual([
      [2, 2, 3, 4, 5],
      [2, 4, 5],
    ])
    const want = einsum('bstu,bsuop->btop', x, layer.kernel).add(layer.bias!.value.slice(':', null))
    expectClose(layer.forward(x), want.toArray(), 1e-4, 1e-5)
  })

  test('metadata of an initializer stay with a reshaped kernel', () => {
    const kernelInit = withMetadata(initializers.lecunNormal(), { sharding: 'rows' })
    const layer = new LinearGeneral(2, [2, 2], { kernelInit, rngs })
    expect([layer.kernel.metadata['sharding'], layer.kernel.shape]).toEqual(['rows', [2, 2, 2]])
  })

  test('errors name the layer, the option, and what was got', () => {
    expect(() => new LinearGeneral([2, 3], 4, { rngs })).toThrow(
      new ShapeError('LinearGeneral: inFeatures and axis must have the same length, got [2, 3] and [-1]'),
    )
    expect(() => new LinearGeneral(2, 4, { batchAxis: { 1: 3 }, rngs })).toThrow(
      'LinearGeneral: batchAxis must name consecutive leading axes from 0 on, got 1',
    )
    const layer = new LinearGeneral([2, 3], 4, { axis: [-2, -1], batchAxis: { 0: 5 }, rngs })
    expect(() => layer.forward(ones([5, 3, 2]))).toThrow(
      new ShapeError(
        'LinearGeneral.forward: axes [1, 2] of x must be [2, 3] (inFeatures) and the first axes [5] (batchAxis), got shape (5, 3, 2)',
      ),
    )
    expect(() => layer.forward(ones([3]))).toThrow('LinearGeneral.forward')
  })
})

describe('Einsum', () => {
  test('a call may bring a string of its own', () => {
    const layer = new Einsum(null, [3, 2], { rngs })
    const x = ones([4, 3])
    expectClose(layer.forward(x, { einsumStr: 'ab,bc->ac' }), einsum('ab,bc->ac', x, layer.kernel).toArray())
    expectClose(layer.forward(x, { einsumStr: 'ab,bc->ca' }), einsum('ab,bc->ca', x, layer.kernel).toArray())
    expect(() => layer.forward(x)).toThrow(
      'Einsum.forward: einsumStr was given neither to the constructor nor to the call',
    )
  })

  test('errors name the layer, the option, and what was got', () => {
    expect(() => new Einsum('ab,bc', [3, 2], { rngs })).toThrow(
      "Einsum: einsumStr must be explicit and include '->', got 'ab,bc'",
    )
    expect(() => new Einsum('ab->ba', [3, 2], { rngs })).toThrow(
      "Einsum: einsumStr must have exactly two operands, x and the kernel, got 1 in 'ab->ba'",
    )
    expect(() => new Einsum(3 as never, [3, 2], { rngs })).toThrow(TypeError)
    expect(() => new Einsum('ab,bc->ac', [3, 0], { rngs })).toThrow(
      'Einsum: kernelShape must be a positive integer, got 0',
    )
    const layer = new Einsum('ab,bc->ac', [3, 2], { biasShape: [3], rngs })
    expect(() => layer.forward(ones([4, 3]))).toThrow(
      new ShapeError(
        "Einsum.forward: the bias must have the extents (2,) that kernel and result share in 'ab,bc->ac', got biasShape (3,)",
      ),
    )
  })

  test('a product of the caller takes its place', () => {
    const layer = new Einsum('ab,bc->ac', [3, 2], { einsumOp: (s, a, b) => einsum(s, a, b).neg(), rngs })
    const x = ones([1, 3])
    expectClose(layer.forward(x), einsum('ab,bc->ac', x, layer.kernel).neg().toArray())
  })
})

describe('LoRA', () => {
  test('it starts by changing nothing, and adds a product of low rank', () => {
    const linear = new Linear(3, 4, { rngs })
    const layer = new LoRA(3, 2, 4, { baseModule: linear, rngs })
    const x = arange(6).reshape([2, 3])
    expect(layer.forward(x).toArray()).toEqual(linear.forward(x).toArray())
    layer.loraB.value = ones([2, 4])
    expectClose(layer.forward(x), linear.forward(x).add(x.matmul(layer.loraA).matmul(layer.loraB)).toArray())
    expect(layer.baseModule).toBe(linear)
  })

  test('its Variables are LoRAParams, or of a class of the caller', () => {
    const keys = (m: LoRALinear<never>): readonly string[][] =>
      [Object.keys(state(m, LoRAParam)), Object.keys(state(m, Param))] as never
    expect(keys(new LoRALinear(2, 3, { loraRank: 1, rngs }) as never)).toEqual([['lora'], ['bias', 'kernel', 'lora']])
    expect(keys(new LoRALinear(2, 3, { loraRank: 1, loraParamType: Param, rngs }) as never)).toEqual([
      [],
      ['bias', 'kernel', 'lora'],
    ])
  })

  test('arguments after x go to the base module', () => {
    const baseModule = { forward: (x: unknown, scale: number) => ones([1, 2]).mul(scale) }
    expect(new LoRA(2, 1, 2, { baseModule, rngs }).forward(ones([1, 2]), 3).toArray()).toEqual([[3, 3]])
  })

  test('errors name the layer and what was got', () => {
    expect(() => new LoRA(2, 0, 3, { rngs })).toThrow('LoRA: loraRank must be a positive integer, got 0')
    expect(() => new LoRA(2, 1, 3, { baseModule: {} as never, rngs })).toThrow(
      'LoRA: baseModule must have a method `forward`, got object',
    )
    expect(() => new LoRA(2, 1, 3, { rngs }).forward(ones([1, 3]))).toThrow(
      'LoRA.forward: the last axis of x must be 2 (inFeatures), got shape (1, 3)',
    )
    expect(() => new LoRA(2, 1, 3, {} as never)).toThrow('LoRA: rngs must be an Rngs')
  })
})

describe('PReLU', () => {
  test('x from 0 on, else a slope times x, which is a parameter', () => {
    const layer = new PReLU(0.25)
    expect(layer.forward(array([-2, 0, 3])).toArray()).toEqual([-0.5, 0, 3])
    expect(Object.keys(state(layer, Param))).toEqual(['negativeSlope'])
    expect(() => new PReLU('x' as never)).toThrow('PReLU: negativeSlopeInit must be a number, got string')
  })
})
