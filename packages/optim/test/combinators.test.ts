import { grad } from '@linum/autodiff'
import * as optim from '@linum/optim'
import { array, ones, random, StateError, type Tensor, zeros } from '@linum/tensor'
import { describe, expect, test } from 'vitest'
import { expectClose, gradients, numbersOf, params, train } from './trees.js'

const nan = { w: params.w, b: array([1, NaN, 2]) }

describe('namedChain', () => {
  test('is chain, with states under names', () => {
    const tx = optim.namedChain(['limit', optim.clip(0.1)], ['adam', optim.adam(0.1)])
    expect(Object.keys(tx.init(params) as object)).toEqual(['limit', 'adam'])
    expect(numbersOf(train(tx, params, gradients))).toEqual(
      numbersOf(train(optim.chain(optim.clip(0.1), optim.adam(0.1)), params, gradients)),
    )
  })

  test('refuses a name that occurs twice', () => {
    expect(() => optim.namedChain(['a', optim.clip(1)], ['a', optim.clip(2)])).toThrow(
      /namedChain: Named transformations must have unique names, but got a, a/,
    )
  })
})

describe('partition', () => {
  test('is each transformation of its own leaves', () => {
    const tx = optim.partition({ fast: optim.sgd(1), slow: optim.adam(0.1) }, { w: 'slow', b: 'fast' })
    const after = train(tx, params, gradients)
    const alone = (key: 'w' | 'b', own: optim.GradientTransformation): number[] =>
      numbersOf(
        train(
          own,
          { [key]: params[key] },
          gradients.map((g) => ({ [key]: g[key] })),
        ),
      )
    expect(numbersOf(after.b)).toEqual(alone('b', optim.sgd(1)))
    expect(numbersOf(after.w)).toEqual(alone('w', optim.adam(0.1)))
  })

  test('refuses labels that name no transformation, and trees of labels that do not fit', () => {
    const make = (labels: optim.Labels): unknown => optim.partition({ a: optim.sgd(1) }, labels).init(params)
    expect(() => make({ w: 'a', b: 'c' })).toThrow(
      /no corresponding transformation, got labels c for transformations a/,
    )
    expect(() => make({ w: 'a' })).toThrow(StateError)
    expect(() => make({ w: 'a' })).toThrow(/labels: does not fit the tree at its root, got keys w; give a string/)
  })

  test('allows masks of all leaves inside', () => {
    const mask = { w: true, b: true }
    const tx = optim.partition(
      { a: optim.adamw(0.1, { mask, weightDecay: 0.5 }), b: optim.sgd(0.1) },
      { w: 'a', b: 'b' },
    )
    expect(numbersOf(train(tx, params, gradients).w)).toEqual(
      numbersOf(train(optim.adamw(0.1, { weightDecay: 0.5 }), params, gradients).w),
    )
  })
})

describe('MultiSteps', () => {
  test('takes one step with the mean of the gradients', () => {
    const tx = new optim.MultiSteps(optim.adam(0.1), 2)
    const [a, b] = [gradients[0]!, gradients[1]!]
    const mean = { w: a.w.add(b.w).div(2), b: a.b.add(b.b).div(2) }
    expectClose(train(tx, params, [a, b]), numbersOf(train(optim.adam(0.1), params, [mean])), 1e-6)
    expect(tx.gradientTransformation()).toBe(tx)
  })

  test('says whether the last step took effect', () => {
    const tx = new optim.MultiSteps(optim.sgd(1), 2)
    let state = tx.init(params)
    const updated = gradients.map((g) => {
      state = tx.update(g, state, params)[1]
      return tx.hasUpdated(state).item()
    })
    expect(updated.map(Boolean)).toEqual([false, true, false, true, false])
  })

  test('wants a positive integer, and a skip function that gives a boolean', () => {
    expect(() => new optim.MultiSteps(optim.sgd(1), 0)).toThrow(RangeError)
    const odd = new optim.MultiSteps(optim.sgd(1), 2, { shouldSkipUpdateFn: () => [zeros([2]), {}] })
    expect(() => odd.update(params, odd.init(params), params)).toThrow(
      /shouldSkipUpdateFn must return a boolean scalar first, got dtype float32/,
    )
  })
})

