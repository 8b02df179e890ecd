import { fc, test } from '@fast-check/vitest'
import { valueAndGrad as valueAndGradOf } from '@linum/autodiff'
import { rest } from '@linum/filters'
import { merge, Module, Param, split, state, update } from '@linum/graph'
import * as optim from '@linum/optim'
import type { GradientTransformation } from '@linum/optim'
import { array, jit as jitOfTrees, type Tensor, traceCount } from '@linum/tensor'
import { grad, jit, valueAndGrad } from '@linum/transforms'
import { describe, expect } from 'vitest'
import { makers } from './makers.js'
import { numbersOf, type Params, someTrees } from './trees.js'

const step =
  (tx: GradientTransformation) =>
  (grads: Params, s: unknown, params: Params): readonly [Params, unknown] => {
    const [updates, next] = tx.update(grads, s as never, params)
    return [optim.applyUpdates(params, updates), next]
  }

test.prop([fc.nat(makers.length - 1), someTrees(3)], { numRuns: 60 })(
  'a step is the same eager and jitted, whatever the transformation',
  (i, [start, ...grads]) => {
    const tx = makers[i]!()
    const eager = step(tx)
    const compiled = jitOfTrees(eager as never) as unknown as typeof eager
    let a: readonly [Params, unknown] = [start!, tx.init(start!)]
    let b = a
    for (const g of grads) {
      a = eager(g, a[1], a[0])
      b = compiled(g, b[1], b[0])
      expect(numbersOf(b[0])).toEqual(numbersOf(a[0]))
    }
    expect(traceCount(compiled as never)).toBeLessThanOrEqual(2)
  },
)

class Net extends Module {
  w = new Param(
    array([
      [0.1, -0.2],
      [0.4, 0.3],
      [-0.5, 0.6],
    ]),
  )
  b = new Param(array([0.5, -0.5]))

  forward(x: Tensor): Tensor {
    return x.matmul(this.w).add(this.b).tanh()
  }
}

const x = array([
  [1, 2, -1],
  [3, -1, 0.5],
  [-1, 0.5, 2],
  [2, -1, 1],
])
const y = array([
  [0.3, -0.2],
  [0.8, 0.1],
  [-0.3, 0.5],
  [0.1, 0.2],
])

const loss = (net: Net): Tensor => net.forward(x).sub(y).square().mean()

const train = (net: Net, optimizer: optim.Optimizer<Net>): Tensor => {
  const [def, , others] = split(net, Param, rest)
  const valueFn = (params: object): Tensor => loss(merge(def, params, others))
  const [value, grads] = valueAndGrad(loss)(net)
  optimizer.update(grads, {
    value,
    grad: grads,
    valueFn,
    objFn: valueFn,
    gradFn: (params: object) => valueAndGradOf(valueFn)(params)[1],
  })
  return value
}

const losses = (tx: GradientTransformation, steps: number, run: typeof train): readonly number[] => {
  const net = new Net()
  const optimizer = new optim.Optimizer(net, tx)
  return Array.from({ length: steps }, () => run(net, optimizer).item() as number)
}

const schedule = optim.exponentialDecay(0.1, 2, 0.5)

