import { fc, test } from '@fast-check/vitest'
import { type BatchStat, Module, Rngs } from '@linum/graph'
import { BatchNorm, Dropout, GroupNorm, LayerNorm, RMSNorm } from '@linum/nn'
import { arange, array, jit, ones, random, ShapeError, sin, type Tensor } from '@linum/tensor'
import { describe, expect } from 'vitest'
import { expectClose } from './numbers.js'

const x = array([
  [1, 2, 4],
  [3, 0, -1],
])
const waves = sin(arange(24)).reshape([2, 3, 4])
const mask = array([
  [true, true, false],
  [true, true, true],
])
const rngs = new Rngs(0)

const affine = <T extends { scale: unknown; bias: unknown }>(layer: T): T => {
  ;(layer.scale as BatchStat).value = array([1, 2, 0.5])
  ;(layer.bias as BatchStat).value = array([0, 1, -1])
  return layer
}

describe('BatchNorm', () => {
  test('training normalizes by the batch and averages its statistics', () => {
    const layer = affine(new BatchNorm(3, { momentum: 0.9, rngs }))
    const [mean, variance] = [layer.mean, layer.var]
    expectClose(layer.forward(x), [
      [-0.999995, 2.99999, -0.5000004],
      [0.999995, -0.99999, -1.4999995],
    ])
    expectClose(layer.mean, [0.2, 0.1, 0.15])
    expectClose(layer.var, [1, 1, 1.525])
    expect([layer.mean === mean, layer.var === variance]).toEqual([true, true])
  })

  test('running statistics stay float32, whatever the dtype of x', () => {
    const layer = new BatchNorm(3, { momentum: 0.5, rngs })
    for (const dtype of ['float64', 'bfloat16', 'int32'] as const) {
      const y = layer.forward(x.astype(dtype))
      expect([layer.mean.value.dtype, layer.var.value.dtype, y.dtype]).toEqual([
        'float32',
        'float32',
        dtype === 'float64' ? 'float64' : 'float32',
      ])
    }
  })

  test('evaluation uses the running statistics and leaves them alone', () => {
    const layer = affine(new BatchNorm(3, { momentum: 0.9, rngs }))
    layer.forward(x)
    layer.eval()
    const expected = [
      [0.799996, 4.799981, 0.5588143],
      [2.799986, 0.800001, -1.4656198],
    ]
    expectClose(layer.forward(x), expected)
    expectClose(layer.mean, [0.2, 0.1, 0.15])
    layer.train()
    expectClose(layer.forward(x, { useRunningAverage: true }), expected)
  })

  test('a mask selects what the statistics are taken of', () => {
    const layer = new BatchNorm(3, { momentum: 0.5, rngs })
    layer.forward(x, { mask: array([[true], [false]]) })
    expectClose(layer.mean, [0.5, 1, 2])
    expectClose(layer.var, [0.5, 0.5, 0.5])
  })

  test('features may lie along any axis', () => {
    const layer = new BatchNorm(3, { axis: 1, useFastVariance: false, rngs })
    const y = layer.forward(waves)
    expectClose(y.slice(0), [
      [-0.861763, 0.83628935, 0.9731602, -0.57698894],
      [-0.6645296, -1.0394711, 0.22103646, 1.9580884],
      [1.1777428, 0.41844958, -0.83924335, -1.4390187],
    ])
    expectClose(layer.mean, [0.00427047, -0.00398571, 0.00093999])
    expectClose(layer.var, [0.9924556, 0.9929059, 0.99577945])
    const same = new BatchNorm(3, { rngs }).forward(waves.swapaxes(1, 2)).swapaxes(1, 2)
    expectClose(y, same.toArray(), 1e-4, 1e-5)
  })

  test('scale draws before bias, and both are optional', () => {
    const rngs = new Rngs(0)
    const layer = new BatchNorm(2, {
      scaleInit: (key) => random.uniform(key, [2]),
      biasInit: (key) => random.uniform(key, [2]),
      rngs,
    })
    const nth = (n: number): Tensor => random.uniform(random.foldIn(random.key(0), n), [2])
    expectClose(layer.scale!, nth(0).toArray())
    expectClose(layer.bias!, nth(1).toArray())
    const bare = new BatchNorm(3, { useScale: false, useBias: false, rngs })
    expect([bare.scale, bare.bias, rngs.stream().count.value.item()]).toEqual([null, null, 2])
    expectClose(bare.forward(x), [
      [-0.999995, 0.999995, 0.9999992],
      [0.999995, -0.999995, -0.9999992],
    ])
  })

  test('the two variances agree', () => {
    const data = random.normal(random.key(1), [64, 5])
    const [fast, slow] = [true, false].map((useFastVariance) =>
      new BatchNorm(5, { useFastVariance, rngs }).forward(data),
    )
    expectClose(fast!, slow!.toArray(), 1e-4, 1e-4)
  })

  test.prop([fc.double({ min: 100, max: 5000, noNaN: true }), fc.integer({ min: 2, max: 7 })], { numRuns: 40 })(
    'a constant feature gives no NaN, though its variance may round below 0',
    (value, n) => {
      const layer = new BatchNorm(1, { rngs })
      const y = layer.forward(array(value).broadcastTo([n, 1]))
      expect([y.isfinite().all().item(), Number(layer.var.value.item()) >= 0.99]).toEqual([true, true])
    },
  )

  test('what throws leaves the running statistics alone', () => {
    const layer = new BatchNorm(3, { rngs })
    expect(() => layer.forward(ones([2, 4]))).toThrow(
      new ShapeError('BatchNorm.forward: the last axis of x must be 3 (numFeatures), got shape (2, 4)'),
    )
    expect(() => layer.forward(ones([0, 3]))).toThrow(
      'BatchNorm.forward: an empty batch has no statistics, got shape (0, 3)',
    )
    expect(() => layer.forward(x, { mask: ones([4, 1]) })).toThrow(
      'BatchNorm.forward: mask must broadcast to the shape of x, (2, 3), got shape (4, 1)',
    )
    expect(() => new BatchNorm(3, { axis: 1, rngs }).forward(ones([2, 4]))).toThrow(
      'BatchNorm.forward: axis 1 of x must be 3',
    )
    expectClose(layer.mean, [0, 0, 0])
    expectClose(layer.var, [1, 1, 1])
  })

  test('a layer that does not say which statistics to use needs the call or the mode to', () => {
    const layer = new BatchNorm(3, { useRunningAverage: null, rngs })
    expect(() => layer.forward(x)).toThrow('BatchNorm.forward: `useRunningAverage` was given neither')
    expectClose(layer.forward(x, { useRunningAverage: true }), x.toArray(), 1e-4)
  })
})

