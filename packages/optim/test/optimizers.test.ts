import { fc, test } from '@fast-check/vitest'
import { array, type Tensor, tree } from '@linum/tensor'
import {
  adagrad,
  adam,
  adamw,
  applyUpdates,
  chain,
  clipByGlobalNorm,
  constantSchedule,
  type GradientTransformation,
  lion,
  rmsprop,
  sgd,
} from '@linum/optim'
import { describe, expect } from 'vitest'
import { expectClose, gradients, numbersOf, params, someTrees, train } from './trees.js'

// Optax 0.2.8: b and w after five steps.
const reference: readonly (readonly [string, GradientTransformation, readonly number[]])[] = [
  [
    'sgd',
    sgd(0.1),
    [0.097716667, -0.24566665, 0.98500001, 0.94000006, -1.8800001, 2.8199999, 0.74000007, -0.050000012, -0.39000005],
  ],
  [
    'sgd with momentum',
    sgd(0.1, { momentum: 0.9 }),
    [0.092607059, -0.34785867, 2.5178797, 0.88416398, -1.768328, 2.652492, 0.96334398, -0.32918, -0.054984033],
  ],
  [
    'adam',
    adam(0.1),
    [-0.3401421, -0.64014268, 0.74014276, 0.69338942, -1.6933893, 2.6933892, 0.80661058, -0.056610707, -0.44338933],
  ],
  [
    'adam with nesterov',
    adam(0.1, { nesterov: true }),
    [-0.36391512, -0.66391563, 0.76391572, 0.61857563, -1.6185755, 2.6185756, 0.88142437, -0.13142444, -0.36857557],
  ],
  [
    'adamw',
    adamw(0.1, { weightDecay: 0.01 }),
    [-0.33970568, -0.63820916, 0.73771024, 0.68914515, -1.6841551, 2.6791654, 0.80336988, -0.057112448, -0.44039255],
  ],
  [
    'adamw with scheduled decay',
    adamw(0.1, { weightDecay: constantSchedule(0.2) }),
    [-0.33140486, -0.60258162, 0.69297373, 0.6118871, -1.5158077, 2.4197285, 0.74399412, -0.066053599, -0.38590679],
  ],
  [
    'lion',
    lion(0.1),
    [-0.39995003, -0.69980001, 0.79975009, 0.69956017, -1.6990603, 2.6985602, 0.79969007, -0.050064988, -0.44968504],
  ],
  [
    'lion with all options',
    lion(0.01, { b1: 0.8, b2: 0.9, weightDecay: 0.1, mask: { w: true, b: false } }),
    [0.050000012, -0.25000003, 0.34999996, 0.96506989, -1.9600799, 2.95509, 0.52744508, 0.21881242, -0.71631742],
  ],
  [
    'rmsprop',
    rmsprop(0.1),
    [-0.59986705, -0.90019614, 1.0001969, 0.22265226, -1.2226506, 2.2226503, 1.2773497, -0.52734965, 0.027349696],
  ],
  [
    'rmsprop, centered, with momentum',
    rmsprop(0.1, { centered: true, momentum: 0.9, nesterov: true }),
    [-2.8854856, -3.1871533, 3.2871575, -2.0005531, 1.000561, -0.00056260824, 3.5005631, -2.7505636, 2.2505639],
  ],
  [
    'rmsprop, corrected, eps outside',
    rmsprop(0.1, { epsInSqrt: false, biasCorrection: true, eps: 1e-3, initialScale: 0.5 }),
    [0.098408468, -0.23164932, 0.55328238, 0.94289136, -1.8934054, 2.8544312, 0.67517161, 0.052200772, -0.53442836],
  ],
  [
    'rmsprop, centered and corrected',
    rmsprop(0.1, { centered: true, biasCorrection: true, eps: 1e-2 }),
    [0.077171236, -0.62646651, 3.7787981, 0.58989429, -1.3518684, 2.1568284, 1.5087309, -0.90364337, 0.53473854],
  ],
  [
    'adagrad',
    adagrad(0.1),
    [0.092783779, -0.31890279, 0.50976938, 0.87260056, -1.8255447, 2.8013716, 0.71228093, 0.029535159, -0.5243569],
  ],
  [
    'adagrad from 0',
    adagrad(0.1, { initialAccumulatorValue: 0 }),
    [-0.11068605, -0.41077712, 0.51077741, 0.75978684, -1.7597864, 2.7597864, 0.74021381, 0.0097861812, -0.50978619],
  ],
  [
    'clipped sgd',
    chain(clipByGlobalNorm(1), sgd(0.1)),
    [0.09911903, -0.21761949, 0.56429237, 0.97862601, -1.957252, 2.9358778, 0.58549607, 0.14312987, -0.62175584],
  ],
]

