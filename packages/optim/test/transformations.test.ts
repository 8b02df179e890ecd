import { Module, Param, state } from '@linum/graph'
import { fc, test } from '@fast-check/vitest'
import { array, type ArrayOps, StateError, type Tensor, tree, zeros } from '@linum/tensor'
import {
  adam,
  addDecayedWeights,
  chain,
  clip,
  clipByBlockRms,
  clipByGlobalNorm,
  globalNorm,
  linearSchedule,
  type Mask,
  masked,
  scale,
  scaleByLearningRate,
  scaleBySchedule,
  sgd,
  trace,
} from '@linum/optim'
import { describe, expect } from 'vitest'
import { expectClose, gradients, numbersOf, type Params, params, someTrees, train } from './trees.js'

describe('scaling', () => {
  test('by a learning rate changes the sign, by a constant and a schedule it does not', () => {
    const g = { w: array([1, 2]) }
    expectClose(scale(0.5).update(g, {})[0], [0.5, 1])
    expectClose(scaleByLearningRate(0.5).update(g, {})[0], [-0.5, -1])
    expectClose(
      train(chain(scale(-0.5), scaleBySchedule(linearSchedule(1, 0, 4))), params, gradients),
      [0.091979168, -0.36041668, 2.70625, 0.91250002, -1.825, 2.7375, 0.85000002, -0.1875, -0.22499999],
    )
  })

  test('asks a schedule for the steps done before this one', () => {
    const tx = scaleByLearningRate(linearSchedule(0, 1, 2))
    const g = { w: array([1]) }
    let state = tx.init(g)
    const steps = [0, 1, 2, 3].map(() => {
      const [updates, next] = tx.update(g, state)
      state = next
      return -updates.w.item() + 0
    })
    expect(steps).toEqual([0, 0.5, 1, 1])
  })

  test('keeps the dtype of updates', () => {
    expect(
      scaleByLearningRate(() => 2).update(
        { w: array([1, 2], { dtype: 'int32' }) },
        { count: array(0, { dtype: 'int32' }) },
      )[0].w.dtype,
    ).toBe('int32')
  })

  test('takes a function that gives a number as schedule', () => {
    expectClose(
      train(
        sgd(() => 0.1),
        params,
        gradients.slice(0, 1),
      ),
      [0.099, -0.22, 0.6, 0.99, -1.98, 2.97, 0.54, 0.2, -0.69],
    )
  })
})

describe('clipping', () => {
  test('by element and by leaf is that of Optax', () => {
    expectClose(
      train(chain(clip(0.15), sgd(1)), params, gradients),
      [0.077166677, -0.60666674, 1.05, 0.60000002, -1.5500001, 2.5499997, 0.94999993, -0.20000002, -0.30000001],
    )
    expectClose(
      train(chain(clipByBlockRms(0.2), sgd(1)), params, gradients),
      [0.094239324, -0.31521368, 2.0282049, 0.84593427, -1.6918685, 2.5378025, 1.1162632, -0.52032882, 0.17439464],
    )
  })

  test('by global norm leaves smaller updates as they are', () => {
    expect(numbersOf(clipByGlobalNorm(100).update(params, {})[0])).toEqual(numbersOf(params))
    expect(globalNorm({ a: array([3]), b: [array([[4]]), null] }).item()).toBe(5)
    expect(globalNorm([]).item()).toBe(0)
  })

  test.prop([someTrees(1), fc.constantFrom(0.01, 0.5, 2, 50)], { numRuns: 60 })(
    'by global norm never exceeds it, and keeps the direction',
    ([g], limit) => {
      const before = globalNorm(g).item() as number
      const [clipped] = clipByGlobalNorm(limit).update(g!, {})
      const after = globalNorm(clipped).item() as number
      expect(after).toBeLessThanOrEqual(limit * (1 + 1e-6))
      expect(after).toBeLessThanOrEqual(before * (1 + 1e-6))
      const factor = before < limit ? 1 : limit / before
      expectClose(
        clipped,
        numbersOf(g).map((x) => x * factor),
        1e-6,
      )
    },
  )
})

describe('trace', () => {
  test('with nesterov looks one step ahead', () => {
    const tx = trace(0.5, { nesterov: true })
    const g = { w: array([1]) }
    const [first, state] = tx.update(g, tx.init(g))
    const [second] = tx.update(g, state)
    expect([first.w.item(), second.w.item()]).toEqual([1.5, 1.75])
  })
})

