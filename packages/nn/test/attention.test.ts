import { fc, test } from '@fast-check/vitest'
import { Cache, Intermediate, Param, pop, Rngs, split, state } from '@linum/graph'
import {
  combineMasks,
  dotProductAttention,
  dotProductAttentionWeights,
  makeAttentionMask,
  makeCausalMask,
  MultiHeadAttention,
  rotaryEmbedding,
} from '@linum/nn'
import {
  arange,
  array,
  concatenate,
  DtypeError,
  greaterEqual,
  makeProgram,
  ones,
  random,
  repeat,
  type Shape,
  ShapeError,
  type Tensor,
  zeros,
} from '@linum/tensor'
import { makeSchedule } from '@linum/tensor/core'
import { Carry, grad, jit, scan, vmap } from '@linum/transforms'
import { describe, expect } from 'vitest'
import { expectClose } from './numbers.js'

const draw = (shape: Shape, seed = 0): Tensor => random.normal(random.key(seed), shape)
const extent = fc.integer({ min: 1, max: 4 })

describe('dotProductAttention', () => {
  test('a query averages the values by the softmax of its products', () => {
    const q = array([[[1]], [[0]]])
    const k = array([[[0]], [[Math.log(3)]]])
    expectClose(dotProductAttentionWeights(q, k), [
      [
        [0.25, 0.75],
        [0.5, 0.5],
      ],
    ])
    expectClose(dotProductAttention(q, k, array([[[0]], [[4]]])), [[[3]], [[2]]])
  })

  test('one fused loop lies between the two products, and no mask is stored', () => {
    const [b, n, h, d] = [2, 8, 4, 16] as const
    const f = (q: Tensor, k: Tensor, v: Tensor): Tensor => dotProductAttention(q, k, v, { isCausal: true })
    const { steps, workspaceBytes } = makeSchedule(
      makeProgram(f)(draw([b, n, h, d]), draw([b, n, h, d]), draw([b, n, h, d])),
    )
    expect(steps.map(({ kind }) => kind)).toEqual(['routine', 'cluster', 'routine', 'kernel'])
    // Logits, weights, the sums before their transposition, and a few rows.
    expect(workspaceBytes).toBeLessThan(4 * (2 * b * h * n * n + b * n * h * d + 8 * n))
  })

  test.prop([extent, extent, extent, extent, fc.integer({ min: 0, max: 99 })], { numRuns: 15 })(
    'groups of heads that share keys and values are as keys and values repeated',
    (length, keys, groups, shared, seed) => {
      const q = draw([2, length, groups * shared, 3], seed)
      const [k, v] = [draw([2, keys, groups, 3], seed + 1), draw([2, keys, groups, 2], seed + 2)]
      const all = (x: Tensor): Tensor => repeat(x, shared, { axis: -2 })
      expectClose(dotProductAttention(q, k, v), dotProductAttention(q, all(k), all(v)).toArray(), 1e-5, 1e-6)
    },
  )

  test.prop([extent, extent, fc.integer({ min: 0, max: 99 })], { numRuns: 15 })(
    'weights of a query sum to one, and are 0 where the mask says no',
    (length, keys, seed) => {
      const [q, k] = [draw([length, 2, 3], seed), draw([keys, 2, 3], seed + 1)]
      const mask = concatenate([ones([1, length, 1]), zeros([1, length, keys])], { axis: -1 }).slice('...', `:${keys}`)
      const w = dotProductAttentionWeights(q, k, { mask })
      expectClose(w.sum({ axis: -1 }), ones([2, length]).toArray())
      expectClose(w.mul(mask.eq(0)).sum(), 0)
    },
  )

  test('a causal output does not depend on what comes later', () => {
    const [q, k, v] = [draw([5, 2, 4]), draw([5, 2, 4], 1), draw([5, 2, 4], 2)]
    const whole = dotProductAttention(q, k, v, { isCausal: true })
    const start = dotProductAttention(q.slice(':3'), k.slice(':3'), v.slice(':3'), { isCausal: true })
    expectClose(whole.slice(':3'), start.toArray())
    expectClose(dotProductAttention(q, k, v, { mask: makeCausalMask(zeros([5])) }), whole.toArray())
  })

  test('errors name the function, the argument and the shapes', () => {
    const x = ones([2, 3, 4])
    expect(() => dotProductAttention(x, ones([1, 2, 3, 4]), x)).toThrow(
      new ShapeError(
        'dotProductAttention: query, key and value must have the same rank, got shapes (2, 3, 4), (1, 2, 3, 4), (2, 3, 4)',
      ),
    )
    expect(() => dotProductAttention(ones([3, 4]), ones([3, 4]), ones([3, 4]))).toThrow(
      'query, key and value must have shape [...batch, length, heads, depth]',
    )
    expect(() => dotProductAttentionWeights(ones([1, 2, 3, 4]), ones([2, 2, 3, 4]))).toThrow(
      'dotProductAttentionWeights: the batch axes of query and key must match, got shapes (1, 2, 3, 4), (2, 2, 3, 4)',
    )
    expect(() => dotProductAttention(x, ones([2, 3, 5]), x)).toThrow('the depths of query and key must match')
    expect(() => dotProductAttention(x, x, ones([3, 3, 4]))).toThrow('the lengths of key and value must match')
    expect(() => dotProductAttention(x, ones([2, 2, 4]), x)).toThrow(
      'query heads (3) must be a multiple of key heads (2)',
    )
    expect(() => dotProductAttention(x, x, ones([2, 2, 4]))).toThrow(
      'query heads (3) must be a multiple of value heads (2)',
    )
    expect(() => dotProductAttention(x, x, x, { mask: ones([2, 3]) })).toThrow(
      'mask must broadcast to the shape of the weights [...batch, heads, q, k], (3, 2, 2), got shape (2, 3)',
    )
    expect(() => dotProductAttention(x, x, x, { bias: ones([2, 3]) })).toThrow('bias must broadcast')
    expect(() => dotProductAttention(x, x, x, { dropoutRate: 0.5 })).toThrow(TypeError)
    expect(() => dotProductAttention(x, x, x, { dropoutRate: 2 })).toThrow(RangeError)
    expect(() => dotProductAttention(x, x, random.split(random.key(0), [2, 3, 4]))).toThrow(DtypeError)
  })
})

