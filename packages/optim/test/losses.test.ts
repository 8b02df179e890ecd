import { grad } from '@linum/autodiff'
import { fc, test } from '@fast-check/vitest'
import { array, DtypeError, jit, oneHot, ShapeError, sum, type Tensor, type TensorLike } from '@linum/tensor'
import {
  huberLoss,
  l2Loss,
  logCosh,
  sigmoidBinaryCrossEntropy,
  smoothLabels,
  softmaxCrossEntropy,
  softmaxCrossEntropyWithIntegerLabels,
  squaredError,
} from '@linum/optim'
import { describe, expect } from 'vitest'
import { expectClose, numbersOf } from './trees.js'

const logits = array([
  [1, -2, 3],
  [0.5, 0.25, -0.75],
])
const soft = array([
  [0.2, 0.3, 0.5],
  [1, 0, 0],
])
const ints = (data: readonly number[] | readonly (readonly number[])[]): Tensor => array(data, { dtype: 'int32' })
const some = array([
  [true, true, false],
  [true, false, true],
])
const rows = array([true, false])

// All values are those of Optax 0.2.8.
describe('softmaxCrossEntropy', () => {
  test('is one number per example', () => {
    const x = array([
      [2, -1, 0.5],
      [-3, 6, 0],
    ])
    expectClose(
      softmaxCrossEntropy(
        x,
        array([
          [0, 0, 1],
          [1, 0, 0],
        ]),
      ),
      [1.7413113, 9.0025988],
    )
  })

  test('leaves out what is not selected, by element or by example', () => {
    expectClose(softmaxCrossEntropy(logits, soft, { where: some }), [0.9242937, 0.25192904])
    expectClose(softmaxCrossEntropy(logits, soft, { where: rows }), [2.0328455, 0])
  })

  test('takes several axes', () => {
    expectClose(
      softmaxCrossEntropy(logits.reshape([1, 2, 3]), soft.div(2).reshape([1, 2, 3]), { axis: [1, 2] }),
      [2.4712508],
    )
  })

  test('has a finite derivative where elements are left out', () => {
    const [dx, dy] = grad((x: Tensor, y: Tensor) => sum(softmaxCrossEntropy(x, y, { where: some })), {
      argnums: [0, 1],
    })(logits, soft)
    expect([...numbersOf(dx), ...numbersOf(dy)].every(Number.isFinite)).toBe(true)
  })
})

describe('softmaxCrossEntropyWithIntegerLabels', () => {
  test('agrees with the form for distributions', () => {
    const y = ints([2, 0])
    expectClose(softmaxCrossEntropyWithIntegerLabels(logits, y), numbersOf(softmaxCrossEntropy(logits, oneHot(y, 3))))
  })

  test('leaves out what is not selected, by element or by example', () => {
    expectClose(softmaxCrossEntropyWithIntegerLabels(logits, ints([0, 2]), { where: some }), [0.04858732, 1.501929])
    expectClose(softmaxCrossEntropyWithIntegerLabels(logits, ints([0, 2]), { where: rows }), [2.1328452, 0])
  })

  test('counts a negative label from the end, and gives NaN for one out of range', () => {
    expectClose(softmaxCrossEntropyWithIntegerLabels(logits, ints([-1, 3])), [0.13284516, NaN])
    expectClose(softmaxCrossEntropyWithIntegerLabels(logits, ints([-4, 1])), [NaN, 0.97527814])
  })

  test('reads a label of several axes in row-major order', () => {
    const x = array(Array.from({ length: 24 }, (_, i) => i ** 1.1 / 3)).reshape([1, 2, 3, 4])
    const out = softmaxCrossEntropyWithIntegerLabels(x, ints([[5, 11]]), { axis: [2, 3] })
    expect(out.shape).toEqual([1, 2])
    expectClose(out, [3.7049599, 0.9346857])
  })

  test('does not overflow', () => {
    expectClose(softmaxCrossEntropyWithIntegerLabels(array([[1000, 0, -1000]]), ints([1])), [1000])
    expectClose(softmaxCrossEntropyWithIntegerLabels(array([[-Infinity, 0]]), ints([1])), [0])
  })

  test('takes a number as the label of one example', () => {
    expectClose(softmaxCrossEntropyWithIntegerLabels(array([1, 2, 3]), 2), [0.40760597])
  })

  test('refuses labels that are no integers, and labels of another shape', () => {
    expect(() => softmaxCrossEntropyWithIntegerLabels(logits, array([0, 1]))).toThrow(
      new DtypeError(
        "softmaxCrossEntropyWithIntegerLabels: labels must be integers, got dtype float32; convert with labels.astype('int32'), or use softmaxCrossEntropy for distributions",
      ),
    )
    expect(() => softmaxCrossEntropyWithIntegerLabels(logits, ints([[0], [1]]))).toThrow(ShapeError)
    expect(() => softmaxCrossEntropyWithIntegerLabels(ints([[1, 2]]), ints([0]))).toThrow(
      /logits must be floating point, got dtype int32/,
    )
  })

  const batch = fc.array(
    fc.tuple(fc.array(fc.float({ min: -8, max: 8, noNaN: true }), { minLength: 4, maxLength: 4 }), fc.nat(3)),
    { minLength: 1, maxLength: 5 },
  )
  test.prop([batch], { numRuns: 40 })(
    'has the derivative softmax(logits) minus the label, eager and jitted',
    (examples) => {
      const x = array(examples.map(([row]) => row))
      const y = ints(examples.map(([, label]) => label))
      const derivative = grad((x: Tensor) => sum(softmaxCrossEntropyWithIntegerLabels(x, y)))
      const expected = numbersOf(x.softmax().sub(oneHot(y, 4)))
      expectClose(derivative(x), expected, 1e-5)
      expectClose(jit(derivative)(x), expected, 1e-5)
    },
  )
})