describe('weight decay', () => {
  test('by a schedule is that of Optax', () => {
    expectClose(
      train(chain(addDecayedWeights(linearSchedule(0.5, 0, 3)), sgd(0.1)), params, gradients),
      [0.088077225, -0.22511667, 0.93857503, 0.84377229, -1.6875446, 2.5313168, 0.68853611, -0.070520848, -0.32173747],
    )
  })

  test('of 0 changes nothing', () => {
    expect(addDecayedWeights(0).update(gradients[0]!, {}, params)[0]).toBe(gradients[0])
  })

  test('needs the parameters', () => {
    expect(() => addDecayedWeights(0.1).update(params, {})).toThrow(
      /requires the current value of parameters, but you are not passing `params`/,
    )
  })
})

describe('masked', () => {
  test('transforms what is selected, is that of Optax, and keeps no state for the rest', () => {
    const tx = masked(adam(0.1), { w: false, b: true })
    expectClose(
      train(chain(tx, scale(-1)), params, gradients),
      [0.54014206, 0.24014261, -0.14014268, 0.39999998, -0.79999995, 1.1999998, 2.9000001, -2.75, 2.8499999],
    )
    expect(tree.leaves(tx.init(params))).toHaveLength(3)
  })

  const big: Mask = (p: Params) => tree.map((x: ArrayOps) => x.ndim > 1, p)
  const forms: readonly (readonly [string, Mask])[] = [
    ['a tree', { w: true, b: false }],
    ['a function to a tree', big],
    ['a function to a tree by hand', (p: Params) => ({ w: p.w.ndim > 1, b: p.b.ndim > 1 })],
  ]

  test.each(forms)('takes %s as mask, for plain trees and States alike', (_, mask) => {
    class Model extends Module {
      w = new Param(params.w)
      b = new Param(params.b)
    }
    const tx = masked(scale(0), mask)
    const [plain] = tx.update(params, tx.init(params))
    expect([numbersOf(plain.w), numbersOf(plain.b)]).toEqual([[0, -0, 0, 0, 0, -0], numbersOf(params.b)])
    const s = state(new Model(), Param)
    const [inState] = tx.update(s, tx.init(s))
    expect(numbersOf(inState)).toEqual([...numbersOf(params.b), 0, -0, 0, 0, 0, -0])
  })

  test('takes one boolean for a whole level, and arrays', () => {
    const t = { layers: [params, params], head: array([1]), none: null }
    const counts = (mask: Mask): number => numbersOf(masked(trace(0.9), mask).init(t)).length
    expect([counts(true), counts(false), counts({ layers: [true, false], head: true, none: null })]).toEqual([
      19, 0, 10,
    ])
  })

  test.each<readonly [string, Mask]>([
    ['misses a key', { w: true }],
    ['has another key', { w: true, b: true, c: true }],
    ['has an array for an object', [true]],
    ['goes deeper than the tree', { w: { x: true }, b: true }],
    ['has a number', { w: 1 as never, b: true }],
  ])('refuses a mask that %s', (_, mask) => {
    expect(() => masked(scale(1), mask).init(params)).toThrow(StateError)
    expect(() => masked(scale(1), mask).init(params)).toThrow(/mask: does not fit the tree at/)
  })

  test.prop([someTrees(3), fc.boolean(), fc.boolean()], { numRuns: 20 })(
    'equals the inner transformation of the selected part alone',
    ([start, ...grads], w, b) => {
      const part = (t: Params): Partial<Params> => ({ ...(w ? { w: t.w } : {}), ...(b ? { b: t.b } : {}) })
      const all = train(masked(adam(0.1), { w, b }), start!, grads)
      const alone = train(adam(0.1), part(start!), grads.map(part))
      const expected = {
        w: alone.w ?? grads.reduce((p, g) => p.add(g.w), start!.w),
        b: alone.b ?? grads.reduce((p, g) => p.add(g.b), start!.b),
      }
      expect(numbersOf(all)).toEqual(numbersOf(expected))
    },
  )
})

test('null leaves pass through every transformation', () => {
  const p = { w: zeros([2]), b: null }
  const tx = chain(clipByGlobalNorm(1), addDecayedWeights(0.1), adam(0.1), trace(0.9))
  const [updates] = tx.update({ w: array([1, 1]), b: null as Tensor | null } as never, tx.init(p), p as never)
  expect((updates as { b: null }).b).toBe(null)
})