describe('masks', () => {
  test('a function of pairs makes any mask', () => {
    const segments = array([0, 0, 1], { dtype: 'int32' })
    const mask = makeAttentionMask(segments, segments, { pairwiseFn: (q, k) => q.eq(k), dtype: 'bool' })
    expect(mask.toArray()).toEqual([
      [
        [true, true, false],
        [true, true, false],
        [false, false, true],
      ],
    ])
    const places = arange(3)
    expect(makeAttentionMask(places, places, { pairwiseFn: greaterEqual }).toArray()).toEqual(
      makeCausalMask(places).toArray(),
    )
  })

  test('of no masks none is made', () => {
    expect(combineMasks([null, undefined])).toBeNull()
  })

  test('masks that do not fit are errors', () => {
    expect(() => combineMasks([ones([2]), ones([2, 2])])).toThrow(
      new ShapeError('combineMasks: masks must have the same rank, got shapes (2,), (2, 2); add axes of extent 1'),
    )
    expect(() => makeAttentionMask(ones([]), ones([2]))).toThrow('makeAttentionMask: queryInput must have an axis')
    expect(() => makeCausalMask(ones([2]), { extraBatchDims: -1 })).toThrow(RangeError)
  })
})

describe('rotaryEmbedding', () => {
  test.prop([fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 20 })], {
    numRuns: 15,
  })('products depend on distances alone', (a, b, shift) => {
    const [q, k] = [draw([1, 1, 8]), draw([1, 1, 8], 1)]
    const product = (i: number, j: number): Tensor =>
      rotaryEmbedding(q, { positions: array([i]) })
        .mul(rotaryEmbedding(k, { positions: array([j]) }))
        .sum()
    expectClose(product(a + shift, b + shift), product(a, b).item() as number, 1e-3, 1e-4)
  })

  test('position 0 stays, and norms do', () => {
    const x = draw([4, 2, 6])
    const y = rotaryEmbedding(x)
    expectClose(y.slice(0), x.slice(0).toArray())
    expectClose(y.square().sum({ axis: -1 }), x.square().sum({ axis: -1 }).toArray())
  })

  test('an odd depth, wrong positions and a wrong base are errors', () => {
    expect(() => rotaryEmbedding(ones([2, 1, 3]))).toThrow('with an even depth, got shape (2, 1, 3)')
    expect(() => rotaryEmbedding(ones([2, 1, 4]), { positions: arange(3) })).toThrow(
      'rotaryEmbedding: positions must broadcast to (2,), the leading axes of x, got shape (3,)',
    )
    expect(() => rotaryEmbedding(ones([2, 1, 4]), { base: 0 })).toThrow(RangeError)
  })
})