describe('five steps', () => {
  test.each(reference)('of %s are those of Optax', (_, tx, expected) => {
    expectClose(train(tx, params, gradients), expected)
  })
})

describe('sgd', () => {
  test.prop([someTrees(4), fc.float({ min: Math.fround(0.01), max: 1, noNaN: true })], { numRuns: 30 })(
    'moves by minus the learning rate times the sum of gradients',
    ([start, ...grads], lr) => {
      const expected = tree.map(
        (p: Tensor, ...g: Tensor[]) => p.sub(g.reduce((a, b) => a.add(b)).mul(lr)),
        start!,
        ...grads,
      )
      expectClose(train(sgd(lr), start!, grads), numbersOf(expected), 1e-5)
    },
  )

  test.prop([someTrees(4), fc.float({ min: 0, max: 1, noNaN: true })], { numRuns: 30 })(
    'with momentum weighs an older gradient by one more term of a geometric series',
    ([start, ...grads], mu) => {
      const weight = (age: number): number => Array.from({ length: age + 1 }, (_, i) => mu ** i).reduce((a, b) => a + b)
      const expected = tree.map(
        (p: Tensor, ...g: Tensor[]) =>
          p.sub(
            g
              .map((x, i) => x.mul(weight(g.length - 1 - i)))
              .reduce((a, b) => a.add(b))
              .mul(0.1),
          ),
        start!,
        ...grads,
      )
      expectClose(train(sgd(0.1, { momentum: mu }), start!, grads), numbersOf(expected), 1e-5)
    },
  )

  test('takes a tensor as learning rate', () => {
    expectClose(train(sgd(array(0.1)), params, gradients), reference[0]![2])
  })
})

describe('adam', () => {
  test.prop([someTrees(1), fc.constantFrom(0.1, 1, 100)], { numRuns: 20 })(
    'moves every element by the learning rate at the first step, whatever the size of gradients',
    ([start], size) => {
      const g = tree.map((x: Tensor) => x.mul(size), params)
      const [updates] = adam(0.01).update(g, adam(0.01).init(g), start! as never)
      expectClose(
        updates,
        numbersOf(params).map((x) => -0.01 * Math.sign(x)),
        1e-6,
      )
    },
  )

  test('stops counting at the largest int32 instead of starting over', () => {
    const tx = adam(0.1)
    const [first] = tx.init(params) as readonly [object]
    const [updates, state] = tx.update(gradients[0]!, [{ ...first, count: array(2 ** 31 - 1, { dtype: 'int32' }) }, {}])
    expect((state as unknown as readonly [{ count: Tensor }])[0].count.item()).toBe(2 ** 31 - 1)
    expect(numbersOf(updates).every(Number.isFinite)).toBe(true)
  })
})

describe('applyUpdates', () => {
  test('adds, keeps the dtypes of the parameters, and lets null through', () => {
    const p = { a: array([1, 2], { dtype: 'int32' }), b: null, c: [array(1)] }
    const out = applyUpdates(p, { a: array([0.6, 1.7]), b: null, c: [array(-2)] })
    expect(out.a.dtype).toBe('int32')
    expect([out.a.toArray(), out.b, out.c[0]!.item()]).toEqual([[1, 3], null, -1])
  })

  test('names what one of the trees has not', () => {
    expect(() => applyUpdates(params, { w: params.w })).toThrow(
      /applyUpdates: the trees have different structures, got nothing at \['b'\]/,
    )
    expect(() => applyUpdates({ w: params.w }, params)).toThrow(/something at \['b'\]/)
    expect(() => applyUpdates({ a: null }, { a: undefined })).toThrow(/other containers/)
  })
})

test('gradients of another structure than at init are refused by name', () => {
  const tx = adam(0.1)
  expect(() => tx.update({ w: params.w } as never, tx.init(params))).toThrow(
    /scaleByAdam: the trees have different structures, got something at \['b'\]/,
  )
})