describe('Optimizer in the lifted jit', () => {
  test.each<readonly [string, () => GradientTransformation, number]>([
    ['lbfgs with its line search', () => optim.lbfgs(), 0.08],
    [
      'a backtracking line search',
      () => optim.chain(optim.sgd(1), optim.scaleByBacktrackingLinesearch(15, { storeGrad: true })),
      0.15,
    ],
    ['Polyak steps', () => optim.polyakSgd(), 0.1],
    ['momo', () => optim.momo(0.5), 0.15],
    ['sophia', () => optim.sophia(0.1, { updateInterval: 2 }), 0.3],
    ['opaque sam', () => optim.sam(optim.sgd(0.3), optim.sgd(0.05), { opaqueMode: true }), 0.15],
    ['muon', () => optim.muon(0.05), 0.2],
    ['adafactor', () => optim.adafactor(0.1, { minDimSizeToFactor: 2 }), 0.2],
    ['sm3, whose state is several vectors a leaf', () => optim.sm3(0.3), 0.2],
    ['schedule-free AdamW', () => optim.scheduleFreeAdamw(0.1), 0.2],
    ['hyperparameters in the state', () => optim.injectHyperparams(optim.adamw)(schedule), 0.2],
    ['several steps', () => new optim.MultiSteps(optim.adam(0.2), 2), 0.2],
    [
      'one transformation for each label',
      () => optim.partition({ matrix: optim.adam(0.1), rest: optim.sgd(0.1) }, { w: 'matrix', b: 'rest' }),
      0.2,
    ],
    ['noise', () => optim.noisySgd(0.3, { eta: 1e-4 }), 0.3],
    ['a monitor', () => optim.chain(optim.monitor({ norm: optim.globalNorm }), optim.adam(0.1)), 0.2],
    ['steps that are finite', () => optim.applyIfFinite(optim.adam(0.1), 2), 0.2],
    ['one vector', () => optim.flatten(optim.adam(0.1)), 0.2],
  ])('trains by %s, traced once and as without it', (_, make, below) => {
    const compiled = jit(train)
    const jitted = losses(make(), 6, compiled)
    expect(losses(make(), 6, train)).toEqual(jitted)
    expect(traceCount(compiled)).toBe(1)
    expect(jitted.at(-1)).toBeLessThan(below)
    expect(jitted.at(-1)).toBeLessThan(jitted[0]!)
  })

  test('shows hyperparameters, which may be replaced between steps without a retrace', () => {
    const net = new Net()
    const optimizer = new optim.Optimizer(net, optim.injectHyperparams(optim.sgd)(0.5))
    const compiled = jit(train)
    compiled(net, optimizer)
    const { hyperparams } = optimizer.optState as unknown as { hyperparams: { learningRate: Param } }
    expect(hyperparams.learningRate.value.item()).toBe(0.5)
    const before = net.w.value.toArray()
    hyperparams.learningRate.value = array(0)
    compiled(net, optimizer)
    expect(net.w.value.toArray()).toEqual(before)
    expect(traceCount(compiled)).toBe(1)
  })

  test('gives the parameters to evaluate of a schedule-free optimizer', () => {
    const net = new Net()
    const optimizer = new optim.Optimizer(net, optim.scheduleFreeSgd(0.5))
    const compiled = jit(train)
    for (let i = 0; i < 20; i++) compiled(net, optimizer)
    const trained = loss(net).item() as number
    const params = optim.scheduleFreeEvalParams(optimizer.optState, state(net, Param))
    expect(params.w.value.shape).toEqual([3, 2])
    update(net, params)
    expect(loss(net).item()).toBeLessThan(0.1)
    expect(loss(net).item()).not.toBe(trained)
  })

  test('takes the loss and gradients that a line search has kept', () => {
    const net = new Net()
    const optimizer = new optim.Optimizer(net, optim.lbfgs())
    const [def] = split(net)
    const valueFn = (params: object): Tensor => loss(merge(def, params))
    const kept = optim.valueAndGradFromState(valueFn)
    const params = (): object => ({ w: net.w.value, b: net.b.value })
    for (let i = 0; i < 3; i++) {
      const [value, grads] = kept(params(), optimizer.optState)
      expect(value.item()).toBeCloseTo(loss(net).item() as number, 5)
      const expected = numbersOf(grad(loss)(net))
      numbersOf(grads).forEach((g, k) => expect(g).toBeCloseTo(expected[k]!, 4))
      optimizer.update(grads as never, { value, grad: grads, valueFn })
    }
    expect(() => kept(params(), {})).toThrow(/Value or gradient not found in the state, got no value/)
  })
})
