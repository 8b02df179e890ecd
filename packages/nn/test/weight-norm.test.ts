import { Param, Rngs, state } from '@linum/graph'
import { Conv, InstanceNorm, Linear, SpectralNorm, WeightNorm } from '@linum/nn'
import { arange, array, linalg, ones, ShapeError, StateError } from '@linum/tensor'
import { describe, expect, test } from 'vitest'
import { expectClose } from './numbers.js'

const rngs = new Rngs(0)
const x = arange(8).reshape([2, 4])

describe('WeightNorm', () => {
  test('columns of the weights get the length of their scale', () => {
    const layer = new WeightNorm(new Linear(4, 3, { rngs }), { rngs })
    const scale = layer.scales!['kernel'] as Param
    scale.value = array([1, 2, 3])
    layer.forward(x)
    expectClose(linalg.norm(layer.layerInstance.kernel, { axis: 0 }), [1, 2, 3])
    expect(Object.keys(state(layer, Param))).toEqual(['layerInstance', 'scales'])
  })

  test('weights are chosen by a filter, other parameters stay', () => {
    const linear = new Linear(4, 3, { biasInit: () => ones([3]).mul(5), rngs })
    const [kernel, layer] = [
      linear.kernel.toArray(),
      new WeightNorm(linear, { variableFilter: (path) => path[0] === 'bias', rngs }),
    ]
    layer.forward(x)
    expect([linear.kernel.toArray(), linear.bias!.toArray()]).toEqual([kernel, [1, 1, 1]])
  })

  test('scales of ones take no key', () => {
    const own = new Rngs(0)
    new WeightNorm(new Linear(4, 3, { rngs: own }), { rngs: own })
    expect(own.stream().count.value.item()).toBe(2)
  })

  test('weights that came later are refused', () => {
    const layer = new WeightNorm(new Linear(4, 3, { rngs }), { rngs })
    layer.layerInstance.bias = null
    Object.assign(layer.layerInstance, { more: new Linear(4, 3, { rngs }) })
    expect(() => layer.forward(x)).toThrow(
      new StateError(
        "WeightNorm.forward: no scale for the weights at 'more/kernel', which the layer did not have when it was wrapped; wrap it again",
      ),
    )
  })
})

describe('SpectralNorm', () => {
  test('after enough steps the greatest singular value of the weights is 1', () => {
    const layer = new SpectralNorm(new Linear(4, 3, { rngs }), { nSteps: 60, rngs })
    layer.forward(x)
    expectClose(linalg.svd(layer.layerInstance.kernel)[1].slice(0), 1, 1e-4)
  })

  test('in evaluation it keeps what it has found', () => {
    const layer = new SpectralNorm(new Linear(4, 3, { rngs }), { rngs })
    const found = (): unknown => (layer.batchStats['kernel'] as unknown as { u: Param }).u.toArray()
    const before = found()
    layer.eval()
    layer.forward(x)
    expect(found()).toEqual(before)
    layer.forward(x, { updateStats: true })
    expect(found()).not.toEqual(before)
    layer.train()
    expect(layer.useRunningAverage).toBe(false)
  })

  test('weights of more axes are taken as matrices, or refused', () => {
    const conv = new Conv(2, 3, [2, 2], { rngs })
    const layer = new SpectralNorm(conv, { nSteps: 80, rngs })
    layer.forward(ones([1, 3, 3, 2]))
    expectClose(linalg.svd(conv.kernel.reshape([-1, 3]))[1].slice(0), 1, 1e-3)
    expect(() => new SpectralNorm(conv, { errorOnNonMatrix: true, rngs })).toThrow(
      new ShapeError(
        "SpectralNorm: parameters must have at most two axes, for errorOnNonMatrix is set, got shape (2, 2, 2, 3) at 'kernel'",
      ),
    )
    expect(() => new SpectralNorm(conv, { nSteps: -1, rngs })).toThrow(
      'SpectralNorm: nSteps must be an integer from 0 on',
    )
  })

  test('matrices that came later are refused', () => {
    const layer = new SpectralNorm(new Linear(4, 3, { rngs }), { rngs })
    Object.assign(layer.layerInstance, { more: new Linear(4, 3, { rngs }) })
    expect(() => layer.forward(x)).toThrow("SpectralNorm.forward: no statistics for the weights at 'more/kernel'")
  })
})

describe('InstanceNorm', () => {
  test('each feature of each example has mean 0 and variance 1', () => {
    const y = new InstanceNorm(3, { rngs }).forward(arange(60).reshape([2, 10, 3]).sin())
    expectClose(
      y.mean({ axis: 1 }),
      [
        [0, 0, 0],
        [0, 0, 0],
      ],
      0,
      1e-5,
    )
    expectClose(
      y.square().mean({ axis: 1 }),
      [
        [1, 1, 1],
        [1, 1, 1],
      ],
      1e-4,
    )
  })

  test('the batch is no axis of features', () => {
    expect(() => new InstanceNorm(2, { featureAxes: 0, rngs }).forward(ones([2, 3, 2]))).toThrow(
      new ShapeError(
        'InstanceNorm.forward: featureAxes cannot include the first axis, which is the batch, got 0 for shape (2, 3, 2)',
      ),
    )
  })
})
