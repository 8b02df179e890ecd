import { fc, test } from '@fast-check/vitest'
import { grad } from '@linum/autodiff'
import * as nn from '@linum/nn'
import { arange, array, type NestedNumbers, sin, type Tensor, type TensorLike } from '@linum/tensor'
import { describe, expect } from 'vitest'
import { expectClose } from './numbers.js'

const points = array([-20, -3, -1, -0.5, 0, 0.5, 1, 3, 7])
const rows = array([
  [1, 2, 3, -1],
  [0, 0.5, -2, 4],
])

type Case = readonly [name: string, f: (x: TensorLike) => Tensor, expected: NestedNumbers]

const cases: readonly Case[] = [
  ['relu6', nn.relu6, [0, 0, 0, 0, 0, 0.5, 1, 3, 6]],
  ['gelu', nn.gelu, [0, -0.0036373436, -0.15880796, -0.154286, 0, 0.345714, 0.841192, 2.9963627, 7]],
  [
    'gelu by erf',
    (x) => nn.gelu(x, { approximate: false }),
    [0, -0.004049696, -0.15865527, -0.15426877, 0, 0.34573123, 0.8413447, 2.9959502, 7],
  ],
  [
    'silu',
    nn.silu,
    [-4.1223075e-8, -0.14227763, -0.26894143, -0.18877034, 0, 0.31122968, 0.7310586, 2.8577223, 6.9936228],
  ],
  ['elu', nn.elu, [-1, -0.95021296, -0.63212055, -0.39346933, 0, 0.5, 1, 3, 7]],
  ['elu with alpha 2', (x) => nn.elu(x, { alpha: 2 }), [-2, -1.9004259, -1.2642411, -0.78693867, 0, 0.5, 1, 3, 7]],
  [
    'celu with alpha 2',
    (x) => nn.celu(x, { alpha: 2 }),
    [-1.9999092, -1.5537397, -0.78693867, -0.4423984, 0, 0.5, 1, 3, 7],
  ],
  ['selu', nn.selu, [-1.7580993, -1.6705688, -1.1113307, -0.6917582, 0, 0.5253505, 1.050701, 3.152103, 7.354907]],
  ['leakyRelu', nn.leakyRelu, [-0.2, -0.03, -0.01, -0.005, 0, 0.5, 1, 3, 7]],
  [
    'leakyRelu with slope 0.5',
    (x) => nn.leakyRelu(x, { negativeSlope: 0.5 }),
    [-10, -1.5, -0.5, -0.25, 0, 0.5, 1, 3, 7],
  ],
  ['hardTanh', nn.hardTanh, [-1, -1, -1, -0.5, 0, 0.5, 1, 1, 1]],
  ['hardSigmoid', nn.hardSigmoid, [0, 0, 0.33333334, 0.4166667, 0.5, 0.5833334, 0.6666667, 1, 1]],
  ['hardSilu', nn.hardSilu, [0, 0, -0.33333334, -0.20833334, 0, 0.2916667, 0.6666667, 3, 7]],
  ['softSign', nn.softSign, [-0.95238096, -0.75, -0.5, -0.33333334, 0, 0.33333334, 0.5, 0.75, 0.875]],
  ['identity', nn.identity, [-20, -3, -1, -0.5, 0, 0.5, 1, 3, 7]],
]