describe('LayerNorm', () => {
  test('gives the numbers of Flax', () => {
    const layer = affine(new LayerNorm(3, { rngs }))
    expectClose(layer.forward(x), [
      [-1.0690451, 0.4654773, -0.331847],
      [1.3728126, 0.21553564, -1.4902903],
    ])
    expectClose(layer.forward(x, { mask }), [
      [-0.999998, 2.999996, 1.499995],
      [1.3728127, 0.21553552, -1.4902903],
    ])
  })

  test('statistics and features may lie along other axes', () => {
    expectClose(new LayerNorm(3, { reductionAxes: [0, 1], rngs }).forward(x), [
      [-0.29276997, 0.29276997, 1.4638498],
      [0.8783099, -0.8783099, -1.4638498],
    ])
    const columns = new LayerNorm(2, { reductionAxes: 0, featureAxes: 0, rngs })
    columns.scale!.value = array([1, 2])
    expectClose(columns.forward(x), [
      [-0.9999995, 0.9999995, 0.9999999],
      [1.999999, -1.999999, -1.9999998],
    ])
    const all = new LayerNorm(6, { reductionAxes: [0, 1], featureAxes: [0, 1], rngs })
    all.scale!.value = arange(6).astype('float32')
    expectClose(all.forward(x), [
      [0, 0.29276997, 2.9276996],
      [2.6349297, -3.5132396, -7.319249],
    ])
  })

  test.prop([fc.integer({ min: 2, max: 40 }), fc.nat(1000), fc.constantFrom(true, false)], { numRuns: 20 })(
    'the output has mean 0 and variance 1',
    (n, seed, useFastVariance) => {
      const y = new LayerNorm(n, { useFastVariance, rngs }).forward(
        random.normal(random.key(seed), [3, n]).mul(2).add(1),
      )
      expectClose(y.mean({ axis: -1 }), [0, 0, 0], 0, 1e-4)
      expectClose(y.var({ axis: -1 }), [1, 1, 1], 0, 1e-2)
    },
  )

  test('a jitted forward gives the same bits', () => {
    const layer = affine(new LayerNorm(3, { rngs }))
    expect(jit((x: Tensor) => layer.forward(x))(x).toArray()).toEqual(layer.forward(x).toArray())
  })

  test('errors name the axis and the width', () => {
    const layer = new LayerNorm(3, { rngs })
    expect(() => layer.forward(ones([3, 2]))).toThrow(
      'LayerNorm.forward: the last axis of x must be 3 (numFeatures), got shape (3, 2)',
    )
    expect(() => layer.forward(1)).toThrow('LayerNorm.forward: axis -1 is out of bounds')
    expect(() => layer.forward(x, { mask: ones([3, 2, 3]) })).toThrow('LayerNorm.forward: mask must broadcast')
  })
})