describe('injectHyperparams', () => {
  const hyperparams = (state: unknown): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(optim.tree.get(state, 'hyperparams') as Record<string, Tensor>).map(([k, v]) => [k, v.item()]),
    )

  test('shows every number, defaults included, under its name', () => {
    const tx = optim.injectHyperparams(optim.sgd)(0.5, { momentum: 0.25 })
    expect(hyperparams(tx.init(params))).toEqual({ learningRate: 0.5, momentum: 0.25 })
    expect(hyperparams(optim.injectHyperparams(optim.clip)(3).init(params))).toEqual({ maxDelta: 3 })
  })

  test('leaves alone what is static', () => {
    const tx = optim.injectHyperparams(optim.lbfgs, { staticArgs: ['memorySize'] })(0.5, { linesearch: null })
    expect(hyperparams(tx.init(params))).toEqual({ learningRate: 0.5 })
  })

  test('takes functions of one object, and refuses positional arguments that have no name', () => {
    const make = ({ rate, limit }: { rate: number; limit: number }): optim.GradientTransformation =>
      optim.chain(optim.clip(limit), optim.sgd(rate))
    const tx = optim.injectHyperparams(make)({ rate: 0.5, limit: 2 })
    expect(hyperparams(tx.init(params))).toEqual({ rate: 0.5, limit: 2 })
    expectClose(train(tx, params, gradients), numbersOf(train(make({ rate: 0.5, limit: 2 }), params, gradients)), 1e-6)
    expect(() => optim.injectHyperparams((rate: number) => optim.chain(optim.sgd(rate)))(0.1)).toThrow(
      /argument 1 has no name, got a function that makes 'chain'/,
    )
  })

  test('uses what has been put into the state', () => {
    const tx = optim.injectHyperparams(optim.sgd)(0.5)
    const state = optim.tree.set(tx.init(params), { learningRate: array(2) })
    expectClose(
      tx.update(params, state, params)[0],
      numbersOf(params).map((x) => -2 * x),
    )
  })
})

describe('applyIfFinite', () => {
  test('leaves out what is not finite, counts it, and lets it through in the end', () => {
    const tx = optim.applyIfFinite(optim.sgd(1), 1)
    const [first, once] = tx.update(nan, tx.init(params), params)
    expect(numbersOf(first).every((x) => x === 0)).toBe(true)
    const [second, twice] = tx.update(nan, once, params)
    expect(numbersOf(second).some(Number.isNaN)).toBe(true)
    const [, after] = tx.update(params, twice, params)
    const counts = [once, twice, after].map((s) =>
      ['notfiniteCount', 'totalNotfinite'].map((key) => (optim.tree.get(s, key) as Tensor).item()),
    )
    expect(counts).toEqual([
      [1, 1],
      [2, 2],
      [0, 2],
    ])
  })
})

describe('lookahead', () => {
  test('wants pairs of parameters and a positive period', () => {
    const tx = optim.lookahead(optim.sgd(1), 2, 0.5)
    expect(() => tx.update(params, tx.init(params), params)).toThrow(/start from lookaheadParams\(params\)/)
    expect(() => optim.lookahead(optim.sgd(1), 0, 0.5)).toThrow(RangeError)
  })
})

describe('what a transformation needs', () => {
  const updates = (tx: optim.GradientTransformation, p?: unknown, extra = {}): unknown =>
    tx.update(params, tx.init(params), p as never, extra)

  test.each<readonly [string, optim.GradientTransformation]>([
    ['scaleByNovograd', optim.novograd(0.1)],
    ['scaleByTrustRatio', optim.scaleByTrustRatio()],
    ['scaleByFactoredRms', optim.adafactor()],
    ['scaleByParamBlockNorm', optim.scaleByParamBlockNorm()],
    ['adaptiveGradClip', optim.adaptiveGradClip(0.1)],
    ['keepParamsNonnegative', optim.keepParamsNonnegative()],
    ['scaleByLbfgs', optim.lbfgs()],
    ['scheduleFree', optim.scheduleFreeSgd(0.1)],
    ['prodigy', optim.prodigy()],
    ['mechanize', optim.mechanize(optim.sgd(0.1))],
    ['sam', optim.sam(optim.sgd(0.1), optim.sgd(0.1))],
    ['scaleByCocob', optim.scaleByCocob()],
  ])('%s asks for the parameters', (name, tx) => {
    expect(() => updates(tx)).toThrow(new RegExp(`${name}: You are using a transformation that requires the current`))
  })

  test.each<readonly [string, optim.GradientTransformation, object]>([
    ['value', optim.polyakSgd(), {}],
    ['value', optim.momo(), {}],
    ['value', optim.reduceOnPlateau(), {}],
    ['value', optim.lbfgs(), {}],
    ['grad', optim.lbfgs(), { value: 1 }],
    ['valueFn', optim.lbfgs(), { value: 1, grad: params }],
    ['objFn', optim.sophia(0.1), {}],
    ['gradFn', optim.sam(optim.sgd(0.1), optim.sgd(0.1), { opaqueMode: true }), {}],
  ])('%s is asked for by name', (name, tx, extra) => {
    expect(() => updates(tx, params, extra)).toThrow(
      new RegExp(`\`${name}\` is not among the extra arguments of \`update\`, got none; call`),
    )
  })

  test.each<readonly [RegExp, () => unknown]>([
    [/applyEvery: k must be a positive integer, got 0/, () => optim.applyEvery(0)],
    [/scaleByLbfgs: memorySize must be >= 1, got 0/, () => optim.scaleByLbfgs({ memorySize: 0 })],
    [/scaleByMuon: nsSteps must be a positive integer/, () => optim.muon(1, { nsSteps: 0 })],
    [/expected coefficients for at most 4 steps, got 5/, () => optim.muon(1, { nsSteps: 4, nsCoeffs: 'dion' })],
    [/scaleByMuon: unknown coefficients, got fast/, () => optim.muon(1, { nsCoeffs: 'fast' as never })],
    [/Unknown preconditioning, got x/, () => optim.muon(1, { preconditioning: 'x' as never })],
    [/unknown variant, got x/, () => optim.scaleByPolyak({ variant: 'x' as never })],
    [/unknown initial guess/, () => optim.scaleByZoomLinesearch(3, { initialGuessStrategy: 'x' as never })],
    [/Factor must be in the range \(0, 1\), got 2/, () => optim.reduceOnPlateau({ factor: 2 })],
    [/rtol must be in/, () => optim.reduceOnPlateau({ rtol: 0 })],
    [/Synchronization period must be >= 1, got 0/, () => optim.sam(optim.sgd(1), optim.sgd(1), { syncPeriod: 0 })],
    [/Invalid initStep/, () => optim.dog(1, { initStep: ['x' as never, 1] }).init(params)],
    [
      /got shape \(1, 2, 1, 2, 1, 1\); give \{ axis \}/,
      () => updates6(optim.adaptiveGradClip(0.1), ones([1, 2, 1, 2, 1, 1])),
    ],
    [/a leaf has no dimension numbers/, () => updates6(optim.scaleByMuon(), ones([3]))],
    [
      /must be disjoint, got 0 and 0 for shape \(2, 2\)/,
      () => updates6(optim.scaleByMuon({ weightDimensionNumbers: { reductionAxis: 0, outputAxis: 0 } }), ones([2, 2])),
    ],
    [/expects grads to have a batch dimension/, () => optim.perExampleGlobalNormClip([ones([2]), ones([3])], 1)],
    [/requires a ScheduleFreeState as input/, () => optim.scheduleFreeEvalParams({}, params)],
  ])('wrong arguments are refused: %s', (message, make) => {
    expect(make).toThrow(message)
  })
})