describe('sigmoidBinaryCrossEntropy', () => {
  test('keeps the shape', () => {
    expectClose(
      sigmoidBinaryCrossEntropy(
        array([
          [0.5, -1],
          [2, 0],
        ]),
        array([
          [0, 1],
          [1, 0],
        ]),
      ),
      [0.974077, 1.3132617, 0.126928, 0.6931472],
    )
  })

  test('does not overflow, and takes booleans as labels', () => {
    expectClose(sigmoidBinaryCrossEntropy(array([100, -100, 100]), array([true, false, false])), [0, 0, 100])
  })
})

describe('regression', () => {
  const p = array([0.5, -2, 1])
  const cases: readonly (readonly [
    string,
    (p: TensorLike, t?: TensorLike) => Tensor,
    readonly number[],
    readonly number[],
  ])[] = [
    ['squaredError', squaredError, [0.25, 4, 1], [0, 6.25, 0.25]],
    ['l2Loss', l2Loss, [0.125, 2, 0.5], [0, 3.125, 0.125]],
    ['huberLoss', huberLoss, [0.125, 1.5, 0.5], [0, 2, 0.125]],
    ['logCosh', logCosh, [0.12011451, 1.3250027, 0.43378082], [0, 1.8135681, 0.12011451]],
  ]

  test.each(cases)('%s measures from the target, or from 0', (_, loss, fromZero, fromHalf) => {
    expectClose(loss(p), fromZero)
    expectClose(loss(p, array([0.5, 0.5, 0.5])), fromHalf)
  })

  test('huberLoss bends at delta', () => {
    expectClose(huberLoss(array([1, 3]), undefined, { delta: 2 }), [0.5, 4])
    expectClose(grad((x: Tensor) => sum(huberLoss(x)))(array([0.5, 1.5, -4])), [0.5, 1, -1])
  })

  test('logCosh does not overflow', () => {
    expectClose(logCosh(array([1000])), [999.30685], 1e-5)
  })

  test('squares refuse targets of another shape, which would broadcast, and integers', () => {
    expect(() => squaredError(p, array([[1], [2], [3]]))).toThrow(
      new ShapeError(
        'squaredError: predictions and targets must have the same shape, got (3,) and (3, 1); reshape or broadcast the targets first',
      ),
    )
    expect(() => l2Loss(p, 1)).toThrow(ShapeError)
    expect(() => l2Loss(ints([1]))).toThrow(DtypeError)
    expect(() => huberLoss(ints([1]))).toThrow(DtypeError)
  })
})

describe('smoothLabels', () => {
  test('moves towards the uniform distribution over the classes that take part', () => {
    expectClose(smoothLabels(soft, 0.1), [0.21333332, 0.30333334, 0.48333332, 0.93333334, 0.03333334, 0.03333334])
    expectClose(smoothLabels(soft, 0.1, { where: some }), [0.23, 0.32, 0.5, 0.95, 0.05, 0.05])
    expectClose(
      smoothLabels(soft, 0.1, { axis: [0, 1] }),
      [0.19666666, 0.2866667, 0.46666667, 0.9166666, 0.01666667, 0.01666667],
    )
  })
})