describe('RMSNorm', () => {
  test('gives the numbers of Flax', () => {
    const layer = new RMSNorm(3, { rngs })
    layer.scale!.value = array([1, 2, 0.5])
    expectClose(layer.forward(x), [
      [0.37796444, 1.5118577, 0.7559289],
      [1.6431674, 0, -0.27386123],
    ])
    expectClose(layer.forward(x, { mask }), [
      [0.6324554, 2.5298216, 1.2649108],
      [1.6431674, 0, -0.27386123],
    ])
    expect(() => layer.forward(ones([2]))).toThrow('RMSNorm.forward: the last axis of x must be 3')
  })
})

describe('GroupNorm', () => {
  const layer = new GroupNorm(4, { numGroups: 2, rngs })
  layer.scale!.value = array([1, 2, 0.5, 3])
  layer.bias!.value = array([0, 1, -1, 2])

  test('gives the numbers of Flax', () => {
    expectClose(layer.forward(waves), [
      [
        [-0.11843546, 3.0314763, -0.30135626, 2.7243047],
        [-1.138489, -1.8218362, -1.1956658, 5.05293],
        [1.2150674, 1.874074, -1.3947378, -2.4266748],
      ],
      [
        [-0.85208297, 2.0107274, -0.284738, 4.7699294],
        [-0.49926424, -1.9096696, -1.5825794, 2.5324845],
        [1.2045299, 3.1925764, -1.0295376, -1.9212844],
      ],
    ])
    const some = arange(24).mod(5).ne(0).reshape([2, 3, 4])
    expectClose(layer.forward(waves, { mask: some }).slice(0), [
      [-0.5423249, 2.3719103, -0.39535773, 2.2445312],
      [-1.6470159, -2.884099, -1.2679424, 4.516588],
      [0.90182364, 1.1184741, -1.4621785, -2.7813187],
    ])
    expectClose(layer.forward(waves.slice(':', 0)), [
      [-0.9999972, 2.9999943, -0.50000167, -0.99999],
      [-0.99999785, 2.9999957, -0.50000846, -0.9999492],
    ])
  })

  test('one group is a LayerNorm over all but the batch, groups of one an instance norm', () => {
    const bare = { useScale: false, useBias: false, rngs } as const
    expectClose(
      new GroupNorm(4, { numGroups: 1, ...bare }).forward(waves),
      new LayerNorm(4, { reductionAxes: [1, 2], ...bare }).forward(waves).toArray(),
    )
    expectClose(
      new GroupNorm(4, { numGroups: null, groupSize: 1, ...bare }).forward(waves),
      new LayerNorm(4, { reductionAxes: 1, ...bare }).forward(waves).toArray(),
    )
  })

  test('a mask may have one extent for all features', () => {
    const rows = array([[true], [false], [true]])
    expectClose(
      layer.forward(waves, { mask: rows }),
      layer.forward(waves, { mask: rows.broadcastTo([3, 4]) }).toArray(),
    )
  })

  test('groups must divide the features', () => {
    expect(() => new GroupNorm(5, { numGroups: 2, rngs })).toThrow(
      'Number of groups (2) does not divide the number of channels (5).',
    )
    expect(() => new GroupNorm(5, { numGroups: null, groupSize: 2, rngs })).toThrow(
      'Number of features (5) is not multiple of the group size (2).',
    )
    expect(() => new GroupNorm(4, { numGroups: 2, groupSize: 2, rngs })).toThrow(
      'Either `numGroups` or `groupSize` should be specified',
    )
    expect(() => new GroupNorm(4, { numGroups: 2, reductionAxes: [1], rngs }).forward(waves)).toThrow(
      'GroupNorm.forward: reductionAxes must include the last axis',
    )
  })
})

test('train and eval set the mode of every layer below', () => {
  class Model extends Module {
    blocks = [{ norm: new BatchNorm(2, { rngs: new Rngs(0) }), dropout: new Dropout(0.5) }]
  }
  const model = new Model()
  const { norm, dropout } = model.blocks[0]!
  model.eval()
  expect([norm.useRunningAverage, dropout.deterministic]).toEqual([true, true])
  model.train()
  expect([norm.useRunningAverage, dropout.deterministic]).toEqual([false, false])
  model.setAttributes({ deterministic: true })
  expect([norm.useRunningAverage, dropout.deterministic]).toEqual([false, true])
})