const updates6 = (tx: optim.GradientTransformation, x: Tensor): unknown => tx.update({ x }, tx.init({ x }), { x })

test('sm3 treats a scalar as a vector of one element', () => {
  const of = (x: Tensor): number[] => numbersOf(train(optim.sm3(0.1), { x }, [{ x }, { x }]))
  expect(of(array(2))).toEqual(of(array([2])))
})

test('updates are differentiable in the learning rate', () => {
  for (const make of [optim.sgd, optim.adam, optim.lamb, optim.rmsprop, optim.adagrad, optim.yogi, optim.radam]) {
    const total = (rate: Tensor): Tensor => {
      const tx = make(rate)
      const [{ w, b }] = tx.update(params, tx.init(params), params)
      return w.sum().add(b.sum())
    }
    expect(grad(total)(array(0.5)).item()).toBeCloseTo((total(array(1)).item() as number) * 1, 4)
  }
})

describe('functions of trees', () => {
  const state = { a: [{ count: array(1) }, { count: array(2), mu: { w: array(3) } }], rate: array(4) }

  test('find, list and replace entries of a state by name', () => {
    expect(optim.tree.get(state, 'rate')).toBe(state.rate)
    expect(optim.tree.get(state, 'nothing')).toBeUndefined()
    expect(optim.tree.getAllWithPath(state, 'count').map(([path]) => path.join('/'))).toEqual([
      'a/0/count',
      'a/1/count',
    ])
    expect(() => optim.tree.get(state, 'count')).toThrow(/found multiple values for 'count', got 2 at \['a'\]\[0\]/)
    const next = optim.tree.set(state, { count: array(7), rate: array(8) })
    expect(numbersOf(next)).toEqual([7, 7, 3, 8])
    expect(() => optim.tree.set(state, { nothing: 1 })).toThrow(/Found no value for 'nothing'/)
  })

  test('know sizes and dtypes', () => {
    expect(optim.tree.size(params)).toBe(9)
    expect(optim.tree.dtype(params)).toBe('float32')
    const mixed = { a: ones([1], { dtype: 'bfloat16' }), b: ones([1]) }
    expect([optim.tree.dtype(mixed, 'lowest'), optim.tree.dtype(mixed, 'highest')]).toEqual(['bfloat16', 'float32'])
    expect(() => optim.tree.dtype(mixed)).toThrow(/found multiple dtypes, got bfloat16, float32/)
    expect(() => optim.tree.norm(params, { ord: 3 })).toThrow(RangeError)
    expect([optim.tree.max({}).item(), optim.tree.min({}).item(), optim.tree.sum({}).item()]).toEqual([
      -Infinity,
      Infinity,
      0,
    ])
  })

  test('split a key into one for each leaf', () => {
    const keys = optim.tree.splitKeyLike(random.key(1), params) as { w: Tensor; b: Tensor }
    expect(keys.w.dtype).toBe('key')
    expect(numbersOf(random.keyData(keys.w))).not.toEqual(numbersOf(random.keyData(keys.b)))
  })
})