describe('MultiHeadAttention', () => {
  const x = draw([2, 3, 8])
  const make = (options: object = {}): MultiHeadAttention =>
    new MultiHeadAttention(2, 8, { rngs: new Rngs(0), ...options })

  test('keys are the queries where they are left out, and values the keys', () => {
    const layer = make()
    const y = layer.forward(x).toArray()
    expect(layer.forward(x, x).toArray()).toEqual(y)
    expect(layer.forward(x, x, x, {}).toArray()).toEqual(y)
    expect(layer.forward(x, null, undefined, { mask: null }).toArray()).toEqual(y)
  })

  test('its parameters have the names and shapes of the reference', () => {
    const [, params] = split(make({ numKvHeads: 1, normalizeQk: true }), Param)
    expect(Object.keys(params)).toEqual(['key', 'keyLn', 'out', 'query', 'queryLn', 'value'])
    expect(params.query.kernel.shape).toEqual([8, 2, 4])
    expect(params.key.kernel.shape).toEqual([8, 1, 4])
    expect(params.out.kernel.shape).toEqual([2, 4, 8])
  })

  test('dtypes of parameters and of the computation are options', () => {
    const computed = make({ dtype: 'bfloat16', normalizeQk: true })
    expect([computed.forward(x).dtype, computed.query.kernel.dtype]).toEqual(['bfloat16', 'float32'])
    const stored = make({ paramDtype: 'bfloat16' })
    expect([stored.forward(x).dtype, stored.query.kernel.dtype]).toEqual(['float32', 'bfloat16'])
    expect(() => make({ dtype: 'int32' })).toThrow(DtypeError)
  })

  test('dropout draws from the Rngs that it was given, which is kept as it is', () => {
    const rngs = new Rngs({ params: 0, dropout: 1 })
    const layer = make({ dropoutRate: 0.5, rngs })
    expect(layer.rngs).toBe(rngs)
    expect(() => layer.forward(x)).toThrow('`deterministic` was given neither to the constructor nor to the call')
    layer.train()
    const [first, second] = [layer.forward(x), layer.forward(x)]
    expect(first.toArray()).not.toEqual(second.toArray())
    expect(rngs.stream('dropout').count.value.item()).toBe(2)
    expect(layer.forward(x, { rngs: new Rngs({ dropout: 1 }) }).toArray()).toEqual(first.toArray())
    expect(layer.forward(x, { rngs: new Rngs(1).stream() }).toArray()).toEqual(first.toArray())
    expect(layer.forward(x, { rngs: random.foldIn(random.key(1), 0) }).toArray()).toEqual(first.toArray())
    layer.eval()
    expect(layer.forward(x).toArray()).toEqual(make().forward(x).toArray())
    expect(make({ dropoutRate: 0.5, keepRngs: false }).rngs).toBeNull()
    expect(() => make({ dropoutRate: 0.5, keepRngs: false, deterministic: false }).forward(x)).toThrow(
      'got none, and the layer keeps none',
    )
  })

  test('weights are sown where asked for', () => {
    const layer = make()
    layer.forward(x)
    expect(Object.keys(state(layer, Intermediate))).toEqual([])
    layer.forward(x, { sowWeights: true })
    layer.forward(x, { sowWeights: true })
    const { attentionWeights } = pop(layer, Intermediate) as unknown as {
      readonly attentionWeights: { readonly value: readonly Tensor[] }
    }
    expect(attentionWeights.value.map(({ shape }) => shape)).toEqual([
      [2, 2, 3, 3],
      [2, 2, 3, 3],
    ])
  })

  test('a scan over tokens decodes what a causal call gives', () => {
    const layer = make({ numKvHeads: 1, normalizeQk: true, decode: true })
    const whole = layer.forward(x, { decode: false, isCausal: true })
    layer.initCache(x.shape)
    const decode = scan(
      (m: MultiHeadAttention, token: Tensor): [MultiHeadAttention, Tensor] => [m, m.forward(token.expandDims(1))],
      { inAxes: [Carry, 1], outAxes: [Carry, 1] },
    )
    const [, y] = decode(layer, x)
    expectClose(y.reshape(x.shape), whole.toArray(), 1e-5, 2e-6)
    expect(layer.cacheIndex!.value.item()).toBe(3)
    expect(Object.keys(state(layer, Cache))).toEqual(['cacheIndex', 'cachedKey', 'cachedValue'])
  })

  test('a call that throws leaves the cache as it was', () => {
    const layer = make({ decode: true })
    layer.initCache([2, 3, 8])
    expect(() => layer.forward(x)).toThrow(
      'decoding takes one position per call, so that the projected key has shape (2, 1, 2, 4), got (2, 3, 2, 4)',
    )
    expect(() => layer.forward(x.slice(':', ':1'), { mask: ones([5]) })).toThrow(ShapeError)
    expect(layer.cacheIndex!.value.item()).toBe(0)
    expect(layer.cachedKey!.value.toArray()).toEqual(zeros([2, 3, 2, 4]).toArray())
  })

  test('jit, vmap over a stack and grad agree with plain calls', () => {
    const layer = make()
    const y = layer.forward(x)
    expect(jit((m: MultiHeadAttention, t: Tensor) => m.forward(t))(layer, x).toArray()).toEqual(y.toArray())
    const stack = vmap((key: Tensor) => new MultiHeadAttention(2, 8, { rngs: new Rngs(key) }), {
      inAxes: 0,
      outAxes: 0,
    })(random.split(random.key(0), 2))
    const each = vmap((m: MultiHeadAttention, t: Tensor) => m.forward(t), { inAxes: [0, null], outAxes: 0 })(stack, x)
    expect(each.shape).toEqual([2, 2, 3, 8])
    const g = grad((m: MultiHeadAttention) => m.forward(x).square().sum())(layer)
    expect(g.out.kernel.shape).toEqual([2, 4, 8])
    expectClose(
      g.out.bias!.value,
      y
        .mul(2)
        .sum({ axis: [0, 1] })
        .toArray(),
    )
  })

  test('errors name the layer, the argument and what was got', () => {
    expect(() => new MultiHeadAttention(3, 8, { rngs: new Rngs(0) })).toThrow(
      new RangeError('MultiHeadAttention: qkvFeatures (8) must be divisible by numHeads (3), got a remainder of 2'),
    )
    expect(() => make({ numKvHeads: 3 })).toThrow('numHeads (2) must be divisible by numKvHeads (3)')
    expect(() => make({ dropoutRate: -1 })).toThrow('MultiHeadAttention: dropoutRate must be a number from 0 to 1')
    expect(() => new MultiHeadAttention(2, 8, {} as never)).toThrow('MultiHeadAttention: rngs must be an Rngs')
    const layer = make()
    expect(() => layer.forward(ones([2, 3, 7]))).toThrow(
      new ShapeError(
        'MultiHeadAttention.forward: query must have shape [...batch, length, 8] (inFeatures), got shape (2, 3, 7)',
      ),
    )
    expect(() => layer.forward(x, ones([2, 3, 7]))).toThrow('key must have shape [...batch, length, 8] (inKvFeatures)')
    expect(() => layer.forward(x, null, x)).toThrow('key must be given where value is')
    expect(() => layer.forward(x, { decode: true })).toThrow('decoding needs a cache, got none')
    expect(() => make({ decode: null }).forward(x)).toThrow('`decode` was given neither to the constructor')
    expect(() => layer.initCache([8])).toThrow('inputShape must be [...batch, length, features], got (8,)')
  })
})