describe('activations', () => {
  test.for(cases)('%s gives the numbers of JAX', ([, f, expected]) => {
    expectClose(f(points), expected)
  })

  test('integers become float32 and NaN stays', () => {
    for (const [name, f] of cases.filter(([name]) => name !== 'identity')) {
      expect([name, f(array([1, 2], { dtype: 'int32' })).dtype]).toEqual([name, 'float32'])
      expect([name, Number.isNaN(f(array([NaN])).toArray()[0 as never])]).toEqual([name, true])
    }
  })

  test('aliases are the same functions', () => {
    expect([nn.swish, nn.hardSwish]).toEqual([nn.silu, nn.hardSilu])
  })

  test('celu and elu agree for alpha 1', () => {
    expectClose(nn.celu(points), nn.elu(points).toArray())
  })

  test('those of the tensor library are here too', () => {
    expectClose(nn.softmax(rows).sum({ axis: -1 }), [1, 1])
    expectClose(nn.oneHot(array([0, 2], { dtype: 'int32' }), 3), [
      [1, 0, 0],
      [0, 0, 1],
    ])
    for (const f of [nn.relu, nn.sigmoid, nn.tanh, nn.softplus, nn.logSigmoid, nn.logSoftmax, nn.logsumexp])
      expect(typeof f).toBe('function')
  })

  const derivatives: readonly Case[] = [
    ['relu6', nn.relu6, [0, 0, 1, 0, 0]],
    ['elu', nn.elu, [0.36787945, 1, 1, 1, 1]],
    ['celu', nn.celu, [0.36787945, 1, 1, 1, 1]],
    ['leakyRelu', nn.leakyRelu, [0.01, 1, 1, 1, 1]],
    ['hardTanh', nn.hardTanh, [1, 1, 1, 0, 0]],
    ['hardSigmoid', nn.hardSigmoid, [0.16666667, 0.16666667, 0.16666667, 0, 0]],
    ['gelu', nn.gelu, [-0.08296407, 0.5, 1.0829641, 1, 1]],
  ]
  test.for(derivatives)(
    'the derivative of %s is that of JAX at the corners, and finite where exp is not',
    ([, f, expected]) => {
      expectClose(grad((x: Tensor) => f(x).sum())(array([-1, 0, 1, 6, 200])), expected)
    },
  )

  test('glu halves an axis', () => {
    expectClose(nn.glu(rows), [
      [0.95257413, 0.53788286],
      [0, 0.49100688],
    ])
    expectClose(nn.glu(rows, { axis: 0 }), [[0.5, 1.2449187, 0.35760877, -0.98201376]])
    expect(() => nn.glu(array([1, 2, 3]))).toThrow('glu: axis -1 must have an even extent, got shape (3,)')
  })

  test('standardize takes axes, a mask, and known statistics', () => {
    expectClose(nn.standardize(rows), [
      [-0.16903046, 0.5070914, 1.1832132, -1.5212741],
      [-0.28915715, -0.05783143, -1.2144601, 1.5614487],
    ])
    expectClose(nn.standardize(rows, { axis: 0, algorithm: 'stable' }), [
      [0.99998, 0.99999106, 0.99999917, -0.99999917],
      [-0.99998, -0.99999106, -0.99999917, 0.99999917],
    ])
    expectClose(nn.standardize(rows, { axis: null, epsilon: 0.1, mean: 1, variance: 2 }), [
      [0, 0.69006556, 1.3801311, -1.3801311],
      [-0.69006556, -0.34503278, -2.0701966, 2.0701966],
    ])
    expectClose(nn.standardize(rows, { where: rows.gt(0) }), [
      [-1.2247359, 0, 1.2247359, -3.6742077],
      [-1.2857122, -0.9999984, -2.4285674, 0.9999984],
    ])
    expect(() => nn.standardize(rows, { algorithm: 'best' as never })).toThrow(
      "standardize: unknown algorithm, got 'best'",
    )
  })

  test.prop([fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 5 })], { numRuns: 20 })(
    'bounded activations keep their bounds',
    (n, scale) => {
      const x = sin(arange(n)).mul(scale * 4)
      const within = (y: Tensor, low: number, high: number): boolean =>
        y.ge(low).logicalAnd(y.le(high)).all().item() as boolean
      expect(
        within(nn.relu6(x), 0, 6) &&
          within(nn.hardTanh(x), -1, 1) &&
          within(nn.hardSigmoid(x), 0, 1) &&
          within(nn.softSign(x), -1, 1),
      ).toBe(true)
    },
  )
})
