import { grad } from '@linum/autodiff'
import * as optim from '@linum/optim'
import { array, DtypeError, ones, ShapeError, type Tensor, zeros } from '@linum/tensor'
import { describe, expect, test } from 'vitest'
import { numbersOf } from './trees.js'

const ints = (data: readonly number[]): Tensor => array(data, { dtype: 'int32' })

describe('losses refuse', () => {
  test.each<readonly [string, () => unknown]>([
    ['perceptronLoss', () => optim.perceptronLoss(ones([2]), ones([3]))],
    ['diceLoss', () => optim.diceLoss(ones([2, 3, 2]), ones([2, 3, 3]))],
    ['multiclassGeneralizedDiceLoss', () => optim.multiclassGeneralizedDiceLoss(ones([2, 2]), ones([2, 3]))],
    ['ntxent', () => optim.ntxent(ones([3, 2]), ints([1, 2]))],
    ['ctcLoss', () => optim.ctcLoss(ones([2, 3]), zeros([2, 3]), ones([2, 1]), zeros([2, 1]))],
    ['ctcLoss', () => optim.ctcLoss(ones([2, 3, 4]), zeros([2, 2]), ones([2, 1]), zeros([2, 1]))],
    ['ctcLoss', () => optim.ctcLoss(ones([2, 3, 4]), zeros([2, 3]), ones([1, 1]), zeros([1, 1]))],
    ['ctcLoss', () => optim.ctcLoss(ones([2, 3, 4]), zeros([2, 3]), ones([2, 1]), zeros([2, 2]))],
  ])('shapes that do not go together: %s', (name, run) => {
    expect(run).toThrow(ShapeError)
    expect(run).toThrow(new RegExp(`^${name}: .*got `))
  })

  test.each<readonly [string, () => unknown]>([
    ['cosineSimilarity', () => optim.cosineSimilarity(ints([1]), ints([1]))],
    ['klDivergence', () => optim.klDivergence(ones([2]), ints([1, 2]))],
    ['klDivergenceWithLogTargets', () => optim.klDivergenceWithLogTargets(ints([1]), ones([1]))],
    ['safeSoftmaxCrossEntropy', () => optim.safeSoftmaxCrossEntropy(ints([1]), ones([1]))],
    ['polyLossCrossEntropy', () => optim.polyLossCrossEntropy(ones([2]), ints([1, 2]))],
    ['sigmoidFocalLoss', () => optim.sigmoidFocalLoss(ints([1]), ints([1]))],
    ['sparsemaxLoss', () => optim.sparsemaxLoss(ints([1]), ints([1]))],
    ['multiclassHingeLoss', () => optim.multiclassHingeLoss(ints([1, 2]), 1)],
    ['tripletMarginLoss', () => optim.tripletMarginLoss(ints([1]), ones([1]), ones([1]))],
    ['rankingSoftmaxLoss', () => optim.rankingSoftmaxLoss(ints([1]), ones([1]))],
    ['ctcLoss', () => optim.ctcLoss(array([[[1]]], { dtype: 'int32' }), zeros([1, 1]), ones([1, 1]), zeros([1, 1]))],
  ])('numbers that are not floating point: %s', (name, run) => {
    expect(run).toThrow(DtypeError)
    expect(run).toThrow(new RegExp(`^${name}: .* must be floating point, got dtype int32`))
  })

  test('an unknown reduction', () => {
    expect(() => optim.diceLoss(ones([1, 2, 2]), ones([1, 2, 2]), { reduction: 'x' as never })).toThrow(
      /Unsupported reduction, got x/,
    )
  })
})

describe('derivatives are finite', () => {
  test.each<readonly [string, (x: Tensor) => Tensor, Tensor]>([
    ['of klDivergence where a target is 0', (t) => optim.klDivergence(array([-1, -0.5]), t), array([0, 1])],
    [
      'of safeSoftmaxCrossEntropy where a logit is minus infinity',
      (x) => optim.safeSoftmaxCrossEntropy(x, array([0.5, 0.5, 0])),
      array([1, 2, -Infinity]),
    ],
    [
      'of ntxent for embeddings without a partner',
      (x) => optim.ntxent(x, ints([0, 0, 1])),
      array([
        [1, 2],
        [3, -1],
        [0.5, 0.5],
      ]),
    ],
    [
      'of rankingSoftmaxLoss where items are left out',
      (x) => optim.rankingSoftmaxLoss(x, array([1, 0, 2]), { where: array([true, false, true]) }),
      array([1, 2, 3]),
    ],
    [
      'of ctcLoss with labels that repeat',
      (x) => optim.ctcLoss(x, zeros([1, 4]), array([[1, 1]], { dtype: 'int32' }), zeros([1, 2])),
      ones([1, 4, 3]),
    ],
  ])('%s', (_, loss, at) => {
    expect(numbersOf(grad((x: Tensor) => loss(x).sum())(at)).every(Number.isFinite)).toBe(true)
  })
})

describe('schedules refuse', () => {
  test.each<readonly [() => unknown, RegExp]>([
    [() => optim.piecewiseInterpolateSchedule('linear', 1, { 3: -1 }), /expects non-negative scale factors/],
    [() => optim.linearOnecycleSchedule(0, 1), /linearOnecycleSchedule: needs positive transitionSteps, got 0/],
    [() => optim.cosineOnecycleSchedule(-1, 1), /cosineOnecycleSchedule: needs positive transitionSteps, got -1/],
    [() => optim.sgdrSchedule([]), /joinSchedules/],
  ])('%s', (make, message) => {
    expect(make).toThrow(RangeError)
    expect(make).toThrow(message)
  })
})
